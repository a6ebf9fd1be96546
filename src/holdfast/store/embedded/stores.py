"""Taking hold of the embedded stores, as a server or a command does."""

from __future__ import annotations

import logging
import os
import threading
import time
from collections.abc import Callable, Mapping
from pathlib import Path
from types import TracebackType
from typing import Self

from holdfast.kit.errors import Misconfigured, StoreUnavailable
from holdfast.store.embedded.account import account_for
from holdfast.store.embedded.child import BACKOFF_S
from holdfast.store.embedded.launch import GRACE_S, Wishes, launch
from holdfast.store.embedded.layout import DATA_SETTING, Layout, open_layout
from holdfast.store.embedded.locks import drop, try_exclusive, try_shared
from holdfast.store.embedded.logs import Log
from holdfast.store.embedded.options import OPTIONS_SETTING, checked, parse_options
from holdfast.store.embedded.programs import bundled
from holdfast.store.embedded.pulse import Pulse, postgres_pulse, valkey_pulse
from holdfast.store.embedded.runtime import Runtime
from holdfast.store.embedded.state import Phase, State, published

logger = logging.getLogger(__name__)

_TICK_S = 0.02
_LAUNCHES = 3
_LONGEST_PAUSE_S = 30.0
# A little longer than the supervisor waits between two attempts: the cause may be gone already.
_TROUBLE_BORNE_S = BACKOFF_S[-1] + 1.0

Progress = Callable[[str], None]


class EmbeddedStores:
    """A hold on the embedded PostgreSQL and Valkey of one data directory.

    Several processes may hold the same stores at once. They run until the last hold is released; a hold
    ends with its process, however that ends.

    Attributes:
        database_url: for asyncpg, psycopg and libpq; its role owns the database and is no superuser.
        superuser_url: the same database with every right, for maintenance only.
        redis_url: for redis-py.
    """

    def __init__(self, layout: Layout, wishes: Wishes, hold: int, runtime: Runtime) -> None:
        self._layout = layout
        self._wishes = wishes
        self._hold: int | None = hold
        self._mutex = threading.Lock()
        self._failures = 0
        self._next_launch_at = float("-inf")
        self.database_url = runtime.database_url
        self.superuser_url = runtime.superuser_url
        self.redis_url = runtime.redis_url

    @classmethod
    def acquire(
        cls,
        data: Path,
        *,
        postgres_options: Mapping[str, str] | None = None,
        timeout_s: float = 60.0,
        grace_s: float = GRACE_S,
        progress: Progress | None = None,
    ) -> EmbeddedStores:
        """Take hold of the stores of a data directory, starting them where they do not run.

        Args:
            data: the data directory; it is made where needed.
            postgres_options: PostgreSQL settings over the defaults and over `HOLDFAST_POSTGRES_OPTIONS`.
                They count for whoever starts the stores.
            timeout_s: seconds to wait for both stores to answer.
            grace_s: seconds that the stores stay up after the last hold is released; counts for whoever
                starts the stores.
            progress: is told in a few words what is being done, each time that changes.

        Raises:
            Misconfigured: the data directory or an option cannot be used, or the stores run with other
                options than `postgres_options`.
            StoreUnavailable: the stores do not start; the message quotes the log.
        """
        layout = open_layout(data)
        environment = parse_options(os.environ.get(OPTIONS_SETTING, ""))
        wishes = Wishes({**environment, **checked(postgres_options or {})}, grace_s)
        account_for(layout)
        bundled()
        entry = _Entry(layout, wishes, time.monotonic() + timeout_s, progress or (lambda _: None))
        hold: int | None = None
        try:
            hold = entry.hold()
            state = entry.wait_for_stores()
            if postgres_options is not None:
                _refuse_other_options(layout, state, wishes)
        except OSError as error:
            drop(hold)
            raise _unusable(layout, error) from error
        except BaseException:
            drop(hold)
            raise
        return cls(layout, wishes, hold, Runtime(Path(state.runtime)))

    def process_ids(self) -> dict[str, int]:
        """The ids of `supervisor`, `postgres` and `valkey`; one that is not running is left out."""
        state = published(self._layout)
        ids = {"supervisor": state.supervisor, "postgres": state.postgres, "valkey": state.valkey}
        return {name: pid for name, pid in ids.items() if pid}

    def ensure(self) -> None:
        """Start a new supervisor if the old one was killed.

        A holder that stays calls this each second or so, from a thread: it costs microseconds, and about
        0.1 s when a supervisor must be started. It does not wait for the stores; clients reconnect when
        they are back, at the same addresses.

        Raises:
            StoreUnavailable: a supervisor was needed and could not be started.
        """
        with self._mutex:
            if self._hold is None:
                return
            try:
                self._replace_supervisor()
            except OSError as error:
                raise StoreUnavailable(f"The supervisor of the stores cannot be started: {error}") from error

    def _replace_supervisor(self) -> None:
        lock = try_exclusive(self._layout.supervisor_lock, self._layout.owner)
        if lock is None:
            return
        state, now = published(self._layout), time.monotonic()
        if state.phase is Phase.RUNNING:
            self._failures = 0
        elif now < self._next_launch_at:
            # One that ends before the stores run is started at ever longer intervals.
            drop(lock)
            return
        logger.warning(
            "the supervisor of the stores is gone (%s); starting another", state.message or "killed"
        )
        self._failures += 1
        self._next_launch_at = now + min(0.5 * 2.0**self._failures, _LONGEST_PAUSE_S)
        launch(self._layout, lock, self._wishes)

    def release(self) -> None:
        """Give the stores up; they stop after the grace period unless somebody else holds them."""
        with self._mutex:
            drop(self._hold)
            self._hold = None

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.release()


class _Entry:
    """The way in: from nothing to a hold on stores that answer, before a deadline."""

    def __init__(self, layout: Layout, wishes: Wishes, deadline: float, progress: Progress) -> None:
        self._layout = layout
        self._wishes = wishes
        self._deadline = deadline
        self._progress = progress
        self._step = ""
        self._launches = 0
        self._troubled_since: float | None = None

    def hold(self) -> int:
        """Take the shared lock; only a supervisor that is just stopping the stores makes this wait."""
        while True:
            lock = try_shared(self._layout.holders_lock, self._layout.owner)
            if lock is not None:
                return lock
            self._wait("waiting for the stores to stop")

    def wait_for_stores(self) -> State:
        """Wait until both stores answer, starting a supervisor where none lives."""
        while True:
            lock = try_exclusive(self._layout.supervisor_lock, self._layout.owner)
            state = published(self._layout)
            if lock is not None:
                self._launch(lock, state)
            elif state.phase is Phase.TROUBLED:
                self._bear(state)
            elif state.phase is Phase.RUNNING and _answer(Runtime(Path(state.runtime))):
                return state
            self._wait(state.step)

    def _bear(self, state: State) -> None:
        now = time.monotonic()
        self._troubled_since = now if self._troubled_since is None else self._troubled_since
        if now - self._troubled_since > _TROUBLE_BORNE_S:
            raise StoreUnavailable(state.message)

    def _launch(self, lock: int, state: State) -> None:
        if self._launches and state.phase is Phase.FAILED:
            drop(lock)
            raise StoreUnavailable(state.message)
        if self._launches >= _LAUNCHES:
            drop(lock)
            log = Log(self._layout.log("supervisor"), self._layout.owner)
            raise StoreUnavailable(f"The supervisor of the embedded stores ends at once.\n{log.quoted()}")
        self._launches += 1
        launch(self._layout, lock, self._wishes)

    def _wait(self, step: str) -> None:
        if step and step != self._step:
            self._progress(step)
        self._step = step or self._step
        if time.monotonic() >= self._deadline:
            log = Log(self._layout.log("postgres"), self._layout.owner)
            raise StoreUnavailable(
                f"The embedded stores in {self._layout.data} did not answer in time "
                f"({self._step or 'starting'}).\n{log.quoted()}"
            )
        time.sleep(_TICK_S)


def _refuse_other_options(layout: Layout, state: State, wishes: Wishes) -> None:
    if state.options != dict(wishes.options):
        raise Misconfigured(
            f"The stores in {layout.data} run already, with the PostgreSQL options "
            f"{state.options or 'of the defaults'}. Stop whoever uses them, then start again.",
            field=OPTIONS_SETTING,
        )


def _answer(runtime: Runtime) -> bool:
    return (
        postgres_pulse(runtime.postgres_socket) is Pulse.READY
        and valkey_pulse(runtime.valkey_socket) is Pulse.READY
    )


def _unusable(layout: Layout, error: OSError) -> Misconfigured:
    return Misconfigured(
        f"The stores in {layout.data} cannot be started: {error}. Make room on the disk if it is full, "
        "or start Holdfast under the account that owns the directory.",
        field=DATA_SETTING,
    )
