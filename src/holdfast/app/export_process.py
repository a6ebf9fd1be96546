"""The process that makes one export: told what on its standard input, telling how far on its output.

Run as ``python -m holdfast.app.export_process`` by `exporting`; not meant for people.
"""

from __future__ import annotations

import asyncio
import os
import sys
import threading
import time
from pathlib import Path
from typing import Any

import orjson

from holdfast.kit.errors import HoldfastError
from holdfast.research import service
from holdfast.research.export.formats import formats_in
from holdfast.research.service import Wish
from holdfast.store.database import Database, PoolOptions

TELL_S = 0.5
_STANDARD_INPUT, _CHUNK = 0, 1 << 16
STATEMENT_S = 3600.0
"""A snapshot of a large cohort is one long transaction; nobody waits for its statements."""


def main() -> None:
    """Make the export and say what came of it."""
    order = orjson.loads(_first_line())
    threading.Thread(target=_end_with_the_server, daemon=True).start()
    os.nice(5)  # students come first
    try:
        _say({"facts": asyncio.run(_make(order))})
    except HoldfastError as error:
        _say({"problem": str(error)})
    except Exception:
        _say({"problem": "an unexpected failure; the server's log says more"})
        raise


def _first_line() -> bytes:
    """Read without a buffer, which a thread that waits for the end would hold at the end of the process."""
    text = b""
    while not text.endswith(b"\n"):
        part = os.read(_STANDARD_INPUT, _CHUNK)
        if not part:
            os._exit(1)
        text += part
    return text


def _end_with_the_server() -> None:
    while os.read(_STANDARD_INPUT, _CHUNK):
        pass
    os._exit(1)  # nobody is there to be told; what was begun is found and removed


async def _make(order: dict[str, Any]) -> dict[str, Any]:
    options = order["options"]
    pool = PoolOptions(
        size=2, prepared_statements=order["prepared_statements"], statement_timeout_s=STATEMENT_S
    )
    database = Database(order["database_url"], pool)
    wish = Wish(
        out=Path(order["place"]),
        identified=order["identified"],
        with_text=options["with_text"],
        formats=formats_in(options["formats"]),
        plan=options.get("plan"),
        seed=options.get("seed"),
    )
    try:
        facts = await service.export_cohorts(
            database,
            bytes.fromhex(order["study_secret"]),
            order["cohorts"],
            wish,
            _Teller(),
            actor=order["actor"],
        )
    finally:
        await database.close()
    files = [path for path in wish.out.rglob("*") if path.is_file()]
    return {"reconciliation": service.counts(facts), "bytes": sum(path.stat().st_size for path in files)}


class _Teller:
    """Tells how far it is, not more often than somebody could read."""

    def __init__(self) -> None:
        self._last = 0.0

    def __call__(self, done: int, total: int, what: str) -> None:
        now = time.monotonic()
        if now - self._last >= TELL_S:
            self._last = now
            _say({"done": done, "total": total, "step": what})


def _say(what: dict[str, Any]) -> None:
    sys.stdout.buffer.write(orjson.dumps(what) + b"\n")
    sys.stdout.buffer.flush()


if __name__ == "__main__":
    main()
