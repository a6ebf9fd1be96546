"""Rows as frames with the codebook's types, and which of them the codebook's ranges and codes refuse."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any

import polars as pl

from holdfast.core.codebook import Kind, Table, Variable
from holdfast.research.column_types import TYPES

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
    wanted: tuple[Variable | str, ...] = (*table.variables, *more)
    return pl.DataFrame([_series(v, list(values)) for v, values in zip(wanted, columns, strict=True)])


def _series(variable: Variable | str, values: list[Any]) -> pl.Series:
    if values.count(None) == len(values):  # most columns of most files
        name, kind = (
            (variable, pl.Int64()) if isinstance(variable, str) else (variable.name, TYPES[variable.kind])
        )
        return pl.repeat(None, len(values), dtype=kind, eager=True).alias(name)
    if isinstance(variable, str):
        return pl.Series(variable, values, dtype=pl.Int64)
    if variable.kind is Kind.MOMENT:
        return pl.Series(variable.name, values, dtype=pl.Int64).cast(TYPES[Kind.MOMENT])
    return pl.Series(variable.name, values, dtype=TYPES[variable.kind])


def impossible(table: Table, frame: pl.DataFrame) -> Iterator[tuple[int, str]]:
    """Files whose values lie outside what is possible, with reasons."""
    wrong = [(v, _outside(v)) for v in table.variables if v.low is not None or v.high is not None]
    if not wrong or not frame.height:
        return
    if not frame.select(pl.any_horizontal(outside for _, outside in wrong).any()).item():
        return
    for variable, outside in wrong:
        for number, value in frame.filter(outside).select(FILE, variable.name).iter_rows():
            yield number, f"{table.name}.{variable.name}: {value:g} is not possible{_range(variable)}"


def _outside(variable: Variable) -> pl.Expr:
    column = pl.col(variable.name)
    if variable.low is None or variable.high is None:
        return column < variable.low if variable.low is not None else column > variable.high
    return (column < variable.low) | (column > variable.high)


def _range(variable: Variable) -> str:
    if variable.low is None or variable.high is None:
        return f" (at least {variable.low:g})" if variable.low is not None else ""
    return f" ({variable.low:g} to {variable.high:g})"
