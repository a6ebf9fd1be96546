"""A table of any length, a block of rows at a time, whatever the length of its texts.

A streaming writer reads ahead of what it writes, and further the longer the table is; who takes one block
after another holds one.
"""

from __future__ import annotations

from collections.abc import Iterator

import polars as pl

from holdfast.research.column_types import GROUP

BYTES = 24_000_000
"""Of text that is read at once."""
ROWS = GROUP
"""Rows that are read at once where their texts are short."""


def in_blocks(rows: pl.LazyFrame, height: int, row_bytes: int) -> Iterator[pl.DataFrame]:
    """The rows in their order.

    Args:
        rows: that can be read from any place on, as those of a Parquet file can.
        height: how many there are.
        row_bytes: of text in a row, on average.
    """
    step = max(1, min(ROWS, BYTES // max(row_bytes, 1)))
    for start in range(0, height, step):
        yield rows.slice(start, step).collect()


def text_bytes(texts: list[str]) -> pl.Expr:
    """How many bytes the texts of some columns take in all."""
    sums = [pl.col(name).str.len_bytes().cast(pl.Int64).sum() for name in texts]
    return pl.sum_horizontal(pl.lit(0, pl.Int64), *sums)
