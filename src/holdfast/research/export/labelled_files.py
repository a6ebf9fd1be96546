"""SPSS ``.sav`` and Stata ``.dta``: variable labels, value labels, measures; a gap is system-missing.

In SPSS a category keeps its codes as text, with a label for each. Stata labels numbers only, so there a
closed category becomes 1, 2, ... in the order of the codebook, labelled with code and meaning. Yes and no are
1 and 0, labelled, in both. A gap in a text is an empty text, since neither has another. Times are UTC.
The header tells the moment that it is given, never the clock's.
"""

from __future__ import annotations

import os
import re
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from typing import Any, Literal

import polars as pl
import pyreadstat

from holdfast.core.codebook import Kind, Table, Variable
from holdfast.research.export.notices import Notice

Program = Literal["sav", "dta"]
SPSS_TEXT = 32_767
"""Bytes of a text in SPSS (IBM, SPSS Statistics Command Syntax Reference, STRING)."""
SPSS_ROOM = 512 * 2**20
"""Every row of a .sav is as wide as the longest text, so long texts in very many rows are cut earlier."""
LEAST = 255
MARK = " [cut]"
STATA_LABEL = 80
EXACT = 2**53
_RESERVED = {
    "sav": frozenset(["all", "and", "by", "eq", "ge", "gt", "le", "lt", "ne", "not", "or", "to", "with"]),
    "dta": frozenset(
        [
            "_all",
            "_b",
            "_coef",
            "_cons",
            "_n",
            "_pi",
            "_pred",
            "_rc",
            "_skip",
            "byte",
            "double",
            "float",
            "if",
            "in",
            "int",
            "long",
            "using",
            "with",
        ]
    ),
}
_STATA_STRING = re.compile(r"str\d+|strL")
_FORMATS = {Kind.INTEGER: "F12.0", Kind.NUMBER: "F14.4", Kind.BOOLEAN: "F1.0"}


@dataclass(slots=True)
class Labelled:
    """A table as one of the two programs takes it."""

    frame: pl.DataFrame
    labels: dict[str, str] = field(default_factory=dict)
    values: dict[str, dict[Any, str]] = field(default_factory=dict)
    measures: dict[str, str] = field(default_factory=dict)
    formats: dict[str, str] = field(default_factory=dict)
    notices: list[Notice] = field(default_factory=list)


def write_labelled(rows: pl.LazyFrame, table: Table, path: Path, moment: datetime) -> Labelled:
    """Write a table as ``.sav`` or ``.dta``, by the path's ending.

    Args:
        rows: the columns of the table.
        table: what they mean.
        path: the file.
        moment: what its header tells as the time of making.

    Returns:
        What was written, so that it can be compared with what is read back.
    """
    program: Program = "sav" if path.suffix == ".sav" else "dta"
    made = prepared(rows.collect(engine="streaming"), table, program, path.name)
    label = f"{table.sheet}: one row is {table.one_row_is}"[:60]
    common: dict[str, Any] = {
        "file_label": label,
        "column_labels": made.labels,
        "variable_value_labels": made.values,
    }
    if program == "sav":
        pyreadstat.write_sav(
            made.frame,
            path,
            row_compress=True,
            variable_measure=made.measures,
            variable_format=made.formats,
            **common,
        )
    else:
        pyreadstat.write_dta(made.frame, path, version=14, **common)
    _fix_time(path, program, moment)
    return made


def prepared(frame: pl.DataFrame, table: Table, program: Program, file: str) -> Labelled:
    """A table as a program takes it: names, types, codes and labels."""
    made = Labelled(pl.DataFrame())
    columns = {}
    for variable in table.variables:
        name = _name(variable.name, program)
        column, notice = _column(frame[variable.name], variable, program)
        columns[name] = column
        if notice:
            made.notices.append(Notice(file, table.name, variable.name, *notice))
        made.labels[name] = variable.label[:STATA_LABEL]
        if labels := _value_labels(variable, column, program):
            made.values[name] = labels
        made.measures[name] = variable.level.value
        if variable.kind in _FORMATS:
            made.formats[name] = _FORMATS[variable.kind]
    made.frame = pl.DataFrame(columns)
    return made


def _name(name: str, program: Program) -> str:
    taken = name.lower() in _RESERVED[program] or (program == "dta" and _STATA_STRING.fullmatch(name))
    return f"{name}_" if taken else name


def _column(
    column: pl.Series, variable: Variable, program: Program
) -> tuple[pl.Series, tuple[str, int] | None]:
    if variable.kind is Kind.BOOLEAN:
        return column.cast(pl.Int8), None
    if variable.kind is Kind.MOMENT:
        return column.dt.replace_time_zone(None), None
    if variable.kind is Kind.INTEGER:
        beyond = int((~column.is_between(-EXACT, EXACT)).sum())
        return column, ("beyond 2^53: the last digits are lost", beyond) if beyond else None
    if variable.kind is Kind.NUMBER:
        return column, None
    if program == "dta" and _closed(variable, column):
        codes = {code: number for number, code in enumerate(variable.values, 1)}
        return column.replace_strict(codes, default=None, return_dtype=pl.Int32), None
    text = column.fill_null("")
    return _cut(text) if program == "sav" else (text, None)


def _closed(variable: Variable, column: pl.Series) -> bool:
    return bool(variable.values) and bool(column.drop_nulls().is_in(list(variable.values)).all())


def _cut(text: pl.Series) -> tuple[pl.Series, tuple[str, int] | None]:
    """Texts no longer than SPSS takes, and than leaves the file a size that can be used."""
    limit = min(SPSS_TEXT, max(LEAST, SPSS_ROOM // max(1, len(text))))
    long = text.str.len_bytes() > limit
    count = int(long.sum())
    if not count:
        return text, None
    kept = limit - len(MARK)
    shorter = [
        value.encode()[:kept].decode(errors="ignore") + MARK if cut else value
        for value, cut in zip(text.to_list(), long.to_list(), strict=True)
    ]
    what = f"longer than {limit} bytes: cut and marked{MARK}; whole in csv and parquet"
    return pl.Series(text.name, shorter, dtype=pl.String), (what, count)


def _value_labels(variable: Variable, column: pl.Series, program: Program) -> dict[Any, str]:
    if variable.kind is Kind.BOOLEAN:
        return {0: "no", 1: "yes"}
    if not variable.values:
        return {}
    if program == "sav":
        return dict(variable.values)
    if column.dtype == pl.String:
        return {}
    return {number: _code_and_meaning(item) for number, item in enumerate(variable.values.items(), 1)}


def _code_and_meaning(item: tuple[str, str]) -> str:
    code, meaning = item
    return code if code == meaning else f"{code}: {meaning}"


_SAV_TIME = 92
_DTA_TIME = re.compile(rb"(<timestamp>\x11)(.{17})(</timestamp>)", re.DOTALL)
_MONTHS = ["Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"]


def _fix_time(path: Path, program: Program, moment: datetime) -> None:
    """Put a moment into the header (.sav: bytes 92 to 108; .dta: its timestamp element)."""
    month = _MONTHS[moment.month - 1]
    with path.open("r+b") as file:
        if program == "sav":
            file.seek(_SAV_TIME)
            file.write(f"{moment:%d} {month} {moment:%y}{moment:%H:%M:%S}".encode())
        else:
            head = file.read(1024)
            found = _DTA_TIME.search(head)
            if found is None:
                raise ValueError("the header of the .dta file holds no time")
            file.seek(found.start(2))
            file.write(f"{moment:%d} {month} {moment:%Y %H:%M}".encode())
        file.flush()
        os.fsync(file.fileno())


def read_labelled(
    path: Path, *, start: int = 0, rows: int = 0, only_facts: bool = False
) -> tuple[pl.DataFrame, Any]:
    """The rows (all, or so many from one on) and the metadata of such a file."""
    read = pyreadstat.read_sav if path.suffix == ".sav" else pyreadstat.read_dta
    return read(path, output_format="polars", row_offset=start, row_limit=rows, metadataonly=only_facts)
