"""A workbook with one row in each sheet as the model for many: what stands around rows, and how cells look.

The parts of the archive that name the last row (the extent of a sheet, its filter, the workbook's list of
filters) are written for the number of rows that there will be.
"""

from __future__ import annotations

import re

BOOK = "xl/workbook.xml"
_ONLY_ROW = b'<row r="2"'
_END = b"</sheetData>"
_CELL = re.compile(rb'<c r="[A-Z]+2"( s="\d+")?')
_LAST = re.compile(rb'(<(?:dimension|autoFilter) ref="A1:[A-Z]+)2"')
_FILTER = re.compile(rb'(_FilterDatabase" localSheetId="(\d+)"[^>]*>[^<]*\$)2<')


def entry_of(number: int) -> str:
    """The entry of a sheet, counted from 0."""
    return f"xl/worksheets/sheet{number + 1}.xml"


class ModelSheet:
    """A sheet with headers and one row, none of whose cells is empty.

    Attributes:
        ends: what stands before the first row, and behind the last.
        styles: of the cells of each column, as an attribute or empty.
    """

    def __init__(self, content: bytes, rows: int) -> None:
        """Take it apart.

        Args:
            content: of its entry.
            rows: how many there will be, at least 1.

        Raises:
            ValueError: it is another sheet than that.
        """
        if content.count(_ONLY_ROW) != 1:
            raise ValueError("this is no sheet with one row")
        before, _, from_row = content.partition(_ONLY_ROW)
        row, _, behind = from_row.partition(_END)
        last = rb"\g<1>%d" % (rows + 1)
        self.ends = _LAST.sub(last + b'"', before), _END + _LAST.sub(last + b'"', behind)
        self.styles = [found.decode() for found in _CELL.findall(row)]


def filters_to_the_end(book: bytes, rows: list[int]) -> bytes:
    """The workbook's own entry with filters that reach the last row of each sheet.

    Args:
        book: the entry, for one row in each sheet.
        rows: of the sheets in their order.
    """
    return _FILTER.sub(lambda found: found[1] + b"%d<" % (rows[int(found[2])] + 1), book)
