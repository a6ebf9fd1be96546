"""The supervisor: one process per data directory that runs the stores for everybody who holds them.

`python -m holdfast.store.embedded.supervisor DATA_DIR` keeps PostgreSQL and Valkey running while at least
one process holds the shared lock of the data directory, starts again whichever ends, and stops both
cleanly when nobody has held it for a short while. On SIGTERM it gives the holders a few seconds to leave
and stops; a second SIGTERM does not wait.
"""

from __future__ import annotations

import argparse
import logging
import os
import select
import shutil
import signal
import sys
import time
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path

from holdfast.kit.errors import HoldfastError, StoreUnavailable
from holdfast.store.embedded.account import Account, account_for
from holdfast.store.embedded.child import Child
from holdfast.store.embedded.cluster import ensure_cluster
from holdfast.store.embedded.launch import GRACE_S, Wishes
from holdfast.store.embedded.layout import Layout, open_layout
from holdfast.store.embedded.locks import try_exclusive
from holdfast.store.embedded.options import checked
from holdfast.store.embedded.postgres import Postgres
from holdfast.store.embedded.processes import adopt_orphans, reap_orphans
from holdfast.store.embedded.programs import bundled, runnable
from holdfast.store.embedded.runtime import Runtime, open_runtime
from holdfast.store.embedded.state import Phase, State, publish, published
from holdfast.store.embedded.valkey import Valkey

logger = logging.getLogger("holdfast.supervisor")

_TICK_S = 0.1
_STARTING_TICK_S = 0.02
_PATIENCE_AFTER_SIGTERM_S = 8.0


@dataclass(slots=True)
class Signals:
    """SIGTERM, SIGINT and SIGCHLD as things that the loop waits for."""

    stops: int = 0
    _reader: int = field(default=-1)

    def listen(self) -> None:
        """Install the handlers; a wish to stop is counted, any signal ends a wait."""
        self._reader, writer = os.pipe()
        os.set_blocking(self._reader, False)
        os.set_blocking(writer, False)
        signal.set_wakeup_fd(writer, warn_on_full_buffer=False)
        signal.pthread_sigmask(signal.SIG_SETMASK, [])
        signal.signal(signal.SIGCHLD, lambda *_: None)
        signal.signal(signal.SIGHUP, signal.SIG_IGN)
        for number in (signal.SIGTERM, signal.SIGINT):
            signal.signal(number, self._stop)

    def _stop(self, *_: object) -> None:
        self.stops += 1

    def wait(self, seconds: float) -> None:
        """Wait until a signal comes or `seconds` have passed."""
        select.select([self._reader], [], [], seconds)
        with suppress(BlockingIOError):
            os.read(self._reader, 512)


@dataclass(slots=True)
class Holders:
    """Whether anybody still holds the stores."""

    layout: Layout
    grace_s: float
    _alone_since: float | None = None
    _lock: int | None = None

    def gone(self, now: float, *, at_once: bool = False) -> bool:
        """Whether nobody has held the stores for the grace period (or holds them now, if `at_once`).

        When it says yes, nobody can take hold again before this process has ended.
        """
        lock = try_exclusive(self.layout.holders_lock, self.layout.owner)
        if lock is None:
            self._alone_since = None
            return False
        self._alone_since = now if self._alone_since is None else self._alone_since
        if at_once or now - self._alone_since >= self.grace_s:
            self._lock = lock
            return True
        os.close(lock)
        return False


class Supervisor:
    """Runs the stores of one data directory."""

    def __init__(self, layout: Layout, wishes: Wishes) -> None:
        self._layout = layout
        self._wishes = wishes
        self._holders = Holders(layout, wishes.grace_s)
        self._signals = Signals()
        self._runtime: Runtime | None = None
        self._shelves: list[Path] = []
        self._children: tuple[Child, ...] = ()
        self._told: State | None = None
        self._stop_asked_at: float | None = None

    def run(self) -> None:
        """Start the stores, keep them, stop them; returns when they are stopped.

        Raises:
            HoldfastError: they cannot be started.
        """
        self._signals.listen()
        adopt_orphans()
        try:
            self._prepare()
            while not self._finished(time.monotonic()):
                self._turn()
                serving = all(child.serving for child in self._children)
                self._signals.wait(_TICK_S if serving else _STARTING_TICK_S)
        finally:
            self._stop()

    def _prepare(self) -> None:
        layout = self._layout
        account = account_for(layout)
        self._runtime = open_runtime(layout.key, account, before=published(layout).runtime)
        self._shelves = _program_shelves(account, self._runtime)
        programs = runnable(bundled(), account, self._shelves)
        if not layout.cluster.exists():
            self._tell(Phase.STARTING, "creating the database files")
        ensure_cluster(layout, account, programs)
        options = self._wishes.options
        postgres = Postgres(layout, account, programs, self._runtime, options)
        valkey = Valkey(layout, account, programs, self._runtime)
        self._children = (Child(postgres, account), Child(valkey, account))

    def _turn(self) -> None:
        for child in self._children:
            child.tick(time.monotonic(), restart=self._signals.stops == 0)
        reap_orphans({child.pid for child in self._children})
        self._report()

    def _report(self) -> None:
        troubled = [child for child in self._children if child.troubled]
        if troubled and not all(child.served for child in troubled):
            raise StoreUnavailable(troubled[0].trouble)
        waiting = [child.store.title for child in self._children if not child.serving]
        if troubled:
            self._tell(Phase.TROUBLED, f"starting {' and '.join(waiting)}", troubled[0].trouble)
        elif waiting:
            self._tell(Phase.STARTING, f"starting {' and '.join(waiting)}")
        else:
            self._tell(Phase.RUNNING)

    def _tell(self, phase: Phase, step: str = "", message: str = "") -> None:
        postgres, valkey = [child.pid for child in self._children] or [0, 0]
        state = State(
            phase,
            step,
            message,
            runtime=str(self._runtime.top) if self._runtime else "",
            options=dict(self._wishes.options),
            supervisor=0 if phase is Phase.STOPPED else os.getpid(),
            postgres=postgres,
            valkey=valkey,
        )
        if state != self._told:
            try:
                publish(self._layout, state)
            except OSError as error:
                # The disk may be full; the stores are kept running and it is told when it can be.
                logger.warning("the state cannot be written: %s", error)
                return
            self._told = state

    def _finished(self, now: float) -> bool:
        if self._signals.stops == 0:
            return self._holders.gone(now)
        self._stop_asked_at = now if self._stop_asked_at is None else self._stop_asked_at
        late = now - self._stop_asked_at >= _PATIENCE_AFTER_SIGTERM_S
        return late or self._signals.stops > 1 or self._holders.gone(now, at_once=True)

    def _stop(self) -> None:
        for child in self._children:
            child.stop()
        if self._runtime is not None:
            self._runtime.remove()
        for shelf in self._shelves:
            shutil.rmtree(shelf, ignore_errors=True)
        self._tell(Phase.STOPPED)


def _program_shelves(account: Account, runtime: Runtime) -> list[Path]:
    if not account.dropped:
        return []
    # Some systems forbid to run programs from the directories for temporary files.
    others = (Path("/var/cache"), Path("/var/lib"), Path("/opt"))
    return [runtime.top, *(shelf / runtime.top.name for shelf in others)]


def main(arguments: Sequence[str] | None = None) -> int:
    """Run a supervisor; the exit code is 0 when the stores ran, or another supervisor runs them."""
    given = _arguments(arguments)
    if given.detach and os.fork() > 0:
        return 0
    os.umask(0o077)
    logging.basicConfig(stream=sys.stderr, level=logging.INFO, format="%(asctime)s %(levelname)s %(message)s")
    logging.Formatter.converter = time.gmtime
    layout = open_layout(given.data)
    lock = given.lock_fd if given.lock_fd >= 0 else try_exclusive(layout.supervisor_lock, layout.owner)
    if lock is None:
        logger.info("another supervisor runs the stores in %s", layout.data)
        return 0
    os.set_inheritable(lock, False)  # noqa: FBT003 - it takes no keyword
    return _supervise(layout, Wishes(checked(dict(given.option)), given.grace))


def _supervise(layout: Layout, wishes: Wishes) -> int:
    try:
        Supervisor(layout, wishes).run()
    except HoldfastError as error:
        return _give_up(layout, error, str(error))
    except Exception as error:  # noqa: BLE001 - a process nobody waits for must say why it ends
        return _give_up(layout, error, f"The supervisor of the stores failed: {error}")
    return 0


def _give_up(layout: Layout, error: Exception, message: str) -> int:
    logger.error("gave up: %s", message, exc_info=None if isinstance(error, HoldfastError) else error)
    with suppress(OSError):
        publish(layout, State(Phase.FAILED, message=message))
    return 1


def _arguments(arguments: Sequence[str] | None) -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="holdfast.store.embedded.supervisor", description=__doc__)
    parser.add_argument("data", type=Path, metavar="DATA_DIR")
    parser.add_argument(
        "--grace", type=float, default=GRACE_S, help="seconds without holders before the stop"
    )
    parser.add_argument("--option", action="append", default=[], type=_option, metavar="NAME=VALUE")
    parser.add_argument("--lock-fd", type=int, default=-1, help="inherited descriptor that holds the lock")
    parser.add_argument("--detach", action="store_true", help="leave the parent process")
    return parser.parse_args(arguments)


def _option(text: str) -> tuple[str, str]:
    name, _, value = text.partition("=")
    return name, value


if __name__ == "__main__":
    sys.exit(main())
