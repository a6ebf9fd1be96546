"""Text without what hides a name in it: case, diacritics, compatibility forms, invisible characters."""

from __future__ import annotations

import unicodedata

_LATIN = {
    "ø": "o", "ł": "l", "đ": "d", "ð": "d", "þ": "th", "æ": "ae", "œ": "oe", "\u0131": "i",
    "ħ": "h", "ŧ": "t",
    "ə": "e", "ŋ": "n",
}  # fmt: skip
"""Letters that Unicode does not take apart."""


class _Folded(dict[int, str]):
    """What each character becomes, found out once."""

    def __missing__(self, code: int) -> str:
        taken_apart = unicodedata.normalize("NFKD", unicodedata.normalize("NFKD", chr(code)).casefold())
        kept = "".join(_LATIN.get(c, c) for c in taken_apart if _is_seen(c))
        self[code] = kept
        return kept


def _is_seen(character: str) -> bool:
    category = unicodedata.category(character)
    return (category[0] != "M" and category not in {"Cf", "Cc", "Cs"}) or character in "\t\n\r"


_TABLE = _Folded()


def fold(text: str) -> str:
    """The text as names are looked for in it."""
    return text.translate(_TABLE) if not text.isascii() or not text.isprintable() else text.lower()


def origins(text: str) -> list[int] | None:
    """Where each character of the folded text ends in the text; none where both agree in every place."""
    if text.isascii() and text.isprintable():
        return None
    ends: list[int] = []
    for position, character in enumerate(text):
        ends += [position] * len(_TABLE[ord(character)])
    return ends


_WITHOUT_SPACES = ("CJK", "HIRAGANA", "KATAKANA", "HANGUL", "THAI", "LAO ", "KHMER", "MYANMAR")


def needs_no_boundary(name: str) -> bool:
    """Whether words are written without spaces, or with endings, in the script of a name."""
    return any(unicodedata.name(c, "").startswith(_WITHOUT_SPACES) for c in name)


def letters_of(name: str) -> list[str]:
    """The parts of a name: runs of letters with their marks."""
    marks = (c if c.isalpha() or unicodedata.category(c)[0] == "M" else " " for c in name)
    return "".join(marks).split()
