"""Bringing the older workshop's tables over: one transaction, or a dry run that is rolled back."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from typing import Any

from holdfast.core.journal import Event, record
from holdfast.kit.errors import Conflict, HoldfastError, InvalidInput
from holdfast.programs.workshop.definition import Definition
from holdfast.programs.workshop.legacy import old_tables
from holdfast.programs.workshop.legacy.old_tables import OldTable, statements
from holdfast.programs.workshop.legacy.report import Report, TableCount
from holdfast.programs.workshop.legacy.rows import (
    CONFIGS,
    SIGN_INS,
    STUDENTS,
    Refused,
    read_sign_in,
    read_student,
)
from holdfast.programs.workshop.legacy.writing import Batch, OldRow, Terms, Writer
from holdfast.programs.workshop.stored import store_definition
from holdfast.store.database import Database
from holdfast.store.secrets import Vault
from holdfast.store.statements import Connection

LOCK = 0x486F6C65
"""The advisory lock of a migration: any constant will do that no other lock of this database uses."""

SECRETS = ("auth_token", "api_key_sid", "api_key_secret")
"""Columns of the old sign-ins that open accounts elsewhere; they are never read."""

Progress = Callable[[str, int, int], None]
"""Told the table, how many of its rows are done, and how many there are."""


class DoesNotReconcile(HoldfastError):
    """Rows were neither taken nor reported; nothing was changed. A defect of this program."""

    code = "does_not_reconcile"


class LegacyWorkshop:
    """The migration.

    Args:
        definition: the workshop that the old sessions followed.
        vault: seals API keys.
        key: opens API keys that the older system encrypted; none leaves those behind.
    """

    def __init__(self, database: Database, definition: Definition, vault: Vault, key: bytes | None) -> None:
        self.database = database
        self._definition = definition
        self._vault = vault
        self._key = key

    async def bring_over(
        self,
        connection: Connection,
        *,
        schema: str,
        dry_run: bool,
        actor: str,
        progress: Progress = lambda _table, _done, _all: None,
    ) -> Report:
        """Bring over what stands in a schema, in the connection's transaction; what came of it.

        A dry run does the same and takes it back, so that its report is the one a real run would give.

        Raises:
            InvalidInput: there is no such schema, or what stands there is something else.
            Conflict: another migration is running, or the old tables cannot be locked.
        """
        if not await statements.claim_migration.value(connection, lock=LOCK):
            raise Conflict("another migration is running")
        place = await statements.schema_and_time.row(connection, schema=schema)
        if place is None or not place["exists"]:
            raise InvalidInput("there is no such schema", field="schema")
        work = connection.transaction()
        await work.start()
        try:
            run = _Run(connection, Report(schema, dry_run), progress)
            await run.carry_out(self._definition, self._vault, self._key, actor, place["now"])
        except BaseException:
            await work.rollback()
            raise
        await (work.rollback() if dry_run else work.commit())
        return run.report


class _Run:
    """One migration under way."""

    def __init__(self, connection: Connection, report: Report, progress: Progress) -> None:
        self._connection = connection
        self._progress = progress
        self.report = report

    async def carry_out(
        self, definition: Definition, vault: Vault, key: bytes | None, actor: str, now: datetime
    ) -> None:
        """Read, store, rename and tell."""
        found = await old_tables.find(self._connection, self.report.schema)
        moved = [found[name] for name in (STUDENTS, SIGN_INS) if name in found]
        if not moved:
            return
        for table in moved:
            await old_tables.lock(self._connection, table)
        self._say(f"Found {', '.join(found)} in the schema {self.report.schema}")
        system = f"workshop:{self.report.schema}"
        digest = await store_definition(self._connection, definition)
        writer = Writer(self._connection, Terms(definition, digest, vault, key, system, actor, now))
        for table in moved:
            await self._bring(table, writer, definition, now)
        if CONFIGS in found:
            await self._leave(found[CONFIGS])
        for table in moved:
            await self._rename(table, now)
        counts = {name: count.to_json() for name, count in self.report.tables.items()}
        await record(self._connection, Event("data_migrated", actor, object="workshop", data=counts))

    async def _bring(self, table: OldTable, writer: Writer, definition: Definition, now: datetime) -> None:
        count = TableCount(await old_tables.count(self._connection, table))
        count.columns, count.unread_columns = table.columns, table.unread
        self.report.tables[table.name] = count
        done = 0
        async for rows in old_tables.batches(self._connection, table):
            read = [_read(table.name, row, definition, now) for row in rows]
            for batch in await writer.store(read, table.name):
                self._account(batch, count)
            done += len(rows)
            self._progress(table.name, done, count.rows)
        if not count.reconciles:
            raise DoesNotReconcile(f"{table.name}: rows are unaccounted for")
        known = f", {count.present} were taken before" if count.present else ""
        self._say(f"{table.name}: {count.rows} rows, {count.taken} taken, {count.refused} refused{known}")

    def _account(self, batch: Batch, count: TableCount) -> None:
        count.taken += batch.taken
        count.refused += sum(entry.outcome == "refused" for entry in batch.not_taken)
        count.present += sum(entry.outcome == "present" for entry in batch.not_taken)
        self.report.students += len(batch.new)
        self.report.sessions += len(batch.sessions)
        self.report.step_progress += len(batch.steps)
        self.report.not_taken += batch.not_taken
        self.report.differences += batch.differences

    async def _leave(self, table: OldTable) -> None:
        """A table with a use of its own stays where it is."""
        rows = await old_tables.count(self._connection, table)
        self.report.tables[table.name] = TableCount(rows, left=rows, unread_columns=table.unread)
        self._say(f"{table.name}: {rows} rows left in place, it has a use of its own")

    async def _rename(self, table: OldTable, now: datetime) -> None:
        renamed = await old_tables.rename(self._connection, table, now)
        self.report.tables[table.name].renamed_to = renamed
        secrets = [name for name in (*SECRETS, "openai_api_key") if name in (*table.columns, *table.unread)]
        warning = f"; it still holds {', '.join(secrets)}: drop it when you have checked" if secrets else ""
        self._say(f"{table.name} renamed to {renamed}{warning}")

    def _say(self, line: str) -> None:
        self.report.steps.append(line)


def _read(
    table: str, row: dict[str, Any] | Refused, definition: Definition, now: datetime
) -> OldRow | Refused:
    if isinstance(row, Refused):
        return row
    if table == STUDENTS:
        return read_student(row, definition, now=now)
    return read_sign_in(row, now=now)
