"""Item banks as CSV: one question a line, UTF-8, columns by the seed's names.

Lists are written as JSON (``["3", "4"]``) or with bars between the parts (``3|4``); JSON where a part holds
a bar. An empty cell means that the value is not given.
"""

from __future__ import annotations

import csv
import io
from typing import Any

import orjson

from holdfast.kit.errors import InvalidInput
from holdfast.programs.adaptive_test.banks.record import Record
from holdfast.programs.adaptive_test.question import LONGEST_CONTENT, Problem

NUMBERS = ("difficulty", "discrimination", "guessing", "slipping")
LISTS = ("options", "concepts", "enemies")
COLUMNS = (
    "id", "content", "options", "correct_answer", "concepts", *NUMBERS, "status", "content_area", "enemies",
)  # fmt: skip
NEEDED = ("id", "content", "options", "correct_answer")


def records(raw: bytes, name: str) -> tuple[list[Record], dict[str, Any]]:
    """The records of a file; a line that cannot be read is a record with a problem.

    Raises:
        InvalidInput: it is not UTF-8, or a column is missing, unknown or there twice.
    """
    return _records(raw, name, NEEDED), {}


def parameters(raw: bytes, name: str) -> dict[str, dict[str, Any]]:
    """A file with an `id` and any of the numbers and `status`: what it says of each question.

    Raises:
        InvalidInput: as `records`, or the first line that cannot be read.
    """
    found: dict[str, dict[str, Any]] = {}
    for record in _records(raw, name, ("id",)):
        if record.problem is not None:
            raise InvalidInput(record.problem.message, field=f"{record.where} {record.problem.field}".strip())
        values = dict(record.values)
        found[values.pop("id", "")] = values
    return found


def _records(raw: bytes, name: str, needed: tuple[str, ...]) -> list[Record]:
    try:
        text = raw.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        line = raw[: error.start].count(b"\n") + 1
        raise InvalidInput("is not UTF-8", field=f"{name} line {line}") from error
    csv.field_size_limit(LONGEST_CONTENT * 8)
    reader = csv.reader(io.StringIO(text, newline=""), strict=True)
    try:
        header = [column.strip() for column in next(reader, [])]
        _check_header(header, name, needed)
        return [_record(header, row, f"{name} line {reader.line_num}") for row in reader if any(row)]
    except csv.Error as error:
        raise InvalidInput(str(error), field=f"{name} line {reader.line_num}") from error


def _check_header(header: list[str], name: str, needed: tuple[str, ...]) -> None:
    field = f"{name} line 1"
    missing = [column for column in needed if column not in header]
    unknown = [column for column in header if column not in COLUMNS]
    if missing:
        raise InvalidInput(f"the column {missing[0]!r} is missing", field=field)
    if unknown:
        raise InvalidInput(f"{unknown[0]!r} is no column of a bank ({', '.join(COLUMNS)})", field=field)
    if len(set(header)) != len(header):
        raise InvalidInput("a column is there twice", field=field)


def _record(header: list[str], row: list[str], where: str) -> Record:
    if len(row) != len(header):
        return Record(where, problem=Problem(where, "", f"has {len(row)} cells, the header {len(header)}"))
    values: dict[str, Any] = {}
    for column, cell in zip(header, row, strict=True):
        if not cell.strip():
            continue
        try:
            values[column] = _value(column, cell)
        except ValueError as error:
            return Record(where, problem=Problem(where, column, str(error)))
    return Record(where, values)


def _value(column: str, cell: str) -> Any:
    if column in NUMBERS:
        return float(cell)
    if column in LISTS:
        return _list(cell, numeric=column == "concepts")
    return cell if column in {"content", "correct_answer"} else cell.strip()


def _list(cell: str, *, numeric: bool) -> list[Any]:
    if cell.lstrip().startswith("["):
        try:
            found = orjson.loads(cell)
        except orjson.JSONDecodeError as error:
            raise ValueError(f"is no list: {error}") from error
        if not isinstance(found, list):
            raise ValueError("is no list")
        return found
    parts = cell.split("|")
    if numeric and all(_is_number(part) for part in parts):
        return [float(part) for part in parts]
    return [part.strip() for part in parts] if numeric else parts


def _is_number(text: str) -> bool:
    try:
        float(text)
    except ValueError:
        return False
    return True


def render(pool: dict[str, Any], rows: list[dict[str, Any]], columns: tuple[str, ...] = COLUMNS) -> bytes:
    """The bank as CSV; concepts are weights in the pool's order, whose names only JSON files carry."""
    del pool
    text = io.StringIO(newline="")
    writer = csv.writer(text, lineterminator="\n")
    writer.writerow(columns)
    for row in rows:
        writer.writerow([_cell(row.get(column)) for column in columns])
    return text.getvalue().encode()


def _cell(value: Any) -> str:
    if value is None or value == []:
        return ""
    if isinstance(value, list):
        return orjson.dumps(value).decode()
    return repr(value) if isinstance(value, float) else str(value)
