"""Rows on their way to a table: written part by part, put in the order of the key, in constant memory.

A source writes parts as it reads. When all are there, each table is put together in runs of students:
the rows of one run are taken out of all parts, sorted, masked and written, then those of the next. Parts
may hold names; they lie in a directory that only this user can read, and are gone in the end.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path

import polars as pl

from holdfast.core.codebook import Table
from holdfast.research.column_types import schema_of, sink_described

ROWS_AT_ONCE = 60_000
"""Rows that are sorted in memory at once: some twenty megabytes of the widest table."""

Finish = Callable[[Table, pl.DataFrame], pl.DataFrame]


def in_order(frame: pl.DataFrame, key: Sequence[str]) -> pl.DataFrame:
    """Rows sorted by a key; what files give mostly is, and to see that costs a tenth of sorting."""
    if not any(frame[name].null_count() for name in key):
        right = pl.lit(value=True)
        for name in reversed(key):
            before, now = pl.col(name).shift(1), pl.col(name)
            right = (before < now) | ((before == now) & right)
        if frame.select(right.slice(1).all()).item():
            return frame
    return frame.sort(key, maintain_order=True)


class Parts:
    """The parts of every table, in a directory."""

    def __init__(self, directory: Path) -> None:
        self.directory = directory
        self.rows: Counter[str] = Counter()

    def path(self, table: str, number: int) -> Path:
        """Where a part stands; parts are read in the order of their numbers."""
        return self.directory / table / f"{number:08d}.parquet"

    def write(self, table: str, number: int, frame: pl.DataFrame) -> int:
        """Write one part, sorted by student; how many rows it has. A part without rows is not written."""
        if frame.height:
            path = self.path(table, number)
            path.parent.mkdir(exist_ok=True)
            ordered = in_order(frame, ("student_id",))
            ordered.write_parquet(path, compression="lz4", row_group_size=4096)
            self.rows[table] += frame.height
        return frame.height

    def together(
        self, table: Table, kept: Table, students: Sequence[str], finish: Finish, target: Path
    ) -> None:
        """Put a table together.

        Args:
            table: which.
            kept: as it is in the end.
            students: everybody in the data, sorted; rows of others are left out.
            finish: what is still to be done to each run of rows.
            target: the file to write.
        """
        columns = [variable.name for variable in kept.variables]
        runs = self.directory / f"{table.name}.runs"
        runs.mkdir()
        paths: list[Path] = []
        for first, last in self._runs(table.name, students):
            frame = self._run(table, first, last)
            frame = in_order(finish(table, frame), table.key).select(columns)
            paths.append(runs / f"{len(paths):08d}.parquet")
            frame.write_parquet(paths[-1], compression="lz4")
        if paths:
            whole = pl.scan_parquet(paths, glob=False)
            sink_described(whole, kept, target)
        else:
            sink_described(pl.LazyFrame(schema=schema_of(kept)), kept, target)
        for path in paths:
            path.unlink()

    def _runs(self, table: str, students: Sequence[str]) -> Iterator[tuple[str, str]]:
        """First and last student of each run."""
        rows = self.rows[table]
        if not rows or not students:
            return
        each = max(1, len(students) * ROWS_AT_ONCE // rows)
        for at in range(0, len(students), each):
            yield students[at], students[min(at + each, len(students)) - 1]

    def _run(self, table: Table, first: str, last: str) -> pl.DataFrame:
        parts = sorted((self.directory / table.name).glob("*.parquet"))
        within = pl.col("student_id").is_between(pl.lit(first), pl.lit(last))
        return pl.concat([pl.scan_parquet(p, glob=False).filter(within) for p in parts]).collect()
