"""Every table in every format that was asked for, several at once, each file read back when it is written."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from datetime import datetime
from functools import partial
from pathlib import Path
from threading import Lock

import polars as pl
import pyreadstat

from holdfast.core.codebook import Table
from holdfast.kit.errors import InvalidInput
from holdfast.research.analysis.results import Results
from holdfast.research.column_types import described_as, schema_of, sink_described
from holdfast.research.export.codebook_files import Described, dataset_description, page
from holdfast.research.export.csv_files import write_csv
from holdfast.research.export.formats import Format
from holdfast.research.export.labelled_files import write_labelled
from holdfast.research.export.notices import Notice
from holdfast.research.export.sheets import sheets
from holdfast.research.export.verification import (
    check_csv,
    check_labelled,
    check_parquet,
    check_workbook,
    fingerprint,
)
from holdfast.research.export.workbook import write_workbook
from holdfast.research.side_by_side import side_by_side

WORKBOOK = "student_data_analysis.xlsx"
DIRECTORIES = ("codebook", "csv", "spss", "stata")
"""That are written here; Parquet stands before."""
Progress = Callable[[int, int, str], None]
"""Told how many steps of how many are done, and what comes now."""


@dataclass(frozen=True, slots=True)
class Wish:
    """How the files are to be.

    Attributes:
        moment: of the snapshot; every header that holds a time tells this one.
        formats: beside Parquet.
        bom: CSV begins with a byte order mark.
        facts: ``name``, ``description``, ``version``, ``created``, for the codebook.
        about: the last sheet of the workbook.
    """

    moment: datetime
    formats: frozenset[Format]
    facts: dict[str, str]
    about: tuple[tuple[str, str], ...]
    bom: bool = False


@dataclass(slots=True)
class Made:
    """What was written: rows by file, tables with their rows, and what differs."""

    tables: list[Described] = field(default_factory=list)
    rows: dict[str, int] = field(default_factory=dict)
    notices: list[Notice] = field(default_factory=list)


def described(directory: Path, tables: Sequence[Table]) -> list[Described]:
    """The tables of a dataset as they stand on disk: with the variables that are there, and their rows."""
    found = []
    for table in tables:
        path = directory / f"{table.name}.parquet"
        if path.exists():
            rows = pl.scan_parquet(path)
            names = set(rows.collect_schema().names())
            kept = tuple(variable for variable in table.variables if variable.name in names)
            found.append(
                Described(replace(table, variables=kept), int(rows.select(pl.len()).collect().item()))
            )
    return found


def write_data_files(
    bundle: Path, tables: Sequence[Table], results: Results | None, wish: Wish, progress: Progress
) -> Made:
    """Write the codebook and every format of the dataset in ``bundle/parquet``, and read each file back.

    Raises:
        DoesNotReadBack: a file does not hold what it should.
        InvalidInput: the disk is full.
    """
    made = Made(described(bundle / "parquet", tables))
    steps = _Steps(
        progress, len(made.tables) * (1 + len(wish.formats - {"excel"})) + 2 * ("excel" in wish.formats)
    )
    with telling_full_disk(bundle):
        # Before anything reads these files: one that is replaced under a reader is torn for it.
        list(side_by_side(lambda each: _describe(bundle, each.table), made.tables))
        _write_codebook(bundle, made.tables, wish)
        largest_first = sorted(made.tables, key=lambda each: each.rows, reverse=True)
        work = [partial(_write_table, bundle, each, wish, steps) for each in largest_first]
        if "excel" in wish.formats:  # the longest first
            work.insert(0, partial(_write_workbook, bundle, made.tables, results, wish, steps))
        written = list(side_by_side(lambda one: one(), work))
    in_order = {table.name: n for n, table in enumerate(tables)}
    for one in sorted(written, key=lambda one: in_order.get(one.name, len(in_order))):
        made.rows |= one.rows
        made.notices += one.notices
    return made


def refresh_workbook(
    bundle: Path, tables: Sequence[Table], results: Results | None, wish: Wish, progress: Progress
) -> Made:
    """Write the workbook anew, where the bundle is to have one; the other files stay.

    Raises:
        DoesNotReadBack, InvalidInput: as `write_data_files`.
    """
    made = Made(described(bundle / "parquet", tables))
    if "excel" in wish.formats:
        (bundle / WORKBOOK).unlink(missing_ok=True)
        with telling_full_disk(bundle):
            made.notices += _write_workbook(bundle, made.tables, results, wish, _Steps(progress, 2)).notices
    return made


class _Steps:
    """Counts the steps and tells them."""

    def __init__(self, progress: Progress, total: int) -> None:
        self._progress, self._total, self._done = progress, total, 0
        self._one_at_a_time = Lock()
        self.labelled = Lock()
        """SPSS and Stata files are written from memory, and hence never two at once."""

    def now(self, what: str) -> None:
        """A step is begun."""
        with self._one_at_a_time:
            self._progress(self._done, self._total, what)
            self._done += 1


@dataclass(slots=True)
class _Written:
    """The files of one table, or the workbook: rows by file, and what differs."""

    name: str
    rows: dict[str, int] = field(default_factory=dict)
    notices: list[Notice] = field(default_factory=list)


@contextmanager
def telling_full_disk(place: Path) -> Iterator[None]:
    """A writer's failure is told as what it is: no room, or a limit of the system."""
    try:
        yield
    except (RuntimeError, OSError, pl.exceptions.PolarsError, pyreadstat.ReadstatError) as error:
        said = str(error).lower()
        if any(
            word in said for word in ("no space", "os error 28", "os error 27", "file too large", "write")
        ):
            raise InvalidInput(f"cannot be written: {error}", field=str(place)) from error
        raise


def _write_codebook(bundle: Path, tables: Sequence[Described], wish: Wish) -> None:
    directory = bundle / "codebook"
    directory.mkdir()
    (directory / "codebook.html").write_text(page(tables, wish.facts), encoding="utf-8")
    (directory / "dataset_description.json").write_bytes(dataset_description(tables, wish.facts))


def _write_table(bundle: Path, each: Described, wish: Wish, steps: _Steps) -> _Written:
    made = _Written(each.table.name)
    table, source = each.table, bundle / "parquet" / f"{each.table.name}.parquet"
    rows = pl.scan_parquet(source)
    steps.now(f"{table.name}: reading")
    wanted = fingerprint(rows, list(schema_of(table)))
    check_parquet(source, table, None)
    made.rows[f"parquet/{source.name}"] = each.rows
    if "csv" in wish.formats:
        steps.now(f"{table.name}.csv")
        path = _beside(bundle, "csv", table)
        write_csv(rows, table, path, bom=wish.bom)
        check_csv(path, table, wanted)
        made.rows[f"csv/{path.name}"] = each.rows
    for name, ending in (("spss", "sav"), ("stata", "dta")):
        if name in wish.formats:
            steps.now(f"{table.name}.{ending}")
            path = _beside(bundle, name, table, ending)
            with steps.labelled:
                written = write_labelled(rows, table, path, wish.moment)
                check_labelled(path, written)
            made.rows[f"{name}/{path.name}"] = each.rows
            made.notices += [replace(notice, file=f"{name}/{notice.file}") for notice in written.notices]
    return made


def _describe(bundle: Path, table: Table) -> None:
    """Put what the codebook says of the table into its Parquet file, where that says something else."""
    source = bundle / "parquet" / f"{table.name}.parquet"
    if described_as(table).items() <= pl.read_parquet_metadata(source).items():
        return
    rows, described = pl.scan_parquet(source), source.with_suffix(".described")
    sink_described(rows, table, described)
    check_parquet(described, table, fingerprint(rows, list(schema_of(table))))
    described.replace(source)


def _beside(bundle: Path, directory: str, table: Table, ending: str = "csv") -> Path:
    (bundle / directory).mkdir(exist_ok=True)  # perhaps by another thread just now
    return bundle / directory / f"{table.name}.{ending}"


def _write_workbook(
    bundle: Path, tables: Sequence[Described], results: Results | None, wish: Wish, steps: _Steps
) -> _Written:
    scans = {
        each.table.name: pl.scan_parquet(bundle / "parquet" / f"{each.table.name}.parquet") for each in tables
    }
    steps.now(WORKBOOK)
    path = bundle / WORKBOOK
    parts, notices = write_workbook(sheets(tables, scans, results, wish.about), path, wish.moment)
    steps.now(f"{WORKBOOK}: reading")
    check_workbook(path, parts)
    return _Written(WORKBOOK, notices=notices)
