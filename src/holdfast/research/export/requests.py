"""Exports that are asked for over HTTP: asking, listing, cancelling, deleting, and whose turn it is.

The state is a row, so that it outlives every process. A worker holds a lease that it renews while it
works; what is found past its lease is begun again, three times at most.
"""

from __future__ import annotations

import shutil
from collections.abc import Sequence
from pathlib import Path
from typing import Any
from uuid import UUID

from holdfast.core import cohorts
from holdfast.core.access import Principal, Role
from holdfast.core.journal import Event, record
from holdfast.kit.clock import iso
from holdfast.kit.errors import Conflict, InvalidInput, NotAllowed, NotFound
from holdfast.kit.ids import uuid7
from holdfast.kit.paging import Page
from holdfast.store.statements import Connection, Row, load

statements = load("holdfast.research.export")

MOST_COHORTS = 50
LEASE_S = 30.0
ATTEMPTS = 3
_ENDED = ("done", "failed", "cancelled")


def checked_names(names: Sequence[str]) -> tuple[str, ...]:
    """The names of cohorts in the order of bundles.

    Raises:
        InvalidInput: none, too many, or one twice.
    """
    if not 1 <= len(names) <= MOST_COHORTS:
        raise InvalidInput(f"name 1 to {MOST_COHORTS} cohorts", field="cohorts")
    if len(set(names)) < len(names):
        raise InvalidInput("a cohort is named twice", field="cohorts")
    return tuple(sorted(names))


async def request(
    connection: Connection,
    caller: Principal,
    names: Sequence[str],
    *,
    identified: bool,
    options: dict[str, Any],
) -> dict[str, Any]:
    """Ask for the bundle of one cohort or of several together; it is made in the background.

    Raises:
        NotAllowed: with names and e-mail addresses it is for administrators.
        NotFound: no such cohort.
    """
    _may(caller, identified=identified)
    for name in names:
        await cohorts.by_name(connection, name)
    cohort = ", ".join(names)
    export_id = uuid7()
    await statements.insert_export.run(
        connection,
        export_id=export_id,
        requested_by=caller.actor,
        cohort=cohort,
        identified=identified,
        options=options | {"cohorts": list(names)},
    )
    await _tell(connection, "export.requested", caller.actor, export_id, cohort, identified=identified)
    return await read(connection, caller, export_id)


async def read(connection: Connection, caller: Principal, export_id: UUID) -> dict[str, Any]:
    """One export as clients see it.

    Raises:
        NotFound: there is none that the caller may know of.
    """
    return _shown(await _found(connection, caller, export_id))


async def listing(connection: Connection, caller: Principal, page: Page) -> dict[str, Any]:
    """Exports, newest first, with their true total."""
    identified = caller.role is Role.ADMIN
    rows = await statements.list_exports.rows(
        connection, identified=identified, limit=page.limit, offset=page.offset
    )
    total = await statements.count_exports.value(connection, identified=identified)
    return {
        "exports": [_shown(row) for row in rows],
        "total": total,
        "limit": page.limit,
        "offset": page.offset,
    }


async def downloaded(connection: Connection, caller: Principal, export_id: UUID) -> None:
    """Record that somebody fetches a bundle.

    Raises:
        NotFound: as `read`.
        Conflict: it is not ready.
    """
    row = await _found(connection, caller, export_id)
    if row["status"] != "done":
        raise Conflict(f"the export is not ready: {row['status']}")
    await _tell(
        connection,
        "export.downloaded",
        caller.actor,
        export_id,
        row["cohort"],
        identified=row["identified"],
    )


async def withdraw(connection: Connection, caller: Principal, export_id: UUID) -> dict[str, Any]:
    """Cancel an export that has not ended; of one that has, delete the row: its files go after commit.

    Raises:
        NotFound: as `read`.
    """
    row = await _found(connection, caller, export_id)
    cancelled = await statements.cancel_export.run(connection, export_id=export_id)
    if not cancelled:
        await statements.delete_export.run(connection, export_id=export_id)
    what = "export.cancelled" if cancelled else "export.deleted"
    await _tell(connection, what, caller.actor, export_id, row["cohort"], identified=row["identified"])
    return {"success": True, "exportId": str(export_id), "status": "cancelled" if cancelled else "deleted"}


def cohorts_of(row: Row) -> list[str]:
    """The cohorts of an export by name."""
    return list(row["options"].get("cohorts") or [row["cohort"]])


def place(directory: Path, export_id: UUID) -> Path:
    """Where the bundle of an export stands."""
    return directory / str(export_id)


def remove(directory: Path, export_id: UUID) -> None:
    """Remove the bundle of an export and what a killed process left of it, if there is any."""
    directory.mkdir(mode=0o700, parents=True, exist_ok=True)
    for path in (place(directory, export_id), *directory.glob(f".{export_id}.*")):
        shutil.rmtree(path, ignore_errors=True)


async def claim(connection: Connection, worker: UUID) -> Row | None:
    """The export whose turn it is, now this worker's; none when there is none.

    One that was begun too often (its process died each time) fails here.
    """
    row = await statements.claim_export.row(connection, worker=worker, lease_s=LEASE_S)
    if row is not None and row["attempts"] > ATTEMPTS:
        problem = f"the process that made it ended {ATTEMPTS} times without a word"
        await finish(connection, row, problem=problem)
        return None
    return row


async def keep(connection: Connection, row: Row, done: int, total: int, step: str) -> bool:
    """Renew the lease and tell how far it is; false when the export is not this worker's any more."""
    touched = await statements.keep_lease.run(
        connection,
        export_id=row["export_id"],
        worker=row["worker"],
        done=done,
        total=total,
        step=step[:200],
        lease_s=LEASE_S,
    )
    return touched == 1


async def finish(
    connection: Connection,
    row: Row,
    *,
    problem: str | None = None,
    reconciliation: dict[str, Any] | None = None,
    size: int | None = None,
) -> bool:
    """End an export, well or with a problem; false when it is not this worker's any more."""
    touched = await statements.finish_export.run(
        connection,
        export_id=row["export_id"],
        worker=row["worker"],
        status="failed" if problem else "done",
        problem=problem,
        reconciliation=reconciliation,
        bytes=size,
    )
    if touched:
        what = "export.failed" if problem else "export.made"
        await _tell(
            connection, what, "service", row["export_id"], row["cohort"], identified=row["identified"]
        )
    return touched == 1


async def give_back(connection: Connection, row: Row) -> None:
    """Let another worker begin it again; this one has to stop."""
    await statements.give_back_export.run(connection, export_id=row["export_id"], worker=row["worker"])


def _may(caller: Principal, *, identified: bool) -> None:
    if identified and caller.role is not Role.ADMIN:
        raise NotAllowed("names and e-mail addresses are for administrators", field="identified")


async def _found(connection: Connection, caller: Principal, export_id: UUID) -> Row:
    row = await statements.find_export.row(connection, export_id=export_id)
    if row is None or (row["identified"] and caller.role is not Role.ADMIN):
        raise NotFound("there is no such export")
    return row


async def _tell(
    connection: Connection, what: str, actor: str, export_id: UUID, cohort: str, *, identified: bool
) -> None:
    data = {"cohort": cohort, "identified": identified}
    await record(connection, Event(what, actor, object=str(export_id), data=data))


def _shown(row: Row) -> dict[str, Any]:
    return {
        "exportId": str(row["export_id"]),
        "cohort": row["cohort"],
        "cohorts": cohorts_of(row),
        "identified": row["identified"],
        "options": {name: value for name, value in row["options"].items() if name != "cohorts"},
        "status": row["status"],
        "progress": {"done": row["done"], "total": row["total"], "step": row["step"]},
        "problem": row["problem"],
        "reconciliation": row["reconciliation"],
        "bytes": row["bytes"],
        "requestedBy": row["requested_by"],
        "createdAt": iso(row["created_at"]),
        "finishedAt": iso(row["finished_at"]) if row["finished_at"] else None,
    }
