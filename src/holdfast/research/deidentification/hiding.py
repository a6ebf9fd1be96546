"""The codebook decides what is hidden: the kind of each variable says how."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable

import polars as pl

from holdfast.core.codebook import Kind, Table, Variable
from holdfast.research.deidentification.masking import Masker
from holdfast.research.deidentification.pseudonyms import StudyKey


class Hiding:
    """Applies to tables what was asked for.

    Attributes:
        masked: values in which something was masked, by table.
    """

    def __init__(self, key: StudyKey, *, identified: bool = False, with_text: bool = False) -> None:
        self._key, self._identified = key, identified
        self._with_text = with_text or identified
        self.masked: Counter[str] = Counter()

    def kept(self, table: Table) -> tuple[Variable, ...]:
        """The variables that stay."""
        return tuple(variable for variable in table.variables if self._stays(variable.kind))

    def pseudonym(self, names: str, value: str) -> str:
        """What stands for an identifier in this dataset: itself, when it is an identified one."""
        return value if self._identified else self._key.pseudonym(names, value)

    def without_identity(self, table: Table, frame: pl.DataFrame) -> pl.DataFrame:
        """Direct identifiers and unasked texts dropped, identifiers replaced, dates moved."""
        kept = [v.name for v in self.kept(table)]
        extra = [name for name in frame.columns if name not in {v.name for v in table.variables}]
        if self._identified:
            return frame.select(*kept, *extra)
        moments = [v.name for v in self.kept(table) if v.kind is Kind.MOMENT]
        if moments:
            frame = self._moved(frame, moments)
        named = [v for v in self.kept(table) if v.kind is Kind.IDENTIFIER]
        frame = frame.with_columns(self._replaced(frame[v.name], v.names or v.name) for v in named)
        return frame.select(*kept, *extra)

    def without_names(self, table: Table, frame: pl.DataFrame, masker: Masker) -> pl.DataFrame:
        """What people said, and short texts that may hold it, with everybody's name masked."""
        if self._identified:
            return frame
        words = (Kind.TEXT, Kind.FREE_TEXT, Kind.CATEGORY)
        open_ = [v.name for v in self.kept(table) if v.kind in words and not v.values]
        return frame.with_columns(self._masked(table.name, frame[name], masker) for name in open_)

    def _stays(self, kind: Kind) -> bool:
        if kind is Kind.DIRECT:
            return self._identified
        return kind is not Kind.FREE_TEXT or self._with_text

    def _moved(self, frame: pl.DataFrame, moments: Iterable[str]) -> pl.DataFrame:
        weeks = {student: self._key.weeks(student) for student in _unique(frame["student_id"])}
        if not weeks:
            return frame
        by_row = frame["student_id"].replace_strict(weeks, return_dtype=pl.Int64)
        shift = pl.lit(by_row) * pl.duration(weeks=1)
        return frame.with_columns(pl.col(name) - shift for name in moments)

    def _replaced(self, column: pl.Series, names: str) -> pl.Series:
        known = {value: self._key.pseudonym(names, value) for value in _unique(column)}
        return column.replace_strict(known, default=None, return_dtype=pl.String) if known else column

    def _masked(self, table: str, column: pl.Series, masker: Masker) -> pl.Series:
        changed = {}
        for value in _unique(column):
            hidden = masker.mask(value)
            if hidden != value:
                changed[value] = hidden
        if not changed:
            return column
        self.masked[table] += int(column.is_in(list(changed)).sum())
        return column.replace(changed)


def _unique(column: pl.Series) -> list[str]:
    return column.drop_nulls().unique().to_list()
