"""The text of one reply while it grows: what is held back, what goes out, what a new beginning voids."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from holdfast.agents.sieve import Sieve
from holdfast.agents.speech import Draft, Fallback, Restart


class Reply:
    """One reply, made in one or more rounds: a model may speak, call tools and speak on.

    Attributes:
        refused: whether the provider or the model declined to answer.
    """

    def __init__(self, forbidden: Sequence[str]) -> None:
        self._forbidden = forbidden
        self._sieve = Sieve(forbidden)
        self._raw = ""
        self._settled = ""
        self.refused = False

    @property
    def text(self) -> str:
        """All that was said, without white space at either end."""
        return self._raw.strip()

    @property
    def withheld(self) -> bool:
        """Whether something forbidden was said."""
        return self._sieve.found

    @property
    def trouble(self) -> Fallback | None:
        """Why this cannot be the answer, else None."""
        if self.withheld:
            return "forbidden"
        if self.refused:
            return "refused"
        return None if self.text else "empty"

    def say(self, piece: str) -> Iterator[Draft]:
        """Take a further piece; drafts of what may go out now."""
        if self._raw == self._settled:
            piece = piece.lstrip()
            if piece and self._settled:
                piece = f"\n\n{piece}"
        self._raw += piece
        yield from _drafts(self._sieve.push(piece))

    def next_round(self) -> None:
        """What was said so far stays, whatever happens to the next answer."""
        self._settled = self._raw

    def restart(self) -> Iterator[Draft | Restart]:
        """The answer in progress is void; the rounds before it are not."""
        self._sieve = Sieve(self._forbidden)
        self._raw = self._settled
        yield Restart()
        yield from _drafts(self._sieve.push(self._settled))

    def close(self) -> Iterator[Draft]:
        """The reply is whole; the last drafts."""
        yield from _drafts(self._sieve.close())


def _drafts(text: str) -> Iterator[Draft]:
    if text:
        yield Draft(text)
