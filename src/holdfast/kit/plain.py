"""Text and JSON from outside that can be stored: nothing PostgreSQL refuses, nothing without an end. Pure."""

from __future__ import annotations

import math
import re
from typing import Annotated, Any

import orjson
from pydantic import AfterValidator, StringConstraints

LARGEST_JSON = 64_000
DEEPEST_JSON = 20
_NUL = "\x00"
_SURROGATE = re.compile("[\ud800-\udfff]")


def storable(text: str) -> str:
    """The text, if PostgreSQL can hold it.

    Raises:
        ValueError: it holds a NUL character or half of a surrogate pair.
    """
    if _NUL in text:
        raise ValueError("must not contain NUL characters")
    if _SURROGATE.search(text):
        raise ValueError("must not contain lone surrogates")
    return text


def filled(text: str) -> str:
    """The text without blanks around it.

    Raises:
        ValueError: nothing is left.
    """
    if not text.strip():
        raise ValueError("must not be blank")
    return text.strip()


def plain_json(value: Any) -> Any:
    """A JSON value, if it can be stored and is not larger than 64,000 bytes or 20 levels.

    Raises:
        ValueError: saying what is wrong with it.
    """
    _check(value, 0)
    if len(orjson.dumps(value)) > LARGEST_JSON:
        raise ValueError(f"must not be larger than {LARGEST_JSON} bytes")
    return value


def _check(value: Any, depth: int) -> None:
    if depth > DEEPEST_JSON:
        raise ValueError(f"must not be nested deeper than {DEEPEST_JSON} levels")
    if isinstance(value, str):
        storable(value)
    elif isinstance(value, dict):
        for key, item in value.items():
            storable(key)
            _check(item, depth + 1)
    elif isinstance(value, list):
        for item in value:
            _check(item, depth + 1)
    elif isinstance(value, float) and not math.isfinite(value):
        raise ValueError("must not contain NaN or infinite numbers")
    elif isinstance(value, int) and not -(2**53) <= value <= 2**53:
        raise ValueError("must not contain whole numbers beyond 2^53")


Line = Annotated[str, StringConstraints(max_length=200), AfterValidator(storable)]
"""A short text, such as a name; it may be empty."""
Name = Annotated[str, StringConstraints(max_length=200), AfterValidator(storable), AfterValidator(filled)]
"""A short text that is not blank."""
PlainObject = Annotated[dict[str, Any], AfterValidator(plain_json)]
