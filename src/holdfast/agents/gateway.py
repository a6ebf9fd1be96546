"""The one door to whatever speaks, and the failure to speak."""

from __future__ import annotations

from collections.abc import AsyncGenerator
from typing import Protocol, TypeVar

from pydantic import BaseModel

from holdfast.agents.asking import Answered, Question
from holdfast.agents.speech import Persona, Speech, Usage, Utterance
from holdfast.kit.errors import AgentUnavailable

Form = TypeVar("Form", bound=BaseModel)


class Silence(AgentUnavailable):
    """No model answered. The message is fit for a student; what happened in detail is in the log.

    Attributes:
        usage: what the vain attempts took, for the ledger.
    """

    def __init__(self, usage: Usage, *, retry_after_s: float | None = None) -> None:
        super().__init__(
            "The conversation partner does not answer just now. What you said is saved; please try again."
        )
        if retry_after_s is not None:
            self.details["retry_after_s"] = retry_after_s
        self.usage = usage


class Gateway(Protocol):
    """Lets a persona speak. Safe to share between tasks; holds nothing of any conversation."""

    def stream(self, persona: Persona) -> AsyncGenerator[Utterance, None]:
        """Drafts as they come, restarts where they were void, and last of all the one `Speech`.

        Whoever stops early closes the generator (`contextlib.aclosing`), which hangs up on the provider.

        Raises:
            Silence: no model answered in the attempts and the time allowed.
        """
        ...

    async def speak(self, persona: Persona) -> Speech:
        """The whole reply at once.

        Raises:
            Silence: no model answered in the attempts and the time allowed.
        """
        ...

    async def ask(self, question: Question[Form]) -> Answered[Form]:
        """A form filled in, by the model or by the question's script.

        Raises:
            Silence: no model answered in the attempts and the time allowed.
        """
        ...

    async def aclose(self) -> None:
        """Give back connections; the gateway is not used afterwards."""
        ...
