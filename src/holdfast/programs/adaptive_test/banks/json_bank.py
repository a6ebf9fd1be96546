"""Item banks as JSON: the body of the upload route, or a bare list of questions."""

from __future__ import annotations

from typing import Any

import orjson

from holdfast.kit.errors import InvalidInput
from holdfast.programs.adaptive_test.banks.record import Record
from holdfast.programs.adaptive_test.question import Problem

FACTS = ("name", "concept_names", "parameterisation", "scale", "rules")


def records(raw: bytes, name: str) -> tuple[list[Record], dict[str, Any]]:
    """The records of a document, and what it says about the pool.

    Raises:
        InvalidInput: it is not JSON, or holds no list of questions.
    """
    try:
        document = orjson.loads(raw)
    except orjson.JSONDecodeError as error:
        raise InvalidInput(f"is not JSON: {error}", field=name) from error
    facts = {key: document[key] for key in FACTS if key in document} if isinstance(document, dict) else {}
    found = document.get("questions") if isinstance(document, dict) else document
    if not isinstance(found, list):
        raise InvalidInput("must hold a list 'questions'", field=name)
    return [_record(entry, f"{name} questions.{index}") for index, entry in enumerate(found)], facts


def _record(entry: Any, where: str) -> Record:
    if not isinstance(entry, dict):
        return Record(where, problem=Problem(where, "", "must be an object"))
    return Record(where, entry)


def render(pool: dict[str, Any], rows: list[dict[str, Any]]) -> bytes:
    """The bank as a document that can be uploaded as it is."""
    facts = {key: pool[key] for key in FACTS if key in pool}
    return orjson.dumps(facts | {"questions": rows}, option=orjson.OPT_INDENT_2) + b"\n"
