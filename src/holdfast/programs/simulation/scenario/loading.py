"""Scenario files in and out: YAML with errors by line and field, canonical JSON, content hash.

A run is played from the canonical form, whose keys are sorted: whatever the engine does may not
depend on the order in which an author wrote treatments or findings down.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from typing import Any

from pydantic import BaseModel, ValidationError

from holdfast.kit.errors import InvalidInput
from holdfast.programs.simulation.scenario import notation
from holdfast.programs.simulation.scenario.conditions import Condition
from holdfast.programs.simulation.scenario.model import FORMAT, Scenario
from holdfast.programs.simulation.scenario.problems import Problem, problems_of


class ScenarioErrors(InvalidInput):
    """A scenario is wrong. `details["problems"]` lists line, column, field and message of each."""

    def __init__(self, source: str, problems: list[Problem]) -> None:
        first = problems[0]
        rest = f" (and {len(problems) - 1} more)" if len(problems) > 1 else ""
        where = (
            f"{source}, line {first.line}: {first.field}: "
            if first.field
            else f"{source}, line {first.line}: "
        )
        super().__init__(f"{where}{first.message}{rest}")
        self.details = {"source": source, "problems": [problem.as_dict() for problem in problems]}

    def __str__(self) -> str:
        lines = [f"{self.details['source']}: {len(self.details['problems'])} problem(s)"]
        for problem in self.details["problems"]:
            field = f"{problem['field']}: " if problem["field"] else ""
            lines.append(f"  line {problem['line']}, column {problem['column']}: {field}{problem['message']}")
        return "\n".join(lines)


def parse(text: str | bytes, *, source: str) -> Scenario:
    """Read a scenario from YAML.

    Args:
        text: the file's content; bytes must be UTF-8, at most 2 MB.
        source: the name to use in messages.

    Raises:
        ScenarioErrors: every problem with line, column, field and what to do.
    """
    try:
        reading = notation.read(text)
    except notation.Unreadable as error:
        place = error.position
        field = ".".join(str(step) for step in error.path)
        raise ScenarioErrors(source, [Problem(place.line, place.column, field, error.message)]) from None
    _refuse_other_formats(reading, source)
    try:
        return Scenario.model_validate(reading.data)
    except ValidationError as error:
        raise ScenarioErrors(source, problems_of(error, reading)) from None


def _refuse_other_formats(reading: notation.Reading, source: str) -> None:
    data = reading.data
    if not isinstance(data, dict):
        raise ScenarioErrors(
            source, [Problem(1, 1, "", f"a scenario is a mapping that begins 'format: {FORMAT}'")]
        )
    if "format" in data:
        return
    hint = "; an older JSON blueprint is brought in by importing it" if "scenario_id" in data else ""
    raise ScenarioErrors(source, [Problem(1, 1, "format", f"is missing: write 'format: {FORMAT}'{hint}")])


def canonical(scenario: Scenario) -> bytes:
    """The one JSON text of a scenario: sorted keys, no spaces, UTF-8.

    What states nothing (null, empty lists) is left out, so that a later format that adds an optional
    field leaves old hashes as they are; default values that state something are written out, so that a
    later format that changes a default leaves stored scenarios as they were.
    """
    plain = _plain(scenario, drop_defaults=False)
    try:
        text = json.dumps(plain, sort_keys=True, separators=(",", ":"), ensure_ascii=False, allow_nan=False)
    except ValueError:
        raise InvalidInput("a number in the scenario is infinite or not a number") from None
    return text.encode()


def content_hash(scenario: Scenario) -> str:
    """SHA-256 of the canonical JSON, 64 hexadecimal digits."""
    return hashlib.sha256(canonical(scenario)).hexdigest()


def from_canonical(stored: bytes | str | Mapping[str, Any]) -> Scenario:
    """The scenario that `canonical` wrote, from its bytes or from the JSON already read.

    Raises:
        InvalidInput: it is not one.
    """
    try:
        data = json.loads(stored) if isinstance(stored, bytes | str) else stored
        return Scenario.model_validate(data)
    except ValidationError as error:
        first = error.errors()[0]
        field = ".".join(str(step) for step in first["loc"]) or None
        raise InvalidInput(f"the stored scenario is not valid: {first['msg']}", field=field) from None
    except (ValueError, RecursionError):
        raise InvalidInput("the stored scenario is not JSON") from None


def dump_yaml(scenario: Scenario) -> str:
    """Write a scenario as YAML for people: the model's order, nothing that is empty or a default.

    `parse` reads the same scenario back.
    """
    return notation.write(_plain(scenario, drop_defaults=True))


def _plain(value: Any, *, drop_defaults: bool) -> Any:
    if isinstance(value, BaseModel):
        return _plain_model(value, drop_defaults=drop_defaults)
    if isinstance(value, Mapping):
        return {str(key): _plain(item, drop_defaults=drop_defaults) for key, item in value.items()}
    if isinstance(value, tuple | list):
        return [_plain(item, drop_defaults=drop_defaults) for item in value]
    if isinstance(value, float) and value.is_integer() and abs(value) < 2**53:
        return int(value)  # one spelling for one number: 60, never 60.0
    return str(value) if isinstance(value, str) else value


def _plain_model(model: BaseModel, *, drop_defaults: bool) -> dict[str, Any]:
    fields = type(model).model_fields
    stated: dict[str, Any] = {}
    for name, info in fields.items():
        value = getattr(model, name)
        plain = _plain(value, drop_defaults=drop_defaults)
        empty = plain is None or plain in ([], {})
        default = (
            drop_defaults and not info.is_required() and value == info.get_default(call_default_factory=True)
        )
        if info.is_required() or not (empty or default):
            stated[info.alias or name] = plain
    if stated or not isinstance(model, Condition):
        return stated
    # A condition that states an empty list states nothing, yet needs its key to be read back.
    return {
        fields[name].alias or name: _plain(getattr(model, name), drop_defaults=True)
        for name in model.model_fields_set
    }
