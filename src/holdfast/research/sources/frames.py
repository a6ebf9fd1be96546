"""Rows as frames with the codebook's types, and which of them the codebook's ranges and codes refuse."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any

import polars as pl

from holdfast.core.codebook import Kind, Table, Variable
from holdfast.research.dataset import TYPES

FILE = "_file"
"""The number of the file that a row came from; not a variable, and gone in the end."""


def frame_of(table: Table, rows: Sequence[Sequence[Any]], *, more: Sequence[str] = ()) -> pl.DataFrame:
    """Rows as a frame.

    Args:
        table: whose variables the rows hold, in order; moments as microseconds since 1970 or aware.
        rows: may hold more columns behind them.
        more: names of those, whole numbers.
    """
    columns = list(zip(*rows, strict=True)) or [()] * (len(table.variables) + len(more))
    named = zip((*table.variables, *more), columns, strict=True)
    return pl.DataFrame([_series(variable, list(values)) for variable, values in named])


def _series(variable: Variable | str, values: list[Any]) -> pl.Series:
    if isinstance(variable, str):
        return pl.Series(variable, values, dtype=pl.Int64)
    if variable.kind is Kind.MOMENT:
        return pl.Series(variable.name, values, dtype=pl.Int64).cast(TYPES[Kind.MOMENT])
    return pl.Series(variable.name, values, dtype=TYPES[variable.kind])


def impossible(table: Table, frame: pl.DataFrame) -> Iterator[tuple[int, str]]:
    """Files whose values lie outside what is possible, each with the first reason."""
    for variable in table.variables:
        if variable.low is None and variable.high is None:
            continue
        column, wrong = pl.col(variable.name), pl.lit(value=False)
        if variable.low is not None:
            wrong |= column < variable.low
        if variable.high is not None:
            wrong |= column > variable.high
        found = frame.lazy().filter(wrong).select(FILE, variable.name).unique(FILE, keep="first").collect()
        for number, value in found.iter_rows():
            yield number, f"{table.name}.{variable.name}: {value:g} is not possible{_range(variable)}"


def _range(variable: Variable) -> str:
    if variable.low is None or variable.high is None:
        return f" (at least {variable.low:g})" if variable.low is not None else ""
    return f" ({variable.low:g} to {variable.high:g})"
