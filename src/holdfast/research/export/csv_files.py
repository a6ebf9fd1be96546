r"""CSV: UTF-8, RFC 4180 (CRLF, quotes doubled), times in ISO 8601, missing and empty kept apart.

A missing value is an empty field, an empty text is ``""``. A text that a spreadsheet would run as a formula
(it begins with ``=``, ``+``, ``-``, ``@``, a tab or a line break, behind any number of apostrophes) gets
one apostrophe more in front; taking one away from every text that begins so gives back what it was.
Numbers are never touched.
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import polars as pl

from holdfast.core.codebook import Kind, Table
from holdfast.research.column_types import TYPES, schema_of
from holdfast.research.export.blocks import in_blocks, text_bytes

END = "\r\n"
MOMENT = "%Y-%m-%dT%H:%M:%S%.6fZ"
RISKY = "^'*[=+\\-@\t\r\n\uff0b\uff0d\uff1d\uff20]"
"""The first characters that spreadsheets take for a formula (OWASP, CSV Injection), wide forms included."""
GUARDED = "^'+[=+\\-@\t\r\n\uff0b\uff0d\uff1d\uff20]"

PIECE = 16_000_000
"""Bytes of a file that are parsed at once."""


def write_csv(rows: pl.LazyFrame, table: Table, path: Path, *, bom: bool = False) -> None:
    """Write a table, a block of rows at a time.

    Args:
        rows: the columns of the table, in its order.
        table: what they mean.
        path: the file.
        bom: begin with a byte order mark, so that older Excel reads UTF-8 from a double click.
    """
    texts = [name for name, kind in schema_of(table).items() if kind == pl.String()]
    guarded = [
        pl.when(pl.col(name).str.contains(RISKY))
        .then(pl.concat_str(pl.lit("'"), pl.col(name)))
        .otherwise(pl.col(name))
        .alias(name)
        for name in texts
    ]
    told = rows.select(pl.len().alias("rows"), text_bytes(texts).alias("bytes")).collect(engine="streaming")
    height, size = told.row(0)
    whole = rows.with_columns(guarded)
    with path.open("wb") as file:
        header = pl.DataFrame(schema=whole.collect_schema())
        header.write_csv(file, include_bom=bom, line_terminator=END)
        for block in in_blocks(whole, height, size // max(height, 1)):
            block.write_csv(file, include_header=False, line_terminator=END, datetime_format=MOMENT)


def csv_pieces(path: Path, at_once: int = PIECE) -> Iterator[bytes]:
    """The rows of such a file, header left out, in pieces of whole rows.

    The parser's memory grows with the length of what it is given; that of a piece does not.
    """
    with path.open("rb") as file:
        file.readline()
        left = b""
        while read := file.read(at_once):
            left += read
            end = len(left)
            while (end := left.rfind(b"\r\n", 0, end)) >= 0 and left.count(b'"', 0, end) % 2:
                pass  # this line break stands within a text
            if end >= 0:
                yield left[: end + 2]
                left = left[end + 2 :]
        if left:
            yield left


def scan_csv(path: Path | bytes, table: Table) -> pl.LazyFrame:
    """The rows of such a file as they were before it was written.

    Args:
        path: the file, or a piece of it without the header.
        table: whose rows they are.

    Raises:
        polars.exceptions.PolarsError: when collected, if the columns are not the table's.
    """
    headed = isinstance(path, Path)
    types = schema_of(table)
    moments = [name for name, kind in types.items() if kind == TYPES[Kind.MOMENT]]
    read = pl.scan_csv(
        path, has_header=headed, schema={n: pl.String() if n in moments else t for n, t in types.items()}
    )
    texts = [name for name, kind in types.items() if kind == pl.String()]
    return read.with_columns(
        *[
            pl.when(pl.col(name).str.contains(GUARDED))
            .then(pl.col(name).str.slice(1))
            .otherwise(pl.col(name))
            .alias(name)
            for name in texts
        ],
        *[pl.col(name).str.to_datetime(MOMENT, time_unit="us", time_zone="UTC") for name in moments],
    )
