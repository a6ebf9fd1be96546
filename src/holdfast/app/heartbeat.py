"""The heartbeat: says every second that the service is up, and records the silence it finds.

It is not a clock for anything: clinical time is computed from rows when somebody looks. It only
makes outages visible, so that they harm nobody.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager, suppress

from holdfast.core.service_clock import SILENCE_S
from holdfast.core.sessions import statements
from holdfast.kit.errors import HoldfastError
from holdfast.store.database import Database

_log = logging.getLogger(__name__)

BEAT_S = 1.0


async def beat(database: Database, silence_s: float = SILENCE_S) -> float | None:
    """Say that the service is up; the seconds of the outage that this ended, if there was one."""
    async with database.connection() as connection:
        row = await statements.beat.row(connection, gap_s=silence_s)
    return row["outage_s"] if row else None


@asynccontextmanager
async def beating(database: Database, *, watch: Callable[[], None] | None = None) -> AsyncIterator[None]:
    """Keep the heart beating, and with it the watch over the embedded stores."""
    task = asyncio.get_running_loop().create_task(_beat_on(database, watch))
    try:
        yield
    finally:
        task.cancel()
        with suppress(asyncio.CancelledError):
            await task


async def _beat_on(database: Database, watch: Callable[[], None] | None) -> None:
    while True:
        try:
            if watch is not None:
                await asyncio.to_thread(watch)
            outage = await beat(database)
            if outage:
                _log.warning("the service was silent for %.1f s; clinical clocks stood still", outage)
        except HoldfastError as error:
            _log.warning("no heartbeat: %s", error)
        except Exception:  # noqa: BLE001  # a heart that stops at a defect makes it an outage too
            _log.exception("the heartbeat failed and goes on")
        await asyncio.sleep(BEAT_S)
