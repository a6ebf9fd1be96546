"""One store as a child process of the supervisor: started, watched, started again, stopped."""

from __future__ import annotations

import logging
import os
import signal
import subprocess
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import Protocol

from holdfast.kit.errors import HoldfastError
from holdfast.store.embedded.account import Account
from holdfast.store.embedded.logs import Log
from holdfast.store.embedded.processes import die_with_parent
from holdfast.store.embedded.pulse import Pulse

logger = logging.getLogger(__name__)

# Seconds. A store that starts is asked often, one that serves every other second. A process that exists
# but answers nothing is ended after a minute: pauses of half a minute (a suspended laptop, a stopped
# process) must pass unharmed. One whose socket file was deleted cannot be reached again, so it is ended soon.
ASK_STARTING_S = 0.03
ASK_SERVING_S = 2.0
SILENCE_S = 60.0
UNREACHABLE_S = 5.0
BACKOFF_S = (0.0, 0.2, 0.5, 1.0, 2.0)
# Failed starts in a row after which it is said aloud.
TROUBLE_AFTER = 3

_PASSED_ON = ("PATH", "LD_LIBRARY_PATH", "DYLD_LIBRARY_PATH", "TMPDIR")


class Store(Protocol):
    """What the supervisor must know of a store to run it."""

    @property
    def title(self) -> str:
        """Its name for people."""

    @property
    def socket(self) -> Path:
        """Where it listens."""

    @property
    def directory(self) -> Path:
        """Its working directory."""

    @property
    def log(self) -> Log:
        """Where its output goes."""

    @property
    def endings(self) -> Sequence[tuple[signal.Signals, float]]:
        """Signals that end it and seconds to wait after each, gentlest first."""

    def prepare(self) -> None:
        """Clear away what an earlier process left, so that a new one can start."""

    def command(self) -> list[str]:
        """The command line."""

    def pulse(self) -> Pulse:
        """Whether it lives."""


def environment() -> dict[str, str]:
    """The environment of a store: no secrets of the caller, none of libpq's or PostgreSQL's variables."""
    kept = {name: os.environ[name] for name in _PASSED_ON if name in os.environ}
    return {**kept, "LC_ALL": "C", "TZ": "UTC"}


@dataclass(slots=True)
class Child:
    """A store and its process.

    Attributes:
        serving: it answered when last asked.
        served: it has answered at least once since the supervisor began.
        failures: starts in a row that ended before it answered.
        trouble: what the last failed start left in the log.
    """

    store: Store
    account: Account
    serving: bool = False
    served: bool = False
    failures: int = 0
    trouble: str = ""
    _process: subprocess.Popen[bytes] | None = None
    _log_start: int = 0
    _retry_at: float = 0.0
    _ask_at: float = 0.0
    _heard_at: float = field(default=0.0)

    @property
    def pid(self) -> int:
        """Its process id, 0 while there is none."""
        return self._process.pid if self._process else 0

    @property
    def troubled(self) -> bool:
        """It failed to start several times in a row."""
        return self.failures >= TROUBLE_AFTER

    def tick(self, now: float, *, restart: bool = True) -> None:
        """Do what is due at the monotonic time `now` (seconds): start it, ask it, notice its end.

        Without `restart` one that ends or is ending may do so: everything is about to stop.
        """
        if self._process is not None and self._process.poll() is not None:
            self._ended(now, f"ended ({_how(self._process.returncode)})")
        if self._process is None:
            if restart and now >= self._retry_at:
                self._start(now)
        elif now >= self._ask_at:
            self._ask(now, restart=restart)

    def _start(self, now: float) -> None:
        self._log_start = self.store.log.size()
        try:
            self.store.prepare()
            self._process = self._spawn()
        except (HoldfastError, OSError, subprocess.SubprocessError) as error:
            self._ended(now, f"could not be started: {error}")
            return
        self._heard_at = now
        self._ask_at = now + ASK_STARTING_S
        logger.info("%s started as process %d", self.store.title, self._process.pid)

    def _spawn(self) -> subprocess.Popen[bytes]:
        output = self.store.log.open()
        try:
            return subprocess.Popen(  # noqa: S603 - the program is from our own wheel
                self.store.command(),
                cwd=self.store.directory,
                env=environment(),
                stdin=subprocess.DEVNULL,
                stdout=output,
                stderr=output,
                start_new_session=True,
                preexec_fn=die_with_parent(self.store.endings[0][0]),  # noqa: PLW1509 - one thread only
                **self.account.credentials(),
            )
        finally:
            os.close(output)

    def _ended(self, now: float, how: str) -> None:
        logger.warning("%s %s", self.store.title, how)
        if self.serving:
            self.failures = 0
        else:
            self.failures += 1
            self.trouble = f"{self.store.title} {how}.\n{self.store.log.quoted(self._log_start)}"
        self._process = None
        self.serving = False
        self._retry_at = now + BACKOFF_S[min(self.failures, len(BACKOFF_S) - 1)]

    def _ask(self, now: float, *, restart: bool) -> None:
        pulse = self.store.pulse()
        if pulse is Pulse.READY and not self.serving:
            logger.info("%s serves", self.store.title)
            self.serving, self.served, self.failures, self.trouble = True, True, 0, ""
        if pulse is not Pulse.SILENT:
            self._heard_at = now
        if pulse is Pulse.LEAVING and restart:
            # Somebody asked it to wait for its clients before it ends; they wait for it.
            self._send(self.store.endings[0][0])
        patience = SILENCE_S if self.store.socket.exists() or not self.serving else UNREACHABLE_S
        if now - self._heard_at > patience:
            logger.warning("%s has not answered for %.0f s and is ended", self.store.title, patience)
            self._send(signal.SIGKILL)
        self._ask_at = now + (ASK_SERVING_S if self.serving else ASK_STARTING_S)

    def _send(self, number: signal.Signals) -> None:
        if self._process is not None:
            with suppress(ProcessLookupError):
                self._process.send_signal(number)

    def stop(self) -> None:
        """End it, as gently as its patience allows, and wait until it is gone."""
        if self._process is None:
            return
        for number, seconds in (*self.store.endings, (signal.SIGKILL, 10.0)):
            self._send(number)
            with suppress(subprocess.TimeoutExpired):
                self._process.wait(seconds)
                break
        logger.info("%s stopped (%s)", self.store.title, _how(self._process.returncode))
        self._process = None
        self.serving = False


def _how(code: int | None) -> str:
    if code is None:
        return "it does not end"
    if code < 0:
        return f"signal {signal.Signals(-code).name}"
    return f"exit code {code}"
