"""From a source to a dataset: read, hide, put in order, count."""

from __future__ import annotations

import asyncio
import shutil
from collections.abc import Sequence
from dataclasses import replace
from importlib.metadata import version
from pathlib import Path
from typing import Protocol

import orjson
import polars as pl

from holdfast.core.codebook import Table
from holdfast.kit.errors import Conflict
from holdfast.research.codebook import TABLES
from holdfast.research.dataset import INTAKE, Dataset, Intake
from holdfast.research.deidentification import Hiding, Masker
from holdfast.research.deidentification.small_cells import small_cells
from holdfast.research.side_by_side import side_by_side
from holdfast.research.sources.frames import FILE
from holdfast.research.sources.gathered import Gathered
from holdfast.research.sources.options import Options, Progress
from holdfast.research.sources.parts import Parts

_ON_THE_WAY = ".collecting"


class Source(Protocol):
    """Where a dataset comes from: `StudentFiles` or `CohortsInDatabase`."""

    @property
    def kind(self) -> str:
        """``files`` or ``database``."""
        ...

    async def gather(self, parts: Parts, options: Options, progress: Progress) -> Gathered:
        """Write every row into the parts, and say how the records came in."""
        ...


def _silent(_done: int, _total: int, _what: str) -> None:
    """Tells nobody."""


async def collect(source: Source, out_dir: Path, options: Options, progress: Progress = _silent) -> Dataset:
    """Collect a dataset into a directory, which is made when it is not there.

    Raises:
        Conflict: there is a dataset in the directory.
        InvalidInput: the source has no records, or is not what it should be.
        NotFound: the source names a cohort that is not there.
    """
    on_the_way = await asyncio.to_thread(_prepared, out_dir)
    try:
        parts = Parts(on_the_way)
        gathered = await source.gather(parts, options, progress)
        await asyncio.to_thread(_put_together, source.kind, gathered, parts, out_dir, options, progress)
    finally:
        shutil.rmtree(on_the_way, ignore_errors=True)
    return Dataset(out_dir)


def _prepared(out_dir: Path) -> Path:
    """A place that only this user can read, for what may hold names."""
    out_dir.mkdir(parents=True, exist_ok=True)
    if (out_dir / INTAKE).exists():
        raise Conflict(f"there is a dataset in {out_dir}", field="out")
    on_the_way = out_dir / _ON_THE_WAY
    shutil.rmtree(on_the_way, ignore_errors=True)
    on_the_way.mkdir(mode=0o700)
    return on_the_way


def _put_together(
    kind: str, gathered: Gathered, parts: Parts, out_dir: Path, options: Options, progress: Progress
) -> None:
    hiding = Hiding(options.key, identified=options.identified, with_text=options.with_text)
    masker = Masker(() if options.identified else (*gathered.people, *options.people))
    students = sorted(hiding.pseudonym("student", student) for student in gathered.students)
    left_out = pl.Series(sorted(gathered.left_out), dtype=pl.Int64)
    cohorts = _apart(gathered.cohorts, masker)
    title = masker.mask(options.title) if options.title else ", ".join(cohorts.values())

    def finish(table: Table, frame: pl.DataFrame) -> pl.DataFrame:
        if FILE in frame.columns:
            frame = frame.filter(~pl.col(FILE).is_in(left_out.implode())) if len(left_out) else frame
        told = hiding.without_names(table, frame, masker)
        if "cohort" in frame.columns and cohorts:
            told = told.with_columns(frame["cohort"].replace(cohorts))
        return told

    def put(table: Table) -> None:
        kept = replace(table, variables=hiding.kept(table))
        parts.together(table, kept, students, finish, out_dir / f"{table.name}.parquet")

    progress(0, len(TABLES), "putting together")
    largest_first = sorted(TABLES, key=lambda table: -parts.rows[table.name])
    for number, _ in enumerate(side_by_side(put, largest_first), start=1):
        progress(number, len(TABLES), "putting together")
    named = (title, tuple(cohorts.values()))
    _write_intake(kind, gathered, hiding, len(students), out_dir, options, named)


def _apart(cohorts: Sequence[str], masker: Masker) -> dict[str, str]:
    """What stands for each cohort: its name, masked; a number keeps two apart that are alike then."""
    made: dict[str, str] = {}
    for name in cohorts:
        hidden = shown = masker.mask(name)
        number = 1
        while shown in made.values():
            number += 1
            shown = f"{hidden} ({number})"
        made[name] = shown
    return made


def _write_intake(
    kind: str,
    gathered: Gathered,
    hiding: Hiding,
    loaded: int,
    out_dir: Path,
    options: Options,
    named: tuple[str, tuple[str, ...]],
) -> None:
    overview = pl.scan_parquet(out_dir / "students_overview.parquet", glob=False)
    intake = Intake(
        source=kind,
        snapshot=gathered.snapshot,
        cohorts=named[1],
        title=named[0],
        identified=options.identified,
        with_text=options.with_text or options.identified,
        found=gathered.found,
        loaded=loaded,
        quarantined=gathered.quarantined,
        duplicates=gathered.duplicates,
        excluded=gathered.excluded,
        unfinished=gathered.unfinished,
        notes=gathered.notes,
        masked=dict(sorted(hiding.masked.items())),
        small_cells=None if options.identified else small_cells(overview),
        versions={"holdfast": version("holdfast"), "polars": pl.__version__},
    )
    document = orjson.dumps(intake.to_json(), option=orjson.OPT_INDENT_2 | orjson.OPT_APPEND_NEWLINE)
    (out_dir / INTAKE).write_bytes(document)
