"""``plan.toml``: from its text to a plan and back. Pure."""

from __future__ import annotations

import json
import re
import tomllib
from collections.abc import Mapping, Sequence
from typing import Any

from pydantic import ValidationError

from holdfast.kit.errors import InvalidInput
from holdfast.research.plan.model import Plan
from holdfast.research.plan.named import NAMED

LARGEST_PLAN = 100_000
"""Bytes; a plan that is longer was not written by a person."""


def read_plan(text: str) -> Plan:
    """The plan that a text says.

    Raises:
        InvalidInput: not TOML, or a field that does not fit; the message names the line, ``field`` the
            field.
    """
    if len(text.encode("utf-8", "replace")) > LARGEST_PLAN:
        raise InvalidInput(f"must not be larger than {LARGEST_PLAN} bytes", field="plan")
    try:
        document = tomllib.loads(text.removeprefix("\ufeff"))
    except tomllib.TOMLDecodeError as error:
        raise InvalidInput(f"not TOML: {error}", field="plan") from error
    try:
        return Plan.model_validate_json(json.dumps(_spelled_out(document), default=str))
    except ValidationError as error:
        raise _named(error, text) from error


def write_plan(plan: Plan) -> str:
    """A plan as ``plan.toml``; read again it is the same plan."""
    document = plan.model_dump(mode="json", exclude_none=True)
    lines = [f"{key} = {_value(item)}" for key, item in document.items() if not _nested(item)]
    for key, item in document.items():
        if isinstance(item, dict):
            lines += ["", f"[{key}]", *(f"{name} = {_value(one)}" for name, one in item.items())]
        elif _nested(item):
            for table in item:
                lines += ["", f"[[{key}]]", *(f"{name} = {_value(one)}" for name, one in table.items())]
    return "\n".join(lines) + "\n"


def _spelled_out(document: Mapping[str, Any]) -> dict[str, Any]:
    """The document with what each named outcome brings."""
    outcomes = document.get("outcomes")
    if not isinstance(outcomes, list):
        return dict(document)
    return {**document, "outcomes": [_outcome(one) if isinstance(one, dict) else one for one in outcomes]}


def _outcome(given: dict[str, Any]) -> dict[str, Any]:
    name = given.get("name")
    brought = NAMED.get(name, {}) if isinstance(name, str) else {}
    if brought and given.get("kind", brought["kind"]) != brought["kind"]:
        brought = {key: item for key, item in brought.items() if key != "exposure"}
    made = {**brought, **given}
    made.setdefault("label", name)
    made.setdefault("definition", f"{made.get('column')} of {made.get('table')}")
    return made


def _named(error: ValidationError, text: str) -> InvalidInput:
    first = error.errors()[0]
    place = tuple(first["loc"])
    message = str(first["msg"]).removeprefix("Value error, ")
    spot = re.match(r"([a-z_.]+): (.*)", message)
    if not place and spot:
        place, message = tuple(spot[1].split(".")), spot[2]
    line = _line_of(place, text)
    return InvalidInput(
        f"line {line}: {message}" if line else message,
        field=".".join(["plan", *(str(part) for part in place)]),
    )


def _line_of(place: Sequence[int | str], text: str) -> int | None:
    """The line (from 1) on which a field stands, or where its table begins; None when it is not there."""
    lines = text.splitlines()
    start, rest = _table_start(place, lines)
    if start is None:
        return None
    for number in range(start, len(lines)):
        line = lines[number].strip()
        if number >= max(start, 1) and line.startswith("[") and number != start - 1:
            break
        if rest and re.match(rf'"?{re.escape(str(rest[0]))}"?\s*=', line):
            return number + 1
    return start or None


def _table_start(place: Sequence[int | str], lines: Sequence[str]) -> tuple[int | None, Sequence[int | str]]:
    """The index of the line after the header of a field's table, and what remains of the place."""
    if len(place) >= 2 and isinstance(place[1], int):
        header, wanted, rest = f"[[{place[0]}]]", place[1], place[2:]
    elif place and f"[{place[0]}]" in [line.strip() for line in lines]:
        header, wanted, rest = f"[{place[0]}]", 0, place[1:]
    elif place and f"[[{place[0]}]]" in [line.strip() for line in lines]:
        header, wanted, rest = f"[[{place[0]}]]", 0, ()
    else:
        return (0, place) if place else (None, place)
    found = [number for number, line in enumerate(lines) if line.split("#")[0].strip() == header]
    return (found[wanted] + 1, rest) if wanted < len(found) else (None, place)


def _nested(item: Any) -> bool:
    return isinstance(item, dict) or (isinstance(item, list) and bool(item) and isinstance(item[0], dict))


def _value(item: Any) -> str:
    if isinstance(item, bool):
        return "true" if item else "false"
    if isinstance(item, str):
        # A JSON string is a TOML basic string, except that TOML also wants DEL escaped.
        return json.dumps(item, ensure_ascii=False).replace("\x7f", "\\u007f")
    if isinstance(item, list):
        return "[" + ", ".join(_value(one) for one in item) + "]"
    return repr(item)
