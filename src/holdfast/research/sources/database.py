"""Cohorts in the database as a dataset: one snapshot, a few hundred students at a time.

Everything is read in one read-only transaction that sees one moment, in the order in which the tables are
written, so that neither the number of students nor what happens meanwhile changes anything. Who is not in
the data is counted: consent withdrawn, consent absent. Who was erased is not there to be counted.
"""

from __future__ import annotations

import asyncio
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from holdfast.core.codebook import Kind, Table
from holdfast.kit.errors import InvalidInput, NotFound
from holdfast.programs.simulation.export import TABLES as SIMULATION
from holdfast.programs.simulation.export.batch import Batch, Who
from holdfast.programs.simulation.export.rows import rows_of
from holdfast.programs.simulation.export.stored import simulation
from holdfast.research.codebook import COVARIATES, OFFERS
from holdfast.research.dataset import Refused
from holdfast.research.deidentification.hiding import Hiding
from holdfast.research.sources.frames import frame_of
from holdfast.research.sources.gathered import Gathered
from holdfast.research.sources.options import Options, Progress
from holdfast.research.sources.parts import Parts
from holdfast.research.sources.registry import registered_people
from holdfast.store.database import Database
from holdfast.store.statements import Connection, Row, Statement, load

statements = load("holdfast.research.sources", "database.sql")

AT_ONCE = 200
"""Students who are read at once."""

WITHDRAWN, ABSENT = "consent withdrawn", "no consent"


@dataclass(frozen=True, slots=True)
class CohortsInDatabase:
    """Some cohorts.

    Attributes:
        cohorts: by name. A student of several counts in the one that was joined first; the others are
            duplicates.
    """

    database: Database
    cohorts: tuple[str, ...]

    kind = "database"

    async def gather(self, parts: Parts, options: Options, progress: Progress) -> Gathered:
        """Read everything.

        Raises:
            InvalidInput: no cohort is named, or nobody is in them.
            NotFound: there is no such cohort.
            StoreUnavailable: the database does not answer.
        """
        if not self.cohorts:
            raise InvalidInput("name at least one cohort", field="cohort")
        async with self.database.snapshot() as connection:
            return await _Reading(connection, parts, options, progress).gather(self.cohorts)


class _Reading:
    """One dataset on its way out of one snapshot."""

    def __init__(self, connection: Connection, parts: Parts, options: Options, progress: Progress) -> None:
        self._connection, self._parts, self._progress = connection, parts, progress
        self._hiding = Hiding(options.key, identified=options.identified, with_text=options.with_text)
        self._medications: dict[str, frozenset[str]] = {}

    async def gather(self, cohorts: Sequence[str]) -> Gathered:
        """Everything of some cohorts."""
        snapshot = await statements.snapshot_time.value(self._connection)
        await self._known(cohorts)
        enrolled = await statements.enrolled.rows(self._connection, cohorts=list(cohorts))
        if not enrolled:
            raise InvalidInput("nobody is in this cohort", field="cohort")
        loaded, duplicates, excluded = _sorted_out(enrolled)
        loaded.sort(key=lambda row: self._hiding.pseudonym("student", str(row["student_id"])))
        unfinished = 0
        for at in range(0, len(loaded), AT_ONCE):
            self._progress(at, len(loaded), "reading students")
            unfinished += await self._read(loaded[at : at + AT_ONCE], at)
        self._progress(len(loaded), len(loaded), "reading students")
        shown = (self._hiding.pseudonym("student", str(row["student_id"])) for row in duplicates)
        return Gathered(
            snapshot=snapshot,
            students=[str(row["student_id"]) for row in loaded],
            people=await registered_people(self._connection),
            found=len(enrolled),
            cohorts=tuple(cohorts),
            duplicates=tuple(Refused(who, "counted in the cohort that was joined first") for who in shown),
            excluded=dict(sorted(excluded.items())),
            unfinished=unfinished,
        )

    async def _known(self, cohorts: Sequence[str]) -> None:
        there = {row["name"] for row in await statements.cohort_names.rows(self._connection)}
        for name in cohorts:
            if name not in there:
                raise NotFound(f"there is no cohort named {name!r}", field="cohort")

    async def _read(self, members: Sequence[Row], number: int) -> int:
        """Read some students; how many of them have no completed session."""
        enrolments = [row["enrolment_id"] for row in members]
        batch = await self._simulation(members, enrolments)
        rows = await asyncio.to_thread(rows_of, batch)
        for table in SIMULATION:
            await self._write(table, number, rows[table.name])
        for table, statement in OFFERS:
            await self._offer(table, statement, enrolments, number)
        await self._offer(COVARIATES, statements.covariates, enrolments, number)
        return sum(member["status"] != "COMPLETED" for _, member in batch.members)

    async def _simulation(self, members: Sequence[Row], enrolments: Sequence[UUID]) -> Batch:
        connection = self._connection
        found = await simulation.exported_members.rows(connection, enrolments=enrolments)
        by_enrolment = {row["enrolment_id"]: row for row in found}
        paired = [(_who(row), by_enrolment[row["enrolment_id"]]) for row in members]
        sessions = [row["session_id"] for row in found if row["session_id"] is not None]
        runs = await simulation.exported_runs.rows(connection, sessions=sessions)
        await self._learn({run["content_hash"] for run in runs})
        return Batch(
            members=paired,
            runs=runs,
            occurrences=await simulation.exported_occurrences.rows(connection, sessions=sessions),
            judgements=await simulation.exported_judgements.rows(connection, sessions=sessions),
            vital_signs=await simulation.exported_vital_signs.rows(connection, sessions=sessions),
            messages=await simulation.exported_messages.rows(connection, sessions=sessions),
            medications=self._medications,
        )

    async def _learn(self, hashes: set[str]) -> None:
        """Which treatments of these scenarios are medications."""
        new = sorted(hashes - set(self._medications))
        if new:
            rows = await simulation.treatments_of.rows(self._connection, hashes=new)
            for name in new:
                treatments = (row["treatment"] for row in rows if row["content_hash"] == name)
                self._medications[name] = frozenset(treatments)

    async def _offer(
        self, table: Table, statement: Statement, enrolments: Sequence[UUID], number: int
    ) -> None:
        rows = await statement.rows(self._connection, enrolments=enrolments)
        await self._write(table, number, list(_plain(table, rows)))

    async def _write(self, table: Table, number: int, rows: Sequence[Sequence[Any]]) -> None:
        def write() -> None:
            frame = self._hiding.without_identity(table, frame_of(table, rows))
            self._parts.write(table.name, number, frame)

        if rows:
            await asyncio.to_thread(write)


def _sorted_out(enrolled: Sequence[Row]) -> tuple[list[Row], list[Row], Counter[str]]:
    """Those who are in the data, those who are in it already, and the others by reason."""
    loaded, duplicates, excluded = [], [], Counter[str]()
    seen: set[UUID] = set()
    for row in enrolled:
        if row["withdrawn_at"] is not None:
            excluded[WITHDRAWN] += 1
        elif row["consented_at"] is None:
            excluded[ABSENT] += 1
        elif row["student_id"] in seen:
            duplicates.append(row)
        else:
            seen.add(row["student_id"])
            loaded.append(row)
    return loaded, duplicates, excluded


def _who(row: Row) -> Who:
    identity = {
        "student_code": row["student_code"],
        "student_name": row["name"],
        "student_email": row["email"],
        "cohort_order": row["cohort_order"],
        "cluster": row["cluster"],
        "enrolment_order": row["allocation_number"],
        "allocation_block": row["allocation_number"] // row["block_size"],
        "registered_at": _us(row["registered_at"]),
        "consented_at": _us(row["consented_at"]),
        "consent_version": row["consent_version"],
    }
    return Who(str(row["student_id"]), row["arm"], row["cohort"], identity)


def _plain(table: Table, rows: Sequence[Row]) -> Iterator[tuple[Any, ...]]:
    """Rows of a statement with values as the frame wants them."""
    for row in rows:
        yield tuple(_value(variable.kind, row[variable.name]) for variable in table.variables)


def _value(kind: Kind, value: Any) -> Any:
    if value is None:
        return None
    if kind is Kind.MOMENT:
        return _us(value)
    if kind is Kind.NUMBER:
        return float(value)
    return value if kind in {Kind.INTEGER, Kind.BOOLEAN} else str(value)


def _us(moment: datetime) -> int:
    """Microseconds since 1970, exactly."""
    return int(moment.timestamp()) * 1_000_000 + moment.microsecond
