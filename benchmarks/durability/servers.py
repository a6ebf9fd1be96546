"""Server processes of the real command line, started as a person would and killed as fate would."""

from __future__ import annotations

import asyncio
import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

from benchmarks.durability.wire import Wire

START_S = 60.0
SECRET = "a secret for trials that is long enough to sign with"  # noqa: S105


def free_port() -> int:
    """A port that is free at this moment."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


@dataclass(slots=True)
class Server:
    """One server process and its successors on the same port.

    Attributes:
        environment: variables beside those of this process.
        prefix: a command that runs the server, such as one that changes its clock.
    """

    data: Path
    log: Path
    environment: Mapping[str, str] = field(default_factory=dict)
    prefix: tuple[str, ...] = ()
    time_scale: float = 1.0
    port: int = field(default_factory=free_port)
    process: subprocess.Popen[bytes] | None = None

    async def start(self, seconds: float = START_S) -> float:
        """Start it and wait until it is healthy; the seconds that took.

        Raises:
            AssertionError: it ended, or does not answer in time.
        """
        began = time.monotonic()
        self._launch()
        wire = Wire(self.port, patience_s=5)
        try:
            while time.monotonic() - began < seconds:
                assert self.alive, f"the server ended: {self.tail()}"
                try:
                    if (await wire.ask("GET", "/api/health")).status == 200:
                        return time.monotonic() - began
                except (ConnectionError, TimeoutError):
                    pass
                await asyncio.sleep(0.02)
        finally:
            wire.close()
        raise AssertionError(f"the server does not answer: {self.tail()}")

    def _launch(self) -> None:
        known = {k: v for k, v in os.environ.items() if not k.endswith(("_URL", "_KEY"))}
        known |= {"HOLDFAST_SECRET": SECRET, "AGENT": "scripted", "LOG_LEVEL": "warning", **self.environment}
        options = ["--port", str(self.port), "--data", str(self.data), "--time-scale", str(self.time_scale)]
        with self.log.open("ab") as log:
            self.process = subprocess.Popen(
                [*self.prefix, sys.executable, "-m", "holdfast", "serve", *options],
                env=known,
                stdout=log,
                stderr=log,
            )

    @property
    def alive(self) -> bool:
        """Whether the process runs."""
        return self.process is not None and self.process.poll() is None

    def tail(self) -> str:
        """The end of its log."""
        return self.log.read_text(errors="replace")[-3000:]

    def kill(self) -> None:
        """SIGKILL, and proof that it landed on a living process."""
        assert self.process is not None
        assert self.process.poll() is None, "it was dead already: the kill would prove nothing"
        self.process.kill()
        assert self.process.wait(10) == -signal.SIGKILL

    async def stop(self, seconds: float = 30.0) -> int:
        """SIGTERM and wait; the exit code."""
        assert self.process is not None
        if self.process.poll() is None:
            self.process.send_signal(signal.SIGTERM)
        return await asyncio.to_thread(self.process.wait, seconds)

    def end(self) -> None:
        """End it at the end of a trial, whatever state it is in."""
        if self.process is not None and self.process.poll() is None:
            self.process.kill()
            self.process.wait(10)
