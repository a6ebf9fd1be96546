"""Exports that were asked for over HTTP, each made in a process of its own.

A bundle costs minutes of a processor; in the server's process it would hold up every student. The child
is told what to do on its standard input and tells how far it is on its standard output; when the server
dies, its input ends and it ends too, and whoever finds the lease expired begins again.
"""

from __future__ import annotations

import asyncio
import contextlib
import sys
from collections.abc import AsyncIterator
from typing import Any

import orjson

from holdfast.app.services import Services, exports_in, study_secret
from holdfast.kit.ids import uuid7
from holdfast.research.export import requests
from holdfast.store.statements import Row

RENEW_S = 5.0
_LONGEST_LINE = 1 << 20


async def carry_out(services: Services) -> int:
    """Make the export whose turn it is, if there is one; how many were made."""
    async with services.database.transaction() as connection:
        row = await requests.claim(connection, uuid7())
    if row is None:
        return 0
    await asyncio.to_thread(requests.remove, exports_in(services.settings), row["export_id"])
    child = await _start(services, row)
    try:
        ended = await _followed(services, row, child)
    except asyncio.CancelledError:
        await _stop(child)
        async with services.database.transaction() as connection:
            await requests.give_back(connection, row)
        raise
    finally:
        await _stop(child)
    made = ended is not None and await _finished(services, row, ended)
    if not made:
        await asyncio.to_thread(requests.remove, exports_in(services.settings), row["export_id"])
    return int(made)


async def _start(services: Services, row: Row) -> asyncio.subprocess.Process:
    child = await asyncio.create_subprocess_exec(
        sys.executable,
        "-m",
        "holdfast.app.export_process",
        stdin=asyncio.subprocess.PIPE,
        stdout=asyncio.subprocess.PIPE,
        limit=_LONGEST_LINE,
    )
    settings = services.settings
    order = {
        "database_url": services.database.url,
        "prepared_statements": settings.database_prepared_statements,
        "study_secret": study_secret(settings).hex(),
        "place": str(requests.place(exports_in(settings), row["export_id"])),
        "cohorts": requests.cohorts_of(row),
        "identified": row["identified"],
        "actor": row["requested_by"],
        "options": row["options"],
    }
    assert child.stdin is not None  # noqa: S101  # it was asked for
    with contextlib.suppress(ConnectionError):  # a child that died already is told of by its end
        child.stdin.write(orjson.dumps(order) + b"\n")
        await child.stdin.drain()
    return child


async def _followed(services: Services, row: Row, child: asyncio.subprocess.Process) -> dict[str, Any] | None:
    """What the child said last: what it found, or the problem; none when the export is not ours any more."""
    async for said in _words(child):
        if "facts" in said or "problem" in said:
            await child.wait()
            return said
        async with services.database.transaction() as connection:
            if not await requests.keep(connection, row, said["done"], said["total"], said["step"]):
                return None
    return {"problem": f"the process that made it ended with {await child.wait()}"}


async def _words(child: asyncio.subprocess.Process) -> AsyncIterator[dict[str, Any]]:
    """What the child says, and the last of it again while it says nothing, so that the lease is renewed."""
    assert child.stdout is not None  # noqa: S101  # it was asked for
    said: dict[str, Any] = {"done": 0, "total": 0, "step": "beginning"}
    line = asyncio.ensure_future(child.stdout.readline())
    try:
        while True:
            done, _ = await asyncio.wait({line}, timeout=RENEW_S)
            if done:
                text = line.result()
                if not text:
                    return
                said = orjson.loads(text)
                line = asyncio.ensure_future(child.stdout.readline())
            yield said
    finally:
        line.cancel()


async def _stop(child: asyncio.subprocess.Process) -> None:
    if child.returncode is None:
        with contextlib.suppress(ProcessLookupError):
            child.kill()
        await child.wait()


async def _finished(services: Services, row: Row, ended: dict[str, Any]) -> bool:
    """Whether the bundle stands and counts; not when it failed, or is not this worker's any more."""
    facts = ended.get("facts")
    async with services.database.transaction() as connection:
        ours = await requests.finish(
            connection,
            row,
            problem=ended.get("problem"),
            reconciliation=facts and facts["reconciliation"],
            size=facts and facts["bytes"],
        )
    return ours and facts is not None
