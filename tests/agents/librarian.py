"""A persona for tests that has nothing to do with any program, and what the tests ask about speech."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from contextlib import aclosing
from dataclasses import dataclass, field, replace
from typing import Literal

from pydantic import BaseModel, Field

from holdfast.agents.gateway import Gateway
from holdfast.agents.provider import ProviderGateway
from holdfast.agents.speech import Draft, Line, Persona, Proposal, Restart, Speech, Tool, Utterance
from holdfast.kit.errors import InvalidInput

KEY = "sk-test-0123456789-never-shown"

Opener = Callable[..., ProviderGateway]


class Ask(BaseModel):
    """Which book to fetch."""

    title: str = Field(max_length=40)
    shelf: Literal["upper", "lower"] = "upper"


FETCH = Tool("fetch_book", "Fetch a book from the shelf.", Ask)


@dataclass(frozen=True)
class Actor:
    """A librarian who must not say where the key is."""

    name: str = "Librarian"
    instructions: str = "You keep a small library and speak in short sentences."
    history: Sequence[Line] = (Line("student", "Good morning"),)
    tools: Sequence[Tool] = (FETCH,)
    forbidden: Sequence[str] = ("brass key", "cellar")
    said: str = "Good morning. What are you looking for? I have not been asked such a thing in years."
    answered: list[Proposal] = field(default_factory=list)

    def script(self) -> str:
        return self.said

    def answer_tool(self, proposal: Proposal) -> str:
        if proposal.arguments["title"] == "Nothing":
            raise InvalidInput("There is no such book.", field="title")
        self.answered.append(proposal)
        return f"{proposal.arguments['title']} is here."

    def asked(self, text: str) -> Actor:
        return replace(self, history=(Line("student", text),))


class Stopwatch:
    """Sleeps that pass at once and are written down."""

    def __init__(self) -> None:
        self.pauses: list[float] = []

    async def sleep(self, seconds: float) -> None:
        self.pauses.append(seconds)


async def heard(gateway: Gateway, persona: Persona) -> list[Utterance]:
    """All that a stream gives."""
    async with aclosing(gateway.stream(persona)) as stream:
        return [utterance async for utterance in stream]


def speech_of(utterances: Sequence[Utterance]) -> Speech:
    """The speech at the end; fails where there is not exactly one."""
    speeches = [utterance for utterance in utterances if isinstance(utterance, Speech)]
    assert len(speeches) == 1
    assert utterances[-1] is speeches[0]
    return speeches[0]


def shown(utterances: Sequence[Utterance]) -> str:
    """What a client that clears at restarts has on its page in the end."""
    page = ""
    for utterance in utterances:
        if isinstance(utterance, Restart):
            page = ""
        elif isinstance(utterance, Draft):
            page += utterance.text
    return page


def ever_shown(utterances: Sequence[Utterance]) -> str:
    """Every draft that went out, void or not."""
    return "".join(utterance.text if isinstance(utterance, Draft) else "|" for utterance in utterances[:-1])
