"""Actions, occurrences and states as rows hold them, and back: every field survives the way."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import fields
from typing import Any, Protocol, get_args

import orjson

from holdfast.kit.errors import InvalidInput
from holdfast.programs.simulation.engine import RunState
from holdfast.programs.simulation.engine.facts import Action, Occurrence


class Columns(Protocol):
    """A row: a mapping or a record of the database."""

    def __getitem__(self, name: str, /) -> Any:
        """The value of a column."""
        ...


_SUBJECTS = ("treatment", "finding", "item", "decision", "challenge", "state", "outcome")
"""The field that says what an occurrence is about; the first that a type has."""


def _snake(name: str) -> str:
    return re.sub(r"(?<!^)(?=[A-Z])", "_", name).lower()


TYPES: dict[str, type[Any]] = {_snake(kind.__name__): kind for kind in get_args(Occurrence)}
"""Every type of occurrence by the name it is stored under, such as ``treatment_given``."""
_NAMES = {kind: name for name, kind in TYPES.items()}
_FIELDS = {kind: tuple(f.name for f in fields(kind)) for kind in TYPES.values()}
_SUBJECT_OF = {
    kind: next(s for s in _SUBJECTS if s in {f.name for f in fields(kind)}) for kind in TYPES.values()
}
_TUPLES = {kind: {f.name for f in fields(kind) if "tuple" in str(f.type)} for kind in TYPES.values()}


def type_name(occurrence: Occurrence) -> str:
    """The name an occurrence is stored under."""
    return _NAMES[type(occurrence)]


def subject_of(occurrence: Occurrence) -> str:
    """The treatment, finding, decision, challenge, item, state or outcome that it is about."""
    return str(getattr(occurrence, _SUBJECT_OF[type(occurrence)]))


def occurrence_row(ordinal: int, occurrence: Occurrence) -> dict[str, Any]:
    """The columns of an occurrence."""
    kind = type(occurrence)
    return {
        "ordinal": ordinal,
        "at_s": occurrence.at_s,
        "type": _NAMES[kind],
        "subject": subject_of(occurrence),
        "detail": {name: getattr(occurrence, name) for name in _FIELDS[kind]},
    }


def occurrence_of(type_: str, detail: Mapping[str, Any]) -> Occurrence:
    """The occurrence that a row holds.

    Raises:
        InvalidInput: a type or fields that this version does not know.
    """
    try:
        kind = TYPES[type_]
        values = {k: tuple(v) if k in _TUPLES[kind] else v for k, v in detail.items()}
        occurrence: Occurrence = kind(**values)
    except (KeyError, TypeError) as error:
        raise InvalidInput(f"this is not a stored occurrence of type {type_!r}: {error}") from error
    return occurrence


def occurrences_of(rows: Iterable[Columns]) -> tuple[Occurrence, ...]:
    """The occurrences of some rows, in the order of the rows."""
    return tuple(occurrence_of(row["type"], row["detail"]) for row in rows)


def action_row(ordinal: int, batch: int, at_s: float, action: Action) -> dict[str, Any]:
    """The columns of an action."""
    values = {name: getattr(action, name) for name in _ACTION_FIELDS}
    return values | {"phrases": list(action.phrases), "ordinal": ordinal, "batch": batch, "at_s": at_s}


_ACTION_FIELDS = tuple(field.name for field in fields(Action))


def action_of(row: Columns) -> Action:
    """The action that a row holds."""
    values = {name: row[name] for name in _ACTION_FIELDS}
    return Action(**values | {"phrases": tuple(row["phrases"])})


class Documented(Protocol):
    """What can be written down as plain JSON values."""

    def to_json(self) -> dict[str, Any]:
        """The values."""
        ...


def state_text(state: Documented) -> str:
    """A run's state as its column holds it."""
    return orjson.dumps(state.to_json()).decode()


def state_of(text: str) -> RunState:
    """The state that `state_text` wrote.

    Raises:
        InvalidInput: it is of another engine version, or no run state at all.
    """
    try:
        document = orjson.loads(text)
    except orjson.JSONDecodeError as error:
        raise InvalidInput(f"This is not a run state: {error}.") from error
    return RunState.from_json(document)


def batches(rows: Iterable[Columns]) -> list[tuple[float, tuple[Action, ...]]]:
    """Actions as the engine replays them: (clinical seconds, the actions of one command), in order."""
    log: dict[int, tuple[float, list[Action]]] = {}
    for row in rows:
        log.setdefault(row["batch"], (row["at_s"], []))[1].append(action_of(row))
    return [(at_s, tuple(actions)) for _, (at_s, actions) in sorted(log.items())]
