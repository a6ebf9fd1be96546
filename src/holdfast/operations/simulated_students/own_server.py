"""A server of one's own for the length of a simulation: a child process, stopped cleanly at the end."""

from __future__ import annotations

import asyncio
import re
import signal
import sys
from collections.abc import AsyncIterator, Callable, Mapping, Sequence
from contextlib import asynccontextmanager, suppress

from holdfast.kit.errors import StoreUnavailable
from holdfast.operations.simulated_students.health import health

START_S = 180.0
"""How long a server may take to start; the first start makes the stores' data directory."""

STOP_S = 30.0
_LOOK_S = 0.1
_ADDRESS = re.compile(r"Holdfast is at (\S+)")


@asynccontextmanager
async def own_server(
    command: Sequence[str], environment: Mapping[str, str], say: Callable[[str], None]
) -> AsyncIterator[str]:
    """Run a server while the block lasts; its address.

    Args:
        command: how it is started; it prints ``Holdfast is at <address>`` when it is ready.
        environment: of the child.
        say: told the lines that the server prints before that.

    Raises:
        StoreUnavailable: it did not start.
    """
    child = await asyncio.create_subprocess_exec(
        *command, env=dict(environment), stdout=asyncio.subprocess.PIPE, stderr=sys.stderr
    )
    drain: asyncio.Task[None] | None = None
    try:
        async with _within(START_S):
            address = await _address(child, say)
            drain = asyncio.create_task(_drain(child))
            while await health(address) is None:
                _still_running(child)
                await asyncio.sleep(_LOOK_S)
        yield address
    finally:
        await _stop(child)
        if drain is not None:
            drain.cancel()
            with suppress(asyncio.CancelledError):
                await drain


@asynccontextmanager
async def _within(seconds: float) -> AsyncIterator[None]:
    try:
        async with asyncio.timeout(seconds):
            yield
    except TimeoutError as error:
        raise StoreUnavailable(f"the server did not start within {seconds:.0f} s") from error


async def _address(child: asyncio.subprocess.Process, say: Callable[[str], None]) -> str:
    while line := (await _line(child)):
        if found := _ADDRESS.search(line):
            return found[1]
        say(line.rstrip())
    await child.wait()
    raise _ended()


def _still_running(child: asyncio.subprocess.Process) -> None:
    if child.returncode is not None:
        raise _ended()


def _ended() -> StoreUnavailable:
    return StoreUnavailable("the server ended before it was ready; its messages are above")


async def _line(child: asyncio.subprocess.Process) -> str:
    return (await child.stdout.readline()).decode(errors="replace") if child.stdout else ""


async def _drain(child: asyncio.subprocess.Process) -> None:
    """Read on, so that the child never waits for a full pipe."""
    while await _line(child):
        pass


async def _stop(child: asyncio.subprocess.Process) -> None:
    if child.returncode is not None:
        return
    with suppress(ProcessLookupError):
        child.send_signal(signal.SIGTERM)
    try:
        async with asyncio.timeout(STOP_S):
            await child.wait()
    except TimeoutError:
        child.kill()
        await child.wait()
