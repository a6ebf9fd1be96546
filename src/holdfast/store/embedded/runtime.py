"""The short directory outside the data directory where the sockets are.

A socket's path may have 107 bytes (103 on macOS), so it cannot lie in the data directory. The name is
derived from the data directory; a directory that another account made under that name is never used.
"""

from __future__ import annotations

import os
import secrets
import shutil
import tempfile
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

from holdfast.kit.errors import Misconfigured
from holdfast.store.embedded.account import Account
from holdfast.store.embedded.ownfile import claim_directory, make_own_directory

LONGEST_SOCKET_PATH = 103
POSTGRES_PORT = 5432


@dataclass(frozen=True, slots=True)
class Runtime:
    """The runtime directory of a running pair of stores.

    Attributes:
        top: belongs to the caller; others may pass only when the stores run under another account.
    """

    top: Path

    @property
    def sockets(self) -> Path:
        """Belongs to the account of the stores, mode 0700: whoever cannot enter cannot connect."""
        return self.top / "s"

    @property
    def postgres_socket(self) -> Path:
        """PostgreSQL chooses this name from its port."""
        return self.sockets / f".s.PGSQL.{POSTGRES_PORT}"

    @property
    def valkey_socket(self) -> Path:
        """Where Valkey listens."""
        return self.sockets / "valkey.sock"

    @property
    def database_url(self) -> str:
        """Understood by libpq and asyncpg; the port is named because both read PGPORT otherwise."""
        return self._url("holdfast")

    @property
    def superuser_url(self) -> str:
        """The same database with every right, for ALTER SYSTEM and the like."""
        return self._url("postgres")

    def _url(self, role: str) -> str:
        return f"postgresql://{role}@/holdfast?host={self.sockets}&port={POSTGRES_PORT}"

    @property
    def redis_url(self) -> str:
        """Understood by redis-py."""
        return f"unix://{self.valkey_socket}"

    def clear_sockets(self) -> None:
        """Remove socket files that an ended server left; call only when none runs."""
        for socket in (self.postgres_socket, Path(f"{self.postgres_socket}.lock"), self.valkey_socket):
            socket.unlink(missing_ok=True)

    def remove(self) -> None:
        """Remove the directory at the end."""
        shutil.rmtree(self.top, ignore_errors=True)


def open_runtime(key: str, account: Account, before: str = "") -> Runtime:
    """Make, or take over, the runtime directory for the data directory named `key`.

    Args:
        key: names the data directory.
        account: runs the stores.
        before: the runtime directory that was in use last, if any; whoever holds the stores knows it.

    Raises:
        Misconfigured: no directory for temporary files is short enough and writable.
    """
    for runtime in _candidates(key, before):
        fits = len(os.fsencode(runtime.postgres_socket)) <= LONGEST_SOCKET_PATH
        if fits and _claimed(runtime, account):
            return runtime
    raise Misconfigured(
        "No directory for sockets could be made. Make /tmp writable, or point TMPDIR or XDG_RUNTIME_DIR "
        "to a directory with a path shorter than 60 characters."
    )


def _candidates(key: str, before: str) -> Iterator[Runtime]:
    if Path(before).name.startswith(key):
        yield Runtime(Path(before))
    for shelf in shelves():
        yield Runtime(shelf / key)
        yield Runtime(shelf / f"{key}-{secrets.token_hex(4)}")


def shelves() -> Iterator[Path]:
    """Directories that may hold the runtime directory.

    /tmp comes first: XDG_RUNTIME_DIR disappears when its user logs out, also under a server that stays.
    """
    seen = set()
    for name in ("/tmp", tempfile.gettempdir(), os.environ.get("XDG_RUNTIME_DIR", "")):  # noqa: S108
        path = Path(name)
        if name and path.is_absolute() and path not in seen:
            seen.add(path)
            yield path


def _claimed(runtime: Runtime, account: Account) -> bool:
    if not claim_directory(runtime.top, 0o711 if account.dropped else 0o700):
        return False
    with suppress(OSError):
        make_own_directory(runtime.sockets, account.owner)
        return True
    return False
