"""Repeating something in the background for as long as a block lasts.

The end of the block does not cancel a repetition that is under way but lets it finish: a cancelled
database call may swallow the cancellation, and whoever waits for it then waits for ever.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager

_log = logging.getLogger(__name__)

Job = Callable[[], Awaitable[object]]

PATIENCE_S = 5.0
"""How long the end of a block waits for a repetition that is under way."""


@asynccontextmanager
async def repeating(seconds: float, job: Job, *, at_once: bool = True) -> AsyncIterator[None]:
    """Carry out `job` again and again with a pause of so many seconds, until the block ends.

    A failure of the job is logged, and the next time comes. With `at_once` false the first time
    comes after a pause; a block that ends before it costs next to nothing.
    """
    stop = asyncio.Event()
    tasks: list[asyncio.Task[None]] = []
    loop = asyncio.get_running_loop()

    def begin() -> None:
        tasks.append(loop.create_task(_repeat(seconds, job, stop)))

    handle = loop.call_later(0 if at_once else seconds, begin)
    try:
        yield
    finally:
        handle.cancel()
        stop.set()
        for task in tasks:
            await _ended(task)


async def _repeat(seconds: float, job: Job, stop: asyncio.Event) -> None:
    while not stop.is_set():
        try:
            await job()
        except Exception:  # noqa: BLE001  # one failure must not end the repetition for good
            _log.warning("a repeated job failed and is tried again", exc_info=True)
        try:
            async with asyncio.timeout(seconds):
                await stop.wait()
        except TimeoutError:
            continue


async def _ended(task: asyncio.Task[None]) -> None:
    """Wait for the task, but not for ever."""
    _, pending = await asyncio.wait({task}, timeout=PATIENCE_S)
    for late in pending:
        late.cancel()
        await asyncio.wait({late}, timeout=1)
