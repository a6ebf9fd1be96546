"""Which formats there are; apart, so that whoever only names them need not load what writes them."""

from __future__ import annotations

from typing import Literal, get_args

from holdfast.kit.errors import InvalidInput

Format = Literal["csv", "excel", "spss", "stata"]
FORMATS: tuple[Format, ...] = get_args(Format)
"""Parquet and the codebook are in every bundle: the stages read them."""


def formats_in(text: str) -> frozenset[Format]:
    """Formats from a list with commas; ``all`` is every one, ``none`` only Parquet and the codebook.

    Raises:
        InvalidInput: a name that is none.
    """
    names = {part.strip().lower() for part in text.split(",") if part.strip()}
    if names == {"all"}:
        return frozenset(FORMATS)
    if names == {"none"}:
        return frozenset()
    strange = sorted(names - set(FORMATS))
    if strange or not names:
        known = ", ".join((*FORMATS, "all", "none"))
        raise InvalidInput(
            f"{', '.join(strange) or 'nothing'} is no format; there are {known}", field="formats"
        )
    return frozenset(name for name in FORMATS if name in names)
