"""Objects of a file whose keys have several spellings, and the same objects for files that all spell alike.

An object with every spelling asks several places for each value. Files of one folder mostly spell alike:
a `Dialect` is learnt from one of them, knows exactly the keys that this one has, refuses every other key,
and hence reads to the same values or not at all.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from operator import attrgetter
from types import UnionType
from typing import Any, Union, get_args, get_origin

import msgspec

_FIELDS: dict[type, dict[str, tuple[Any, tuple[str, ...]]]] = {}
"""Of each shape: its fields, each with its type and its spellings."""


def _first(names: tuple[str, ...]) -> Callable[[Any], Any]:
    """The first that is not null; a student's file asks some hundreds of times, hence the short cut."""
    values = attrgetter(*names)

    def of_two(self: Any) -> Any:
        first, second = values(self)
        return second if first is None else first

    def of_many(self: Any) -> Any:
        for value in values(self):
            if value is not None:
                return value
        return None

    return of_two if len(names) == 2 else of_many


def one(*kinds: Any) -> Any:
    """One of some kinds, or null."""
    return Union[(*kinds, None)]  # the kinds are values


def many(*kinds: Any) -> Any:
    """A list of some kinds, or null."""
    return one(list[Union[kinds]])  # type: ignore[valid-type]  # noqa: UP007  # as above


def shape(name: str, /, **fields: tuple[Any, str]) -> Any:
    """An object of a file.

    Args:
        name: of the class.
        fields: for each its type and its spellings, separated by blanks; the first that is not null counts.
    """
    declared: list[tuple[str, Any, Any]] = []
    spellings: dict[str, str] = {}
    namespace: dict[str, Any] = {}
    for field, (kind, spelled) in fields.items():
        words = spelled.split()
        if len(words) == 1:
            declared.append((field, kind, None))
            spellings[field] = words[0]
            continue
        names = tuple(f"{field}_{number}" for number in range(len(words)))
        declared += [(each, kind, None) for each in names]
        spellings |= dict(zip(names, words, strict=True))
        namespace[field] = property(_first(names))
    made = msgspec.defstruct(name, declared, namespace=namespace, rename=spellings, gc=False)
    _FIELDS[made] = {field: (kind, tuple(spelled.split())) for field, (kind, spelled) in fields.items()}
    return made


class Dialect:
    """The shapes with those spellings alone that a document has."""

    def __init__(self, form: Any, document: Any) -> None:
        """Learn it.

        Args:
            form: the shape of the whole document.
            document: as JSON gives it.

        Raises:
            ValueError: the document says one thing in two spellings.
        """
        self._spelled: dict[tuple[type, str], str] = {}
        self._unknown: dict[type, set[str]] = {}
        self._made: dict[type, Any] = {}
        self._learn(form, document)
        self.form = self._shape(form)

    def _learn(self, form: type, document: Any) -> None:
        fields = {word: field for field, (_, words) in _FIELDS[form].items() for word in words}
        for key, value in document.items():
            field = fields.get(key)
            if field is None:
                self._unknown.setdefault(form, set()).add(key)
                continue
            if self._spelled.setdefault((form, field), key) != key:
                raise ValueError(f"{form.__name__}.{field} has two spellings")
            for inner in _shapes_in(_FIELDS[form][field][0]):
                for each in value if isinstance(value, list) else (value,):
                    if isinstance(each, dict):
                        self._learn(inner, each)

    def _shape(self, form: type) -> Any:
        if form not in self._made:
            declared: list[tuple[str, Any, Any]] = []
            spellings: dict[str, str] = {}
            for field, (kind, words) in _FIELDS[form].items():
                declared.append((field, self._kind(kind), None))
                spellings[field] = self._spelled.get((form, field), words[0])
            for number, key in enumerate(sorted(self._unknown.get(form, ()))):
                declared.append((f"unknown_{number}", msgspec.Raw, msgspec.Raw()))
                spellings[f"unknown_{number}"] = key
            self._made[form] = msgspec.defstruct(
                form.__name__, declared, rename=spellings, gc=False, forbid_unknown_fields=True
            )
        return self._made[form]

    def _kind(self, kind: Any) -> Any:
        if kind in _FIELDS:
            return self._shape(kind)
        if get_origin(kind) is list:
            return list[self._kind(get_args(kind)[0])]  # type: ignore[misc]  # the kind is a value
        if get_origin(kind) in (Union, UnionType):
            return Union[tuple(self._kind(each) for each in get_args(kind))]  # noqa: UP007  # as above
        return kind


def _shapes_in(kind: Any) -> Iterator[type]:
    if isinstance(kind, type) and kind in _FIELDS:
        yield kind
    for inner in get_args(kind):
        yield from _shapes_in(inner)
