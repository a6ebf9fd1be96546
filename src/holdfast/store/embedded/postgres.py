"""The embedded PostgreSQL: its command line, and what must be cleared away before it starts."""

from __future__ import annotations

import signal
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from holdfast.kit.errors import StoreUnavailable
from holdfast.store.embedded.account import Account
from holdfast.store.embedded.cluster import data_argument, write_configuration
from holdfast.store.embedded.layout import Layout
from holdfast.store.embedded.logs import Log
from holdfast.store.embedded.processes import end_all, exists, named_after
from holdfast.store.embedded.programs import Programs
from holdfast.store.embedded.pulse import Pulse, postgres_pulse
from holdfast.store.embedded.runtime import POSTGRES_PORT, Runtime

# For server processes that an earlier supervisor or a killed main process left: most end by themselves in
# milliseconds; SIGQUIT is PostgreSQL's immediate shutdown, after which the next start recovers.
_ORPHAN_ENDINGS = ((None, 0.5), (signal.SIGQUIT, 2.0), (signal.SIGKILL, 5.0))


@dataclass(frozen=True, slots=True)
class Postgres:
    """How the supervisor runs PostgreSQL."""

    layout: Layout
    account: Account
    programs: Programs
    runtime: Runtime
    options: Mapping[str, str]
    title: str = "PostgreSQL"
    # Fast shutdown: clients are sent away, a checkpoint is written. Then immediate shutdown.
    endings: Sequence[tuple[signal.Signals, float]] = ((signal.SIGINT, 30.0), (signal.SIGQUIT, 5.0))

    @property
    def socket(self) -> Path:
        """Where it listens."""
        return self.runtime.postgres_socket

    @property
    def directory(self) -> Path:
        """Its working directory: the database files."""
        return self.layout.cluster

    @property
    def log(self) -> Log:
        """Where its output goes."""
        return Log(self.layout.log("postgres"), self.layout.owner)

    def prepare(self) -> None:
        """End server processes that have no main process or no supervisor any more, and write the settings.

        Raises:
            StoreUnavailable: a process does not end.
            OSError: the database directory cannot be written.
        """
        if not end_all(self._orphans, _ORPHAN_ENDINGS):
            raise StoreUnavailable(
                f"Earlier PostgreSQL processes ({self._orphans()}) on {self.directory} do not end."
            )
        self._drop_stale_pid_file()
        self.socket.unlink(missing_ok=True)
        Path(f"{self.socket}.lock").unlink(missing_ok=True)
        self.log.trim()
        write_configuration(self.layout, self.account)

    def _orphans(self) -> list[int]:
        return named_after(self.layout.key, "postgres", self.account.uid)

    def _drop_stale_pid_file(self) -> None:
        # PostgreSQL removes the file itself unless its process id is in use. After a reboot, or in a
        # container, that can be any other process, and an ended one that nobody reaped counts as well. No
        # server process of this data directory is left at this point, so the id is not one of them.
        file = self.directory / "postmaster.pid"
        try:
            pid = int(file.read_text(encoding="ascii").split("\n", 1)[0])
        except (OSError, ValueError):
            return
        if exists(pid):
            file.unlink(missing_ok=True)

    def command(self) -> list[str]:
        """The command line. What is fixed, and what the caller asked for, wins over every file."""
        settings = {
            **self.options,
            "cluster_name": self.layout.key,
            "listen_addresses": "",
            "port": str(POSTGRES_PORT),
            "unix_socket_directories": str(self.runtime.sockets),
        }
        arguments = [word for name, value in settings.items() for word in ("-c", f"{name}={value}")]
        return [str(self.programs.postgres), "-D", data_argument(self.directory, self.account), *arguments]

    def pulse(self) -> Pulse:
        """Whether it lives."""
        return postgres_pulse(self.socket)
