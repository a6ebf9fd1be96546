"""What a server does by itself, beside requests. Any process may do a job, or none for a while."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import AsyncExitStack, asynccontextmanager, suppress
from enum import StrEnum
from functools import partial

from holdfast.app.exporting import carry_out
from holdfast.app.services import Services, exports_of
from holdfast.core.journal import statements as journal
from holdfast.kit.errors import HoldfastError, StoreUnavailable
from holdfast.kit.repeating import repeating
from holdfast.programs.simulation.changes import statements as simulation
from holdfast.programs.skills.backup.writing import (
    SCHEDULED,
    Filters,
    Written,
    backup_name,
    remove_old,
    write,
)
from holdfast.programs.skills.integrity import Severity, Verification, verify
from holdfast.research.report.summarising import due, summarise

_log = logging.getLogger(__name__)

PICK_UP_S = 2.0
LOOK_S = 60.0
LEASE_S = 3600.0
FORGET_S = 3600.0
EXPIRE_S = 600.0
LATELY_S = 3600.0
EXPORTS_S = 2.0
SUMMARY_S = 900.0
KEYS_LIVE_S = 7 * 24 * 3600.0
"""A client repeats a request within minutes; a week leaves room for a laptop that was closed."""


@asynccontextmanager
async def working(services: Services) -> AsyncIterator[None]:
    """Do the jobs for as long as the block lasts."""
    async with AsyncExitStack() as stack:
        await stack.enter_async_context(repeating(PICK_UP_S, lambda: _when_up(pick_up_turns, services)))
        await stack.enter_async_context(repeating(FORGET_S, lambda: _when_up(forget_keys, services)))
        await stack.enter_async_context(
            repeating(EXPIRE_S, lambda: _when_up(expire_tests, services), at_once=False)
        )
        await stack.enter_async_context(
            repeating(EXPORTS_S, lambda: _when_up(carry_out, services), at_once=False)
        )
        for kind in Chore:
            await stack.enter_async_context(
                repeating(LOOK_S, partial(_chore_when_up, kind, services), at_once=False)
            )
        await stack.enter_async_context(
            repeating(SUMMARY_S, lambda: _when_up(write_weekly_summary, services), at_once=False)
        )
        yield


async def _when_up(job: Callable[[Services], Awaitable[int]], services: Services) -> None:
    with suppress(StoreUnavailable):  # the heartbeat says so already
        await job(services)


class Chore(StrEnum):
    """What is done now and then by one of all processes; when it was last done is in `chores`."""

    BACKUP = "assessments.backup"
    VERIFY = "assessments.verified"


async def _chore_when_up(kind: Chore, services: Services) -> None:
    with suppress(StoreUnavailable):
        await do_chore(kind, services)


async def do_chore(kind: Chore, services: Services) -> bool:
    """Do a chore if it is due; whether it was done.

    It is claimed in the database, so that of several processes one does it; a claim that its process did
    not live to fulfil falls away after an hour, one that failed at once.
    """
    settings = services.settings
    hours = settings.backup_hours if kind is Chore.BACKUP else settings.verify_hours
    if hours is None:
        return False
    async with services.database.connection() as connection:
        claim = {"name": kind, "every_s": hours * 3600, "lease_s": LEASE_S}
        if await journal.claim_chore.value(connection, **claim) is None:
            return False
    ended = journal.drop_chore
    try:
        await (back_up(services) if kind is Chore.BACKUP else check(services))
        ended = journal.end_chore
    finally:
        async with services.database.connection() as connection:
            await ended.run(connection, name=kind)
    return True


async def back_up(services: Services) -> Written:
    """Write a backup of skill assessments, and delete those that are past their time."""
    now, folder = services.clock(), exports_of(services.settings)
    done = await write(
        services.database, folder / backup_name(now, SCHEDULED), Filters(), now=now, actor="service"
    )
    days = services.settings.backup_retention_days
    if days is not None:
        await asyncio.to_thread(remove_old, folder, older_than_days=days, now=now)
    return done


async def check(services: Services) -> Verification:
    """Check skill assessments; what is wrong goes to the log."""
    done = await verify(services.database, actor="service")
    if not done.is_healthy:
        _log.error("skill assessments: %d issues; see holdfast verify", done.count(Severity.ISSUE))
    return done


async def pick_up_turns(services: Services) -> int:
    """Answer messages whose process died before it could; how many were answered."""
    async with services.ephemeral.lock("pick-up", lifetime_s=PICK_UP_S) as ours:
        if not ours:
            return 0
        async with services.database.connection() as connection:
            rows = await simulation.abandoned_turns.rows(connection, within_s=LATELY_S, limit=50)
        answered = 0
        for row in rows:
            with suppress(HoldfastError):  # the agent is silent or the session busy; the next time comes
                answered += await services.simulation.turns.pick_up(row["session_id"])
        return answered


async def expire_tests(services: Services) -> int:
    """Mark adaptive tests expired whose students were not heard of for too long; how many."""
    return await services.adaptive_tests.cleanup()


async def write_weekly_summary(services: Services) -> int:
    """Write the summary of the week that has ended, unless it stands there; how many files were written."""
    directory = services.settings.data / "reports"
    end = due(services.settings.summary_day, services.clock(), directory)
    if end is None:
        return 0
    async with services.ephemeral.lock("weekly-summary", lifetime_s=60.0) as ours:
        return len(await summarise(services.database, directory, end)) if ours else 0


async def forget_keys(services: Services) -> int:
    """Drop idempotency keys that nobody will repeat any more; how many."""
    async with services.database.connection() as connection:
        return await journal.forget_keys.run(connection, older_than_s=KEYS_LIVE_S)
