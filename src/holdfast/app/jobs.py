"""What a server does by itself, beside requests. Any process may do a job, or none for a while."""

from __future__ import annotations

from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import AsyncExitStack, asynccontextmanager, suppress

from holdfast.app.services import Services
from holdfast.core.journal import statements as journal
from holdfast.kit.errors import HoldfastError, StoreUnavailable
from holdfast.kit.repeating import repeating
from holdfast.programs.simulation.changes import statements as simulation
from holdfast.research.report.summarising import due, summarise

PICK_UP_S = 2.0
FORGET_S = 3600.0
EXPIRE_S = 600.0
LATELY_S = 3600.0
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
            repeating(SUMMARY_S, lambda: _when_up(write_weekly_summary, services), at_once=False)
        )
        yield


async def _when_up(job: Callable[[Services], Awaitable[int]], services: Services) -> None:
    with suppress(StoreUnavailable):  # the heartbeat says so already
        await job(services)


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
