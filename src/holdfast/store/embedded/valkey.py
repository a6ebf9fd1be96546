"""The embedded Valkey: hot state only, nothing of it is ever written to disk."""

from __future__ import annotations

import signal
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from holdfast.kit.errors import StoreUnavailable
from holdfast.store.embedded.account import Account
from holdfast.store.embedded.layout import Layout
from holdfast.store.embedded.logs import Log
from holdfast.store.embedded.processes import end_all, named_after
from holdfast.store.embedded.programs import Programs
from holdfast.store.embedded.pulse import Pulse, valkey_pulse
from holdfast.store.embedded.runtime import Runtime

# A full store refuses writes. Evicting instead could drop a lock that somebody still relies on; a refused
# write is answered by the database.
_SETTINGS = {
    "port": "0",
    "unixsocketperm": "700",
    "save": "",
    "appendonly": "no",
    "maxmemory": "256mb",
    "maxmemory-policy": "noeviction",
    "daemonize": "no",
    "loglevel": "notice",
    "set-proc-title": "no",
}


@dataclass(frozen=True, slots=True)
class Valkey:
    """How the supervisor runs Valkey."""

    layout: Layout
    account: Account
    programs: Programs
    runtime: Runtime
    title: str = "Valkey"
    endings: Sequence[tuple[signal.Signals, float]] = ((signal.SIGTERM, 3.0),)

    @property
    def socket(self) -> Path:
        """Where it listens."""
        return self.runtime.valkey_socket

    @property
    def directory(self) -> Path:
        """Its working directory; it writes nothing there."""
        return self.runtime.sockets

    @property
    def log(self) -> Log:
        """Where its output goes."""
        return Log(self.layout.log("valkey"), self.layout.owner)

    def prepare(self) -> None:
        """End a Valkey that an earlier supervisor left.

        Raises:
            StoreUnavailable: it does not end.
        """
        # The key is in the path of the socket, which is on the command line.
        found = named_after(self.layout.key, "valkey-server", self.account.uid)
        if found and not end_all(
            lambda: named_after(self.layout.key, "valkey-server", self.account.uid),
            ((signal.SIGKILL, 3.0),),
        ):
            raise StoreUnavailable(f"An earlier Valkey (processes {found}) does not end.")
        self.socket.unlink(missing_ok=True)
        self.log.trim()

    def command(self) -> list[str]:
        """The command line."""
        settings = {**_SETTINGS, "unixsocket": str(self.socket)}
        return [str(self.programs.valkey), *(w for k, v in settings.items() for w in (f"--{k}", v))]

    def pulse(self) -> Pulse:
        """Whether it lives."""
        return valkey_pulse(self.socket)
