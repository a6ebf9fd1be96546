"""The rows of a sheet in the form the workbook has for them (ECMA-376 part 1, 18.3.1), packed as they come.

Whole columns are put into that form at once, some megabytes at a time, so that a sheet of any length takes
the same memory. Every text is a text of its own in its cell; what XML or the format would read as
something else (``&``, a control character, ``_x0041_`` as it stands) is written so that readers get it back.
"""

from __future__ import annotations

import io
from collections.abc import Iterator, Sequence
from itertools import chain
from pathlib import Path

import polars as pl
from isal import isal_zlib

from holdfast.research.export.blocks import in_blocks
from holdfast.research.export.zip_archives import Packed

PARTS = 2
"""Of a block: rows in their form take several times as much as in columns."""
LEVEL = 1
"""Of deflate, as Intel's library has it: a third larger than zlib's level 6, in a tenth of the time. What it
writes is read back with zlib, so that no fault of one is hidden by the same one in the other."""

_CONTROLS = [chr(code) for code in (*range(9), 11, 12, *range(13, 32), 0xFFFE, 0xFFFF)]
_AS_THEY_ARE = ["&", "<", ">", *_CONTROLS]
_WRITTEN = ["&amp;", "&lt;", "&gt;", *(f"_x{ord(control):04X}_" for control in _CONTROLS)]
_LIKE_ESCAPED = "_x[0-9A-Fa-f]{4}_"
_SIGNS = "".join(rf"\x{{{ord(sign):X}}}" for sign in _AS_THEY_ARE)
_ODD = rf"[{_SIGNS}]|{_LIKE_ESCAPED}|^\s|\s$|^$"
"""What is not written as it stands, in the syntax of the regex that polars has."""


def pack_rows(
    frame: pl.LazyFrame,
    rows: int,
    row_bytes: int,
    styles: Sequence[str],
    ends: tuple[bytes, bytes],
    path: Path,
) -> Packed:
    """Write a sheet, compressed.

    Args:
        frame: of text, whole numbers, numbers and booleans.
        rows: how many it has.
        row_bytes: of text in a row, on average.
        styles: of the cells of each column, as an attribute or empty.
        ends: what stands before the first row, and behind the last.
        path: where the compressed bytes go.
    """
    packer = isal_zlib.compressobj(LEVEL, isal_zlib.DEFLATED, -isal_zlib.MAX_WBITS)
    crc, size = 0, 0
    with path.open("wb") as file:
        for part in chain(ends[:1], _written(frame, rows, row_bytes, styles), ends[1:]):
            crc, size = isal_zlib.crc32(part, crc), size + len(part)
            file.write(packer.compress(part))
        file.write(packer.flush())
        packed = file.tell()
    return Packed(path, crc, size, packed)


def _written(frame: pl.LazyFrame, rows: int, row_bytes: int, styles: Sequence[str]) -> Iterator[bytes]:
    number = 2  # the first row holds the headers
    for block in in_blocks(frame, rows, row_bytes):
        for part in block.iter_slices(-(-block.height // PARTS)):
            yield rows_as_xml(part, number, styles)
            number += part.height


def rows_as_xml(block: pl.DataFrame, first: int, styles: Sequence[str]) -> bytes:
    """Some rows of a sheet.

    Args:
        block: their cells.
        first: the number of the first of them in the sheet, from 1; row 1 holds the headers.
        styles: of the cells of each column, as an attribute or empty.
    """
    number = pl.Series("row", range(first, first + block.height), dtype=pl.Int64).cast(pl.String)
    cells = [
        _cells(block[name], number, f'<c r="{column_letters(place)}', style)
        for place, (name, style) in enumerate(zip(block.columns, styles, strict=True))
        if block[name].null_count() < block.height
    ]
    parts = [pl.lit('<row r="'), pl.lit(number), pl.lit('">'), *cells, pl.lit("</row>")]
    line = pl.concat_str(parts, ignore_nulls=True).alias("line")
    target = io.BytesIO()
    pl.select(line).write_csv(target, include_header=False, quote_style="never", line_terminator="\n")
    return target.getvalue()


def _cells(column: pl.Series, number: pl.Series, begin: str, style: str) -> pl.Expr:
    """The cells of a column; none where there is no value."""
    kind = column.dtype
    if kind == pl.String:
        text, blanks = _escaped(column)
        open_ = '<t xml:space="preserve">' if blanks else "<t>"
        return _cell(begin, number, f'"{style} t="inlineStr"><is>{open_}', text, "</t></is></c>")
    if kind == pl.Boolean:
        return _cell(begin, number, f'"{style} t="b"><v>', column.cast(pl.Int8).cast(pl.String), "</v></c>")
    value = column.cast(pl.String)
    written = _cell(begin, number, f'"{style}><v>', value, "</v></c>")
    if kind == pl.Float64 and not column.is_finite().all():
        no_number = _cell(begin, number, f'"{style} t="e"><v>', pl.lit("#NUM!"), "</v></c>")
        return (
            pl.when(pl.lit(column.is_finite()))
            .then(written)
            .when(pl.lit(column.is_not_null()))
            .then(no_number)
        )
    return written


def _cell(begin: str, number: pl.Series, between: str, value: pl.Series | pl.Expr, end: str) -> pl.Expr:
    within = value if isinstance(value, pl.Expr) else pl.lit(value)
    return pl.concat_str(pl.lit(begin), pl.lit(number), pl.lit(between), within, pl.lit(end))


def _escaped(column: pl.Series) -> tuple[pl.Series, bool]:
    """Texts as XML holds them, empty ones as none, and whether blanks at their ends must be kept."""
    frame = column.alias("text").to_frame()
    text = pl.col("text")
    if not frame.select(text.str.contains(_ODD).any()).item():  # one look instead of four, nearly always
        return column, False
    seen = frame.select(
        empty=(text.str.len_bytes() == 0).any(),
        marks=text.str.contains_any(_AS_THEY_ARE).any(),
        like=text.str.contains(_LIKE_ESCAPED).any(),
        blanks=(text.str.strip_chars().str.len_bytes() != text.str.len_bytes()).any(),
    ).row(0, named=True)
    if seen["empty"]:
        text = pl.when(text.str.len_bytes() > 0).then(text)
    if seen["like"]:
        guarded = text.str.replace_all("_x", "_x005F_x", literal=True)
        text = pl.when(text.str.contains(_LIKE_ESCAPED)).then(guarded).otherwise(text)
    if seen["marks"]:
        text = text.str.replace_many(_AS_THEY_ARE, _WRITTEN)
    return frame.select(text).to_series(), bool(seen["blanks"])


def column_letters(place: int) -> str:
    """``A`` for 0, ``Z`` for 25, ``AA`` for 26."""
    letters, left = "", place + 1
    while left:
        left, digit = divmod(left - 1, 26)
        letters = chr(65 + digit) + letters
    return letters
