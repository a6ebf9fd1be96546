"""The stores' own processes, and the ways to end or stop them."""

from __future__ import annotations

import asyncio
import os
import signal
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

from holdfast.store.embedded.layout import Layout, open_layout
from holdfast.store.embedded.processes import named_after
from holdfast.store.embedded.runtime import Runtime
from holdfast.store.embedded.state import State, published

BACK_S = 60.0


class Victims:
    """The processes of the embedded stores of one data directory."""

    def __init__(self, data: Path) -> None:
        self._layout: Layout = open_layout(data)

    @property
    def state(self) -> State:
        """What the supervisor last told."""
        return published(self._layout)

    def sockets(self) -> Path:
        """The directory of the stores' sockets."""
        return Runtime(Path(self.state.runtime)).sockets

    def postgres(self) -> list[int]:
        """Every process of PostgreSQL, the postmaster first so that it cannot start others."""
        uid = self._layout.cluster.stat().st_uid
        main = self.state.postgres
        return [main, *(pid for pid in named_after(self._layout.key, "postgres", uid) if pid != main)]

    def backends(self) -> list[int]:
        """The processes that serve clients."""
        main = self.state.postgres
        serving = []
        for pid in self.postgres():
            with suppress(OSError):
                title = Path(f"/proc/{pid}/cmdline").read_bytes()
                if pid != main and b" holdfast [local]" in title:
                    serving.append(pid)
        return serving

    def kill_postgres(self) -> None:
        """SIGKILL to the postmaster and everything that it started."""
        _send(signal.SIGKILL, *self.postgres())

    def stop_postgres_immediately(self) -> None:
        """What ``pg_ctl stop -m immediate`` sends: no checkpoint, the next start recovers."""
        _send(signal.SIGQUIT, self.state.postgres)

    def kill_backend(self, choice: float) -> None:
        """SIGKILL to one server process, after which PostgreSQL throws out all and recovers."""
        serving = self.backends()
        _send(signal.SIGKILL, serving[int(choice * len(serving))])

    def kill_supervisor(self) -> None:
        """SIGKILL to the supervisor; its children get SIGINT by that and end."""
        _send(signal.SIGKILL, self.state.supervisor)

    def kill_redis(self) -> None:
        """SIGKILL to Valkey."""
        _send(signal.SIGKILL, self.state.valkey)

    @contextmanager
    def frozen(self) -> Iterator[None]:
        """PostgreSQL stands still (SIGSTOP) for the length of the block."""
        frozen = self.postgres()
        _send(signal.SIGSTOP, *frozen)
        try:
            yield
        finally:
            _send(signal.SIGCONT, *frozen)

    async def replaced(self, process: str, before: int) -> None:
        """Wait until a process has a successor, which proves that it died.

        Raises:
            AssertionError: it has none after a minute.
        """
        until = time.monotonic() + BACK_S
        while getattr(self.state, process) in {0, before}:
            assert time.monotonic() < until, f"{process} was not started again"
            await asyncio.sleep(0.02)


def _send(number: signal.Signals, *pids: int) -> None:
    for pid in pids:
        with suppress(ProcessLookupError):
            os.kill(pid, number)
