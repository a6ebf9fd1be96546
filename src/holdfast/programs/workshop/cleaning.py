"""Ending what has expired. Deactivating keeps everything; deleting comes only after the retention time."""

from __future__ import annotations

from dataclasses import dataclass

from holdfast.core.journal import Event, record
from holdfast.kit.errors import InvalidInput
from holdfast.programs.workshop.stored import key_place, statements
from holdfast.store.database import Database
from holdfast.store.secrets import Vault

BATCH = 500
"""Sessions in one transaction, so that nobody waits long for a lock."""
SHORTEST_RETENTION_DAYS = 1.0


@dataclass(frozen=True, slots=True)
class Cleaned:
    """How many sessions were deactivated and deleted."""

    deactivated: int
    deleted: int


async def clean_up(database: Database, *, retention_days: float | None, actor: str) -> Cleaned:
    """Deactivate sessions past their end; delete those whose end is longer ago than the retention time.

    Args:
        database: where they are.
        retention_days: how long an ended session is kept; none deletes nothing.
        actor: for the journal.

    Raises:
        InvalidInput: a retention time below one day.
    """
    if retention_days is not None and not SHORTEST_RETENTION_DAYS <= retention_days <= 36_500:
        raise InvalidInput(f"must be from {SHORTEST_RETENTION_DAYS:.0f} to 36500 days", field="retention")
    deactivated = deleted = 0
    while True:
        async with database.transaction() as connection:
            ended = await statements.deactivate_expired.value(connection, limit=BATCH)
            gone = 0
            if retention_days is not None:
                gone = await statements.delete_retired.value(
                    connection, retention_s=retention_days * 86_400, limit=BATCH
                )
            if ended or gone:
                data = {"deactivated": ended, "deleted": gone}
                await record(connection, Event("sessions_cleaned", actor, data=data))
        deactivated, deleted = deactivated + ended, deleted + gone
        if ended < BATCH and gone < BATCH:
            return Cleaned(deactivated, deleted)


async def reseal(database: Database, vault: Vault) -> int:
    """Seal every stored API key with the newest key of the vault; how many were sealed anew.

    Raises:
        CannotOpen: a key that the vault does not open; those before it are sealed anew already.
    """
    last, count = "", 0
    while True:
        async with database.connection() as connection:
            rows = await statements.sealed_keys.rows(connection, after_id=last, limit=BATCH)
            for row in rows:
                before, place = row["openai_api_key"], key_place(row["session_id"])
                if not vault.is_newest(before):
                    sealed = vault.seal(vault.open(before, place=place), place=place)
                    count += await statements.reseal_key.run(
                        connection, session_id=row["session_id"], before=before, sealed=sealed
                    )
        if not rows:
            return count
        last = rows[-1]["session_id"]
