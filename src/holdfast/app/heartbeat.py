"""The heartbeat: says every second that the service is up, and records the silence it finds.

It is not a clock for anything: clinical time is computed from rows when somebody looks. It only
makes outages visible, so that they harm nobody.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable

from holdfast.core.service_clock import SILENCE_S
from holdfast.core.sessions import statements
from holdfast.kit.errors import StoreUnavailable
from holdfast.store.database import Database

_log = logging.getLogger(__name__)

BEAT_S = 1.0


async def beat(database: Database, silence_s: float = SILENCE_S) -> float | None:
    """Say that the service is up; the seconds of the outage that this ended, if there was one."""
    async with database.connection() as connection:
        row = await statements.beat.row(connection, gap_s=silence_s)
    outage: float | None = row["outage_s"] if row else None
    if outage:
        _log.warning("the service was silent for %.1f s; clinical clocks stood still", outage)
    return outage


async def watch_and_beat(database: Database, watch: Callable[[], None] | None) -> None:
    """One beat, after a look at the embedded stores, which may need their supervisor back."""
    try:
        if watch is not None:
            await asyncio.to_thread(watch)
        await beat(database)
    except StoreUnavailable as error:
        _log.warning("no heartbeat: %s", error)
