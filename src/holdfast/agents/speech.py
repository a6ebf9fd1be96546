"""What a program and an agent exchange: the persona that goes in, the pieces of speech that come out."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Literal, Protocol

from pydantic import BaseModel

Fallback = Literal["forbidden", "empty", "refused"]
"""Why the script spoke in the model's place: it said what it must not, said nothing, or declined to
answer."""


@dataclass(frozen=True, slots=True)
class Line:
    """One thing said in the conversation so far, by the student or by this agent."""

    role: Literal["student", "agent"]
    text: str


@dataclass(frozen=True, slots=True)
class Tool:
    """Something the model may propose to do.

    Attributes:
        name: as the model calls it: letters, digits and underscores, at most 64.
        description: one or two sentences for the model: what it does and when to use it.
        arguments: the shape that a call must have; a call that does not fit is explained to the model, not
            passed on.
    """

    name: str
    description: str
    arguments: type[BaseModel]


@dataclass(frozen=True, slots=True)
class Proposal:
    """A tool call with arguments that fit the tool's model, as JSON values. Nothing has been done yet."""

    tool: str
    arguments: dict[str, Any]


@dataclass(frozen=True, slots=True)
class Usage:
    """What one speech took, all its requests together.

    Attributes:
        provider: ``anthropic`` or ``openai``.
        model: the model's name as configured.
        input_tokens: tokens read, cached ones included; those of answers that broke off are counted too.
        output_tokens: tokens written.
        cached_tokens: the part of `input_tokens` that the provider read from its cache.
        latency_s: seconds from the first request to the end of the last, waits between attempts included.
        attempts: HTTP requests made: rounds of tool use, repeats after failures and second askings.
    """

    provider: str
    model: str
    input_tokens: int
    output_tokens: int
    cached_tokens: int
    latency_s: float
    attempts: int


@dataclass(frozen=True, slots=True)
class Draft:
    """A further piece of a reply that is still being made; never to be stored."""

    text: str


@dataclass(frozen=True, slots=True)
class Restart:
    """The drafts so far are void: clear them, the reply begins again."""


@dataclass(frozen=True, slots=True)
class Speech:
    """A whole reply.

    Attributes:
        text: what is said; equal to the drafts since the last restart, without white space at either end.
        proposals: tools the model called on the way, in order; empty when the script spoke.
        usage: what it took; None where no model was asked.
        source: whether a model or the persona's script wrote the text.
        fallback: why the script spoke although a model was asked, else None.
    """

    text: str
    proposals: tuple[Proposal, ...] = ()
    usage: Usage | None = None
    source: Literal["model", "script"] = "script"
    fallback: Fallback | None = None


Utterance = Draft | Restart | Speech


class Persona(Protocol):
    """One agent at one moment of one conversation."""

    @property
    def name(self) -> str:
        """Who speaks, for the prompt and the ledger."""
        ...

    @property
    def instructions(self) -> str:
        """The role and everything this agent may know, and nothing else.

        What is not in here cannot be talked out of the model.
        """
        ...

    @property
    def history(self) -> Sequence[Line]:
        """What was said so far, oldest first; the program chooses how far back it goes."""
        ...

    @property
    def tools(self) -> Sequence[Tool]:
        """What the model may propose."""
        ...

    @property
    def forbidden(self) -> Sequence[str]:
        """Words and phrases that must not occur in a model's reply; each form that matters is listed."""
        ...

    def script(self) -> str:
        """The offline answer to the last line: pure, not empty, the same for the same persona."""
        ...

    def answer_tool(self, proposal: Proposal) -> str:
        """What the model is told about its call, from facts known already. Pure: nothing is changed here.

        Raises:
            HoldfastError: the call makes no sense; the model reads the message and the proposal is dropped.
        """
        ...
