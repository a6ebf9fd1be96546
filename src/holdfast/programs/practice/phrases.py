"""Topics, words and areas as they are spelled and as they are counted.

Counting ignores case, surrounding and doubled spaces, and how accents are encoded; what is shown keeps
its spelling, because a learner of German must see "Hund".
"""

from __future__ import annotations

import unicodedata
from collections.abc import Iterable
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Phrases:
    """Phrases of one kind in one session, side by side: `keys` are counted, `spelled` is shown."""

    keys: tuple[str, ...]
    spelled: tuple[str, ...]


def spelling(phrase: str) -> str:
    """The phrase with composed characters (NFC) and single spaces.

    Raises:
        ValueError: it is blank, or holds control characters or halves of a character pair.
    """
    if any(
        unicodedata.category(character) in {"Cc", "Cs"} for character in phrase if not character.isspace()
    ):
        raise ValueError("must not hold control characters or lone surrogates")
    spelled = " ".join(unicodedata.normalize("NFC", phrase).split())
    if not spelled:
        raise ValueError("must not be blank")
    return spelled


def key_of(spelled: str) -> str:
    """What phrases that count as one have in common: their case folded (Unicode 3.13, D145)."""
    return unicodedata.normalize("NFC", spelled.casefold())


def phrases(given: Iterable[str]) -> Phrases:
    """Each phrase once, at its first place and in its first spelling."""
    first: dict[str, str] = {}
    for spelled in given:
        first.setdefault(key_of(spelled), spelled)
    return Phrases(tuple(first), tuple(first.values()))


def by_key(ratings: Iterable[tuple[str, int]]) -> dict[str, int]:
    """Ratings by what is counted; of two for one word the lower, for what was hard once needs practice."""
    found: dict[str, int] = {}
    for spelled, rating in ratings:
        key = key_of(spelled)
        found[key] = min(rating, found.get(key, rating))
    return found
