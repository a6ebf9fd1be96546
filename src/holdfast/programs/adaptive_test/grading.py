"""Grading: the server compares the option with the key; a finished 0 or 1 counts from staff only. Pure."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from holdfast.kit.errors import InvalidInput, NotAllowed


@dataclass(frozen=True, slots=True)
class Grade:
    """What an answer is worth.

    Attributes:
        right: whether it counts as correct.
        chosen: the option; none when somebody else graded.
        graded_by: `server` or `caller`.
    """

    right: bool
    chosen: str | None
    graded_by: str

    @property
    def response(self) -> int:
        """The seed's 1 or 0."""
        return int(self.right)


def grade(response: str | int, options: Sequence[str], correct: str, *, trusted: bool) -> Grade:
    """The grade of an answer.

    Args:
        response: the option that was chosen, or 0 or 1 from a role that may grade.
        options: those of the question.
        correct: the right one.
        trusted: whether the caller may grade.

    Raises:
        InvalidInput: an option that the question does not have, or a number other than 0 and 1.
        NotAllowed: a graded answer from somebody who may not grade.
    """
    if isinstance(response, str):
        if response not in options:
            raise InvalidInput("is none of the question's options", field="response")
        return Grade(response == correct, response, "server")
    if not trusted:
        raise NotAllowed("send the option that was chosen; the server grades")
    if response not in {0, 1}:
        raise InvalidInput("must be an option, 0 or 1", field="response")
    return Grade(response == 1, None, "caller")
