"""Reading back what was written: columns, number of rows, and values, of every file before it is published.

CSV and Parquet are compared value by value (a fingerprint of each column with the place of every value);
of an SPSS or a Stata file the labels, the number of rows, the first and the last rows; of a workbook the
sheets, the checksum and number of rows of each, the first and the last rows.
"""

from __future__ import annotations

import re
import zipfile
from collections import deque
from collections.abc import Generator, Iterable, Iterator
from contextlib import closing
from pathlib import Path
from typing import Any
from xml.etree.ElementTree import Element

import polars as pl
from defusedxml.ElementTree import fromstring, iterparse
from polars.testing import assert_frame_equal

from holdfast.core.codebook import Table
from holdfast.kit.errors import HoldfastError
from holdfast.research.column_types import schema_of
from holdfast.research.export.csv_files import csv_pieces, scan_csv
from holdfast.research.export.labelled_files import Labelled, read_labelled
from holdfast.research.export.workbook import Written
from holdfast.research.side_by_side import side_by_side

FIRST = 200
"""Rows at an end of a workbook, an SPSS or a Stata file that are compared value by value."""
TAIL = 4 << 20
"""Bytes at the end of a sheet in which its last rows are looked for."""


class DoesNotReadBack(HoldfastError):
    """A file that was written does not hold what it should; the bundle is not published."""

    code = "export_not_verified"


def fingerprint(rows: pl.LazyFrame, names: list[str], first: int = 0) -> tuple[int, dict[str, int]]:
    """How many rows, and for each column a number in which every value and its place count; streaming."""
    place = pl.col("__place").hash(1)
    marks = [(pl.struct(pl.col(name), place).hash(2)).sum().alias(name) for name in names]
    found = rows.with_row_index("__place", first).select(pl.len().alias("__rows"), *marks)
    row = found.collect(engine="streaming").row(0, named=True)
    return int(row.pop("__rows")), {name: int(value or 0) for name, value in row.items()}


def check_csv(path: Path, table: Table, wanted: tuple[int, dict[str, int]]) -> None:
    """Compare a CSV file with the fingerprint of the table.

    Raises:
        DoesNotReadBack: they differ.
    """
    with path.open(encoding="utf-8-sig", newline="") as file:
        header = file.readline().rstrip("\r\n")
    names = list(schema_of(table))
    if header != ",".join(names):
        raise DoesNotReadBack("the header is not the table's", field=path.name)
    rows, marks = 0, dict.fromkeys(names, 0)
    for piece in csv_pieces(path):
        more, found = fingerprint(scan_csv(piece, table), names, rows)
        rows += more
        marks = {name: (mark + found[name]) % 2**64 for name, mark in marks.items()}
    _same(path, wanted, (rows, marks))


def check_parquet(path: Path, table: Table, wanted: tuple[int, dict[str, int]] | None) -> None:
    """Compare a Parquet file with the fingerprint of the table, and its types with the codebook.

    Args:
        path: the file.
        table: what it should be.
        wanted: none where the fingerprint was taken of this very file.

    Raises:
        DoesNotReadBack: they differ.
    """
    rows = pl.scan_parquet(path)
    types = schema_of(table)
    if list(rows.collect_schema().items()) != list(types.items()):
        raise DoesNotReadBack("the columns are not the table's", field=path.name)
    if wanted is not None:
        _same(path, wanted, fingerprint(rows, list(types)))


def _same(path: Path, wanted: tuple[int, dict[str, int]], found: tuple[int, dict[str, int]]) -> None:
    if found[0] != wanted[0]:
        raise DoesNotReadBack(f"{found[0]} rows instead of {wanted[0]}", field=path.name)
    differing = [name for name, mark in wanted[1].items() if found[1].get(name) != mark]
    if differing:
        raise DoesNotReadBack(f"other values in {', '.join(differing)}", field=path.name)


def check_labelled(path: Path, made: Labelled) -> None:
    """Compare an SPSS or a Stata file with what was given to it.

    Raises:
        DoesNotReadBack: names, number of rows, labels, or one of the first or last rows differ.
    """
    _, meta = read_labelled(path, only_facts=True)
    if list(meta.column_names) != made.frame.columns:
        raise DoesNotReadBack("the columns are not the table's", field=path.name)
    if meta.number_rows != made.frame.height:
        raise DoesNotReadBack(f"{meta.number_rows} rows instead of {made.frame.height}", field=path.name)
    if {name: label or "" for name, label in meta.column_names_to_labels.items()} != made.labels:
        raise DoesNotReadBack("other variable labels", field=path.name)
    if {name: dict(labels) for name, labels in meta.variable_value_labels.items()} != made.values:
        raise DoesNotReadBack("other value labels", field=path.name)
    for start in sorted({0, max(0, made.frame.height - FIRST)}):
        wanted = made.frame.slice(start, FIRST)
        if wanted.height:
            found, _ = read_labelled(path, start=start, rows=FIRST)
            _compare(path, _comparable(found, wanted), _comparable(wanted, wanted))


def _comparable(frame: pl.DataFrame, model: pl.DataFrame) -> pl.DataFrame:
    """Numbers as numbers, texts without the blanks with which SPSS fills, an empty text as a gap."""
    columns = []
    for name, kind in model.schema.items():
        column = frame[name]
        if kind == pl.String:
            text = column.cast(pl.String).str.strip_chars_end(" ")
            columns.append(text.replace("", None).alias(name))
        elif isinstance(kind, pl.Datetime):
            columns.append(column.cast(pl.Datetime("us")).dt.epoch("us").cast(pl.Float64).alias(name))
        else:
            columns.append(column.cast(pl.Float64))
    return pl.DataFrame(columns)


def _compare(path: Path, found: pl.DataFrame, wanted: pl.DataFrame) -> None:
    try:
        assert_frame_equal(found, wanted, rel_tol=1e-12, abs_tol=0)
    except AssertionError as error:
        raise DoesNotReadBack(f"other values: {error}", field=path.name) from error


def check_workbook(path: Path, written: list[Written]) -> None:
    """Compare a workbook with the sheets that were given to it.

    Raises:
        DoesNotReadBack: the archive is damaged, or sheets, headers, row counts, first or last rows differ.
    """
    with zipfile.ZipFile(path) as archive:
        names = _sheet_names(archive)
        if names != [part.name for part in written]:
            raise DoesNotReadBack(f"other sheets: {names}", field=path.name)
    largest_first = sorted(enumerate(written, 1), key=lambda each: -each[1].rows * each[1].row_bytes)
    for _ in side_by_side(lambda each: _check_sheet(path, *each), largest_first):
        pass


def _check_sheet(path: Path, number: int, part: Written) -> None:
    entry = f"xl/worksheets/sheet{number}.xml"
    with zipfile.ZipFile(path) as archive:
        count, end = _counted(archive, entry)  # reads to the end, so the checksum is compared too
        if count != part.rows + 1:
            message = f"{count - 1} rows instead of {part.rows} in {part.name}"
            raise DoesNotReadBack(message, field=path.name)
        sample = part.frame.head(FIRST).collect()
        wanted = [dict(enumerate(part.columns)), *(_cells(row) for row in sample.iter_rows())]
        with closing(_rows(archive, entry)) as first:
            _compare_rows(path, part, first, enumerate(wanted))
    last = [_row(row) for row in end]
    start = part.rows - len(last)
    rest = (_cells(row) for row in part.frame.slice(start, len(last)).collect().iter_rows())
    _compare_rows(path, part, iter(last), enumerate(rest, start + 1))


def _sheet_names(archive: zipfile.ZipFile) -> list[str]:
    with archive.open("xl/workbook.xml") as file:
        return [str(element.get("name")) for _, element in iterparse(file) if _tag(element) == "sheet"]


_AT_ONCE = 1 << 20
_ROW, _END = b'<row r="', b"</row>"


def _counted(archive: zipfile.ZipFile, entry: str) -> tuple[int, list[Element]]:
    """How many rows a sheet has, the headers' with them, and the last of the others."""
    count, left = 0, b""
    lately: deque[bytes] = deque(maxlen=-(-TAIL // _AT_ONCE))
    with archive.open(entry) as file:
        while part := file.read(_AT_ONCE):
            text = left + part
            count += text.count(_ROW)
            left = text[-(len(_ROW) - 1) :]
            lately.append(part)
    end = b"".join(lately)
    _, *rows = end[: end.rfind(_END) + len(_END)].split(_ROW)
    within = b"".join(_ROW + row for row in rows[max(len(rows) - min(FIRST, count - 1), 0) :])
    return count, list(fromstring(b"<rows>" + within + b"</rows>"))


def _compare_rows(
    path: Path, part: Written, found: Iterator[dict[int, Any]], wanted: Iterable[tuple[int, dict[int, Any]]]
) -> None:
    for cells, (number, expected) in zip(found, wanted, strict=False):
        if cells.keys() != expected.keys() or any(
            not _equal(cells[place], value) for place, value in expected.items()
        ):
            raise DoesNotReadBack(f"row {number} of {part.name} is another", field=path.name)


def _cells(row: tuple[Any, ...]) -> dict[int, Any]:
    return {place: value for place, value in enumerate(row) if value is not None and value != ""}


def _equal(found: Any, wanted: Any) -> bool:
    if isinstance(wanted, bool | str):
        return bool(found == wanted)
    return bool(found == float(wanted))


_ESCAPED = re.compile(r"_x([0-9A-Fa-f]{4})_")


def _rows(archive: zipfile.ZipFile, entry: str) -> Generator[dict[int, Any], None, None]:
    """The rows of a sheet from its first on: place of a column to value; empty cells are left out."""
    with archive.open(entry) as file:
        for _, element in iterparse(file):
            if _tag(element) == "row":
                yield _row(element)
                element.clear()


def _row(row: Element) -> dict[int, Any]:
    return dict(_cell(cell) for cell in row if len(cell))


def _cell(cell: Element) -> tuple[int, Any]:
    letters = re.match(r"[A-Z]+", str(cell.get("r")))
    assert letters is not None  # noqa: S101  # the format has no cell without a reference
    place = 0
    for letter in letters[0]:
        place = place * 26 + ord(letter) - 64
    text = "".join(element.text or "" for element in cell.iter() if _tag(element) in {"v", "t"})
    kind = cell.get("t")
    if kind == "inlineStr":
        return place - 1, _ESCAPED.sub(lambda found: chr(int(found[1], 16)), text)
    return place - 1, text == "1" if kind == "b" else float(text)


def _tag(element: Element) -> str:
    return str(element.tag).rpartition("}")[2]
