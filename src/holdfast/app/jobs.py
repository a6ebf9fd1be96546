"""What a server does by itself, beside requests. Any process may do a job, or none for a while."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import AsyncExitStack, asynccontextmanager, suppress

from holdfast.app.services import Services
from holdfast.core.journal import statements as journal
from holdfast.kit.errors import HoldfastError
from holdfast.programs.simulation.changes import statements as simulation

_log = logging.getLogger(__name__)

PICK_UP_S = 2.0
FORGET_S = 3600.0
LATELY_S = 3600.0
KEYS_LIVE_S = 7 * 24 * 3600.0
"""A client repeats a request within minutes; a week leaves room for a laptop that was closed."""


@asynccontextmanager
async def working(services: Services) -> AsyncIterator[None]:
    """Do the jobs for as long as the block lasts."""
    async with AsyncExitStack() as stack:
        await stack.enter_async_context(every(PICK_UP_S, lambda: pick_up_turns(services)))
        await stack.enter_async_context(every(FORGET_S, lambda: forget_keys(services)))
        yield


@asynccontextmanager
async def every(seconds: float, job: Callable[[], Awaitable[object]]) -> AsyncIterator[None]:
    """Repeat a job, with a pause after each time; a failure is logged and the next time comes."""
    task = asyncio.get_running_loop().create_task(_repeat(seconds, job))
    try:
        yield
    finally:
        task.cancel()
        with suppress(asyncio.CancelledError):
            await task


async def _repeat(seconds: float, job: Callable[[], Awaitable[object]]) -> None:
    while True:
        try:
            await job()
        except HoldfastError as error:
            _log.info("a job has to wait: %s", error)
        except Exception:  # noqa: BLE001  # one failure must not end the job for good
            _log.exception("a job failed and is tried again later")
        await asyncio.sleep(seconds)


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


async def forget_keys(services: Services) -> int:
    """Drop idempotency keys that nobody will repeat any more; how many."""
    async with services.database.connection() as connection:
        return await journal.forget_keys.run(connection, older_than_s=KEYS_LIVE_S)
