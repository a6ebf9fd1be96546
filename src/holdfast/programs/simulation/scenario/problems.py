"""Validation errors as sentences an author can act on, each with line, column and field."""

from __future__ import annotations

import difflib
import re
from collections.abc import Iterator
from dataclasses import asdict, dataclass
from typing import Any

from pydantic import ValidationError
from pydantic_core import ErrorDetails

from holdfast.programs.simulation.scenario import publishing
from holdfast.programs.simulation.scenario.notation import Path, Reading


@dataclass(frozen=True, slots=True)
class Problem:
    """One thing that is wrong; line and column count from 1, `field` is a dotted path."""

    line: int
    column: int
    field: str
    message: str

    def as_dict(self) -> dict[str, Any]:
        """The problem for the `details` of an error."""
        return asdict(self)


def problems_of(error: ValidationError, reading: Reading) -> list[Problem]:
    """Every problem of a failed validation, in the order of the file; one per place and message."""
    found: dict[tuple[Path, str], None] = {}
    for detail in error.errors(include_url=False):
        for path, message in _described(detail, reading):
            found.setdefault((path, message), None)
    problems = []
    for path, message in found:
        position = reading.position(path)
        problems.append(Problem(position.line, position.column, dotted(path), message))
    return sorted(problems, key=lambda problem: (problem.line, problem.column))


def dotted(path: Path) -> str:
    """A path as text: ``treatments.oxygen.doses[0].unit``."""
    text = ""
    for step in path:
        text += f"[{step}]" if isinstance(step, int) else f".{step}" if text else step
    return text


def _described(detail: ErrorDetails, reading: Reading) -> Iterator[tuple[Path, str]]:
    path = _located(detail["loc"], reading.data)
    if detail["type"] == "value_error" and not path:
        for sentence in detail["msg"].removeprefix("Value error, ").split("; "):
            place, _, message = sentence.partition(": ")
            yield _referenced(place, message, reading.data), message
        return
    yield path, _sentence(detail, path)


def _located(loc: tuple[str | int, ...], data: Any) -> Path:
    """The part of an error's location that stands in the file, and the key that is missing there.

    The location also names branches of a union and the mark ``[key]``; these are no part of a file.
    """
    path: list[str | int] = []
    for index, step in enumerate(loc):
        in_list = isinstance(data, list) and isinstance(step, int) and step < len(data)
        if in_list or (isinstance(data, dict) and step in data):
            data = data[step]
            path.append(step)
        elif isinstance(data, dict) and index == len(loc) - 1 and step != "[key]":
            path.append(step)
    return tuple(path)


_SENTENCES = {
    "missing": "is missing",
    "string_pattern_mismatch": "must be a lower-case name: letters, digits, '_', '.', '-' (80 at most)",
    "string_too_short": "must not be empty",
    "model_type": "must be a mapping of keys to values",
    "model_attributes_type": "must be a mapping of keys to values",
    "dict_type": "must be a mapping of keys to values",
    "tuple_type": "must be a list",
    "float_type": "must be a number",
    "float_parsing": "must be a number",
    "int_type": "must be a whole number",
    "int_parsing": "must be a whole number",
}


def _sentence(detail: ErrorDetails, path: Path) -> str:
    kind = detail["type"]
    if kind in _SENTENCES:
        return _SENTENCES[kind]
    if kind == "string_type":
        given = detail["input"]
        if isinstance(given, bool | int | float):
            return "must be text: put it in quotes"
        return "must be text" if given is not None else "must not be empty"
    if kind == "extra_forbidden":
        near = difflib.get_close_matches(str(path[-1]), _known_keys(path[:-1]), n=1)
        return (
            f"is not a key of the format; did you mean '{near[0]}'?" if near else "is not a key of the format"
        )
    message = detail["msg"].removeprefix("Value error, ")
    return re.sub(r"^(Input|Value|String) should (be|have)", r"must \2", message)


def _known_keys(path: Path) -> list[str]:
    """The keys that the format knows at `path`, from the published schema."""
    schema = publishing.json_schema()
    parts = [schema]
    for step in path:
        parts = [inner for part in parts for inner in _inside(part, step, schema)]
    return sorted({key for part in parts for key in _unfolded(part, schema).get("properties", {})})


def _inside(part: dict[str, Any], step: str | int, schema: dict[str, Any]) -> Iterator[dict[str, Any]]:
    part = _unfolded(part, schema)
    for choice in part.get("anyOf", ()):
        yield from _inside(choice, step, schema)
    if isinstance(step, int) and isinstance(part.get("items"), dict):
        yield part["items"]
    elif isinstance(step, str) and step in part.get("properties", {}):
        yield part["properties"][step]
    elif isinstance(step, str) and isinstance(part.get("additionalProperties"), dict):
        yield part["additionalProperties"]


def _unfolded(part: dict[str, Any], schema: dict[str, Any]) -> dict[str, Any]:
    while "$ref" in part:
        part = schema["$defs"][part["$ref"].rsplit("/", 1)[1]]
    choices = [choice for choice in part.get("anyOf", ()) if "$ref" in choice]
    return _unfolded(choices[0], schema) if len(choices) == 1 else part


def _referenced(place: str, message: str, data: Any) -> Path:
    """The path of a broken reference: from the place that the model names to the very word."""
    path, value = _descend(place, data)
    quoted = re.search(r"'([^']*)'", message)
    return path + _search(value, quoted.group(1)) if quoted else path


def _descend(place: str, data: Any) -> tuple[Path, Any]:
    path: list[str | int] = []
    while place:
        for step, rest in _steps(place, data):
            path.append(step)
            data, place = data[step], rest
            break
        else:
            break
    return tuple(path), data


def _steps(place: str, data: Any) -> Iterator[tuple[str | int, str]]:
    """The step that `place` begins with, and the rest; names may hold dots, the longest wins."""
    index = re.match(r"\[(\d+)\]\.?", place)
    if isinstance(data, list) and index and int(index.group(1)) < len(data):
        yield int(index.group(1)), place[index.end() :]
    elif isinstance(data, list):
        for number, item in enumerate(data):
            name = str(item.get("id")) if isinstance(item, dict) else ""
            if place == name or place.startswith(f"{name}."):
                yield number, place[len(name) + 1 :]
    elif isinstance(data, dict):
        for key in sorted(data, key=len, reverse=True):
            if place == key or place.startswith((f"{key}.", f"{key}[")):
                rest = place[len(key) :]
                yield key, rest.removeprefix(".")


def _search(value: Any, name: str) -> Path:
    """The path from `value` to the scalar `name` inside it; empty when it does not stand there."""
    items: Iterator[tuple[str | int, Any]] = iter(())
    if isinstance(value, dict):
        items = iter(value.items())
    elif isinstance(value, list):
        items = iter(enumerate(value))
    for key, item in items:
        if item == name:
            return (key,)
        below = _search(item, name)
        if below:
            return (key, *below)
    return ()
