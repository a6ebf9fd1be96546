"""Item banks as files: CSV, JSON and QTI 3 (single choice, as single files or a zip package), in and out.

Readers turn a file into plain records and say where each stands; what a question may be is decided by
`question`. Nothing here knows the database.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import PurePath
from typing import Any, Literal

from holdfast.kit.errors import InvalidInput
from holdfast.programs.adaptive_test.banks import csv_bank, json_bank, qti_bank
from holdfast.programs.adaptive_test.banks.record import Record
from holdfast.programs.adaptive_test.question import Problem, Question, read

Format = Literal["csv", "json", "qti"]
LARGEST_FILE = 64 * 1024 * 1024
_BY_SUFFIX: dict[str, Format] = {".csv": "csv", ".json": "json", ".xml": "qti", ".zip": "qti"}


@dataclass(slots=True)
class BankFile:
    """What a file holds.

    Attributes:
        questions: the good records with where each stands in the file.
        problems: what is wrong with the others.
        facts: what the file says about its pool: `name`, `concept_names`, `parameterisation`, `scale`.
    """

    questions: list[tuple[str, Question]] = field(default_factory=list)
    problems: list[Problem] = field(default_factory=list)
    facts: dict[str, Any] = field(default_factory=dict)


def parse(raw: bytes, name: str) -> BankFile:
    """Read a file of any of the formats, told by its name's ending.

    Raises:
        InvalidInput: the file as a whole cannot be read.
    """
    if len(raw) > LARGEST_FILE:
        raise InvalidInput(f"is larger than {LARGEST_FILE} bytes", field=name)
    form = _BY_SUFFIX.get(PurePath(name).suffix.lower())
    if form is None:
        raise InvalidInput("must end with .csv, .json, .xml or .zip", field=name)
    readers = {"csv": csv_bank.records, "json": json_bank.records, "qti": qti_bank.records}
    records, facts = readers[form](raw, name)
    return _checked(records, facts)


def _checked(records: list[Record], facts: dict[str, Any]) -> BankFile:
    found, seen = BankFile(facts=facts), dict[str, str]()
    for record in records:
        if record.problem is not None:
            found.problems.append(record.problem)
            continue
        question = read(record.values, record.where)
        if not isinstance(question, Question):
            found.problems += question
        elif question.id in seen:
            found.problems.append(Problem(record.where, "id", f"was at {seen[question.id]} already"))
        else:
            seen[question.id] = record.where
            found.questions.append((record.where, question))
    return found


def render(form: Format, pool: dict[str, Any], rows: list[dict[str, Any]]) -> bytes:
    """A bank as a file: `rows` are canonical records with their `id`, `pool` its facts."""
    writers = {"csv": csv_bank.render, "json": json_bank.render, "qti": qti_bank.render}
    return writers[form](pool, rows)
