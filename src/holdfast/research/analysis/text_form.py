"""Frozen dataclasses as JSON text and back: field order, full precision, no NaN."""

from __future__ import annotations

import dataclasses
import json
import types
from collections.abc import Mapping
from enum import Enum
from typing import Any, TypeVar, Union, get_args, get_origin, get_type_hints

from holdfast.kit.errors import InvalidInput

T = TypeVar("T")


def write(value: Any) -> str:
    """The text of a dataclass; mappings are sorted by key.

    Raises:
        ValueError: a number in it is not finite.
    """
    return json.dumps(plain(value), ensure_ascii=False, allow_nan=False, indent=1) + "\n"


def plain(value: Any) -> Any:
    """The same as dicts, lists and scalars, in a fixed order."""
    if dataclasses.is_dataclass(value):
        return {one.name: plain(getattr(value, one.name)) for one in dataclasses.fields(value)}
    if isinstance(value, Enum):
        return value.value
    if isinstance(value, Mapping):
        return {key: plain(value[key]) for key in sorted(value)}
    if isinstance(value, tuple | list):
        return [plain(item) for item in value]
    return value


def read(kind: type[T], text: str, expected: int) -> T:
    """The dataclass that a text of ``write`` describes.

    Raises:
        InvalidInput: it is not JSON, of another format number, or does not fit.
    """
    try:
        document = json.loads(text)
        if not isinstance(document, dict) or document.get("format") != expected:
            raise InvalidInput(f"not results of format {expected}", field="format")
        made: T = _typed(kind, document)
    except (json.JSONDecodeError, TypeError, KeyError, ValueError) as error:
        raise InvalidInput(f"not the results of an analysis: {error}") from error
    return made


def _typed(kind: Any, value: Any) -> Any:
    origin = get_origin(kind)
    if origin in {Union, types.UnionType}:
        return _of_union(get_args(kind), value)
    if dataclasses.is_dataclass(kind):
        hints = get_type_hints(kind)
        made: Any = kind
        return made(**{name: _typed(hints[name], item) for name, item in value.items()})
    if origin is tuple:
        return _of_tuple(get_args(kind), value)
    if origin is not None and issubclass(origin, Mapping):
        return {key: _typed(get_args(kind)[1], item) for key, item in value.items()}
    if isinstance(kind, type) and issubclass(kind, Enum):
        return kind(value)
    return float(value) if kind is float else value


def _of_union(kinds: tuple[Any, ...], value: Any) -> Any:
    if value is None:
        return None
    rest = [kind for kind in kinds if kind is not type(None)]
    return _typed(rest[0], value) if len(rest) == 1 else value


def _of_tuple(kinds: tuple[Any, ...], value: Any) -> Any:
    if len(kinds) == 2 and kinds[1] is Ellipsis:
        return tuple(_typed(kinds[0], item) for item in value)
    return tuple(_typed(kind, item) for kind, item in zip(kinds, value, strict=True))
