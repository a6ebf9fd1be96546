"""The workbook: sheets with formatted, frozen headers and a note on each column, written in constant memory.

A library writes how it looks, with one row in each sheet; the rows are put in their place by `sheet_rows`,
sheets side by side.

Text stays text (nothing becomes a formula), control characters are written in the form ``_x0001_`` that the
format has for them, so that a reader gets them back. What a cell cannot hold is told: a text longer than
Excel allows goes on in further columns, a number beyond 2^53 or a time before 1900 is written as text, and
rows beyond Excel's last go on in another sheet. In a workbook an empty text cannot be told from a missing
one; CSV and Parquet keep them apart.
"""

from __future__ import annotations

import shutil
import zipfile
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import polars as pl
from rustpy_xlsxwriter import FastExcel, Format

from holdfast.core.codebook import Kind, Table, Variable
from holdfast.research.column_types import TYPES, schema_of
from holdfast.research.export.notices import Notice
from holdfast.research.export.sheet_rows import pack_rows
from holdfast.research.export.workbook_model import BOOK, ModelSheet, entry_of, filters_to_the_end
from holdfast.research.export.zip_archives import Change, Packed, rewrite
from holdfast.research.side_by_side import side_by_side

ROWS = 1_048_575
"""Rows below the header of one sheet: Excel has 1,048,576."""
CELL = 32_767
"""Characters that Excel allows in a cell (Microsoft, Excel specifications and limits); it counts UTF-16."""
PIECE = 16_000
"""Characters of a text in each of several columns; even when every sign takes two units it fits."""
EXACT = 2**53
DAY_0 = datetime(1899, 12, 30, tzinfo=UTC)
"""Day 0 of Excel's calendar as it is from March 1900 on."""
FIRST_DAY = datetime(1900, 3, 1, tzinfo=UTC)
"""Excel's calendar holds a 29 February 1900 that never was; from here on it is right."""
_DAY_US = 86_400_000_000
_DAY_0 = int(DAY_0.timestamp()) * 1_000_000
NAME = 31

_WIDTHS = {
    Kind.IDENTIFIER: 20.0,
    Kind.DIRECT: 26.0,
    Kind.CATEGORY: 16.0,
    Kind.TEXT: 24.0,
    Kind.FREE_TEXT: 60.0,
    Kind.INTEGER: 11.0,
    Kind.NUMBER: 12.0,
    Kind.BOOLEAN: 10.0,
    Kind.MOMENT: 22.0,
}


@dataclass(frozen=True, slots=True)
class Sheet:
    """One sheet to be: its rows, and what its columns mean."""

    table: Table
    rows: pl.LazyFrame


@dataclass(frozen=True, slots=True)
class Written:
    """One sheet that was written.

    Attributes:
        name: of the sheet.
        sheet: what it shows, from row ``start``.
        columns: the headers; more than the table's variables where a text goes on.
        rows: how many, without the header.
        frame: as written: cells have these types.
        row_bytes: of text in a row, on average.
    """

    name: str
    sheet: Sheet
    start: int
    columns: tuple[str, ...]
    rows: int
    frame: pl.LazyFrame
    row_bytes: int


def write_workbook(
    sheets: Sequence[Sheet], path: Path, moment: datetime, *, row_limit: int = ROWS
) -> tuple[list[Written], list[Notice]]:
    """Write a workbook.

    Args:
        sheets: in their order; names must differ.
        path: the file.
        moment: what its properties tell as the time of making, so that the same input makes the same bytes.
        row_limit: rows of a sheet; only tests have another.

    Returns:
        The sheets that were written, and what had to be written differently.
    """
    written: list[Written] = []
    notices: list[Notice] = []
    for part, told in side_by_side(lambda sheet: _fitted(sheet, path.name, row_limit), sheets):
        written += part
        notices += told
    beside = path.with_name(f"{path.name}.parts")
    beside.mkdir()
    try:
        _write(written, path, beside, moment)
    finally:
        shutil.rmtree(beside, ignore_errors=True)
    return written, notices


def _write(written: Sequence[Written], path: Path, beside: Path, moment: datetime) -> None:
    model = beside / "model.xlsx"
    _write_model(written, model)
    changes: dict[str, Change] = {}
    with zipfile.ZipFile(model) as archive:
        changes[BOOK] = filters_to_the_end(archive.read(BOOK), [part.rows for part in written])
        frames = {
            n: ModelSheet(archive.read(entry_of(n)), part.rows) for n, part in enumerate(written) if part.rows
        }

    def pack(number: int) -> Packed:
        part, model_sheet = written[number], frames[number]
        packed = beside / f"{number}.deflate"
        return pack_rows(part.frame, part.rows, part.row_bytes, model_sheet.styles, model_sheet.ends, packed)

    largest_first = sorted(frames, key=lambda n: written[n].rows * written[n].row_bytes, reverse=True)
    for number, packed in zip(largest_first, side_by_side(pack, largest_first), strict=True):
        changes[entry_of(number)] = packed
    rewrite(model, path, moment, changes)


def _write_model(written: Sequence[Written], path: Path) -> None:
    """The workbook with a single row in each sheet: how it looks, without what it holds."""
    book = FastExcel(path)
    book.freeze(row=1, col=1)
    for part in written:
        row = pl.DataFrame([_one_value(name, kind) for name, kind in part.frame.collect_schema().items()])
        book.sheet(part.name, row if part.rows else row.clear(), **_look(part))
    book.save()


def _one_value(name: str, kind: pl.DataType) -> pl.Series:
    value = {pl.String(): "x", pl.Boolean(): True}.get(kind, 1)
    return pl.Series(name, [value], dtype=kind)


def _parts(sheet: Sheet, frame: pl.LazyFrame, facts: Mapping[str, int], limit: int) -> Iterator[Written]:
    columns = tuple(frame.collect_schema().names())
    total = facts[":rows"]
    row_bytes = sum(count for name, count in facts.items() if name.endswith(":bytes")) // max(total, 1)
    for number, start in enumerate(range(0, max(total, 1), limit), 1):
        name = sheet.table.sheet[:NAME]
        if number > 1:
            ending = f" ({number})"
            name = sheet.table.sheet[: NAME - len(ending)] + ending
        rows = min(limit, total - start)
        yield Written(name, sheet, start, columns, rows, frame.slice(start, rows), row_bytes)


def _fitted(sheet: Sheet, file: str, limit: int) -> tuple[list[Written], list[Notice]]:
    """The rows as Excel can hold them, and what was changed for it."""
    rows, table = sheet.rows, sheet.table
    facts = _facts(rows, table)
    columns: list[pl.Expr] = []
    notices: list[Notice] = []
    for variable in table.variables:
        made, what, count = _column(variable, facts)
        columns += made
        if count:
            notices.append(Notice(file, table.name, variable.name, what, count))
    return list(_parts(sheet, rows.select(columns), facts, limit)), notices


def _facts(rows: pl.LazyFrame, table: Table) -> dict[str, int]:
    """What decides how a column is written, and how much at once.

    ``name:long``, ``name:most``, ``name:bytes``, ``name:big``, ``name:early``; ``:rows``.
    """
    wanted = [pl.len().alias(":rows")]
    for name, kind in schema_of(table).items():
        column = pl.col(name)
        if kind == pl.String():
            long = (column.str.len_bytes() > CELL) & (_units(column) > CELL)
            wanted.append(long.sum().alias(f"{name}:long"))
            wanted.append(column.str.len_chars().max().fill_null(0).alias(f"{name}:most"))
            wanted.append(column.str.len_bytes().cast(pl.Int64).sum().alias(f"{name}:bytes"))
        elif kind == pl.Int64():
            wanted.append((~column.is_between(-EXACT, EXACT)).sum().alias(f"{name}:big"))
        elif kind == TYPES[Kind.MOMENT]:
            wanted.append((column < FIRST_DAY).sum().alias(f"{name}:early"))
    return {
        name: int(value or 0)
        for name, value in rows.select(wanted).collect(engine="streaming").row(0, named=True).items()
    }


def _units(text: pl.Expr) -> pl.Expr:
    """UTF-16 units: characters, and one more for each that takes two; only those have four bytes."""
    return text.str.len_chars() + text.str.count_matches("[\U00010000-\U0010ffff]")


def _column(variable: Variable, facts: Mapping[str, int]) -> tuple[list[pl.Expr], str, int]:
    name = variable.name
    column = pl.col(name)
    if count := facts.get(f"{name}:long", 0):
        pieces = -(-facts[f"{name}:most"] // PIECE)
        names = [name, *(f"{name}_{n}" for n in range(2, pieces + 1))]
        made = [_piece(column, n).alias(each) for n, each in enumerate(names)]
        return made, f"longer than a cell may be: goes on in {', '.join(names[1:])}", count
    if count := facts.get(f"{name}:big", 0):
        return [column.cast(pl.String())], "beyond 2^53: the column is written as text", count
    if count := facts.get(f"{name}:early", 0):
        text = column.dt.strftime("%Y-%m-%dT%H:%M:%S%.6fZ")
        return [text], "before 1900-03-01: the column is written as text", count
    if variable.kind is Kind.MOMENT:
        return [_serial(column)], "", 0
    return [column], "", 0


def _serial(moment: pl.Expr) -> pl.Expr:
    """Days since Excel's day 0, with the part of the day to the microsecond (the writer keeps seconds)."""
    return (moment.dt.epoch("us") - _DAY_0) / _DAY_US


def _piece(column: pl.Expr, number: int) -> pl.Expr:
    piece = column.str.slice(number * PIECE, PIECE)
    return piece if number == 0 else pl.when(piece != "").then(piece)


def _look(part: Written) -> dict[str, Any]:
    """Header format, widths, notes and filter of a sheet."""
    widths, notes, formats = {}, {}, {}
    for name, variable in _by_column(part).items():
        widths[name] = max(_WIDTHS[variable.kind], min(len(name) + 4.0, 34.0))
        notes[name] = {"text": note(variable), "width": 320, "height": 110, "author": "Holdfast"}
        if variable.kind is Kind.FREE_TEXT:
            formats[name] = Format().set_align("top")
        elif variable.kind is Kind.MOMENT:
            formats[name] = Format().set_num_format("yyyy-mm-dd hh:mm:ss.000").set_align("left")
    header = (
        Format()
        .set_bold()
        .set_background_color("#1F3A5F")
        .set_font_color("#FFFFFF")
        .set_border_bottom("thin")
    )
    look: dict[str, Any] = {
        "header_format": header,
        "column_widths": widths,
        "notes": notes,
        "autofilter": part.rows > 0,
        "page_setup": {"landscape": True, "fit_to_pages": (1, 0), "repeat_rows": 0},
    }
    if part.rows:  # of a sheet without rows the writer would put the first row down twice
        look["row_heights"] = {0: 20.0}
    if formats:
        look["column_formats"] = formats
    return look


def _by_column(part: Written) -> dict[str, Variable]:
    known = {variable.name: variable for variable in part.sheet.table.variables}
    return {name: known.get(name) or known[name.rpartition("_")[0]] for name in part.columns}


def note(variable: Variable) -> str:
    """What stands in the note on a column: label, unit, range, codes, and what a gap means."""
    lines = [variable.label]
    if variable.unit:
        lines.append(f"Unit: {variable.unit}")
    if variable.low is not None or variable.high is not None:
        low = "" if variable.low is None else f"{variable.low:g}"
        high = "" if variable.high is None else f"{variable.high:g}"
        lines.append(
            f"Range: {low} to {high}" if low and high else f"At least {low}" if low else f"At most {high}"
        )
    lines += [f"{code}: {meaning}" for code, meaning in variable.values.items() if code != meaning]
    if variable.missing:
        lines.append(f"Empty: {variable.missing}")
    return "\n".join(lines)
