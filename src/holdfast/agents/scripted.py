"""The agent without a model: says the persona's script, offline and always alike."""

from __future__ import annotations

import re
from collections.abc import AsyncGenerator, Iterator
from typing import TypeVar

from pydantic import BaseModel

from holdfast.agents.asking import Answered, Question
from holdfast.agents.speech import Draft, Persona, Speech, Utterance

Form = TypeVar("Form", bound=BaseModel)

WORDS_PER_DRAFT = 4
"""Few enough that a page visibly fills, many enough that a reply is not a hundred events."""

_WORD = re.compile(r"\s*\S+\s*")


class ScriptedGateway:
    """Speaks every persona's own script; waits for nothing and asks nobody."""

    async def stream(self, persona: Persona) -> AsyncGenerator[Utterance, None]:
        """The script in groups of words, then the speech."""
        text = persona.script()
        for group in word_groups(text):
            yield Draft(group)
        yield Speech(text)

    async def speak(self, persona: Persona) -> Speech:
        """The script at once."""
        return Speech(persona.script())

    async def ask(self, question: Question[Form]) -> Answered[Form]:
        """The script's answer."""
        return Answered(question.script())

    async def aclose(self) -> None:
        """Nothing is held."""


def word_groups(text: str, size: int = WORDS_PER_DRAFT) -> Iterator[str]:
    """The text in pieces of up to `size` words; joined they are the text again, white space and all."""
    words = _WORD.findall(text)
    for start in range(0, len(words), size):
        yield "".join(words[start : start + size])
