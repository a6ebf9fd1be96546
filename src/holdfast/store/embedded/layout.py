"""Where things are in a data directory.

`postgres/` holds the database files. `stores/` holds what is about running them: locks, logs, and the
state that the supervisor publishes.
"""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from pathlib import Path

from holdfast.kit.errors import Misconfigured
from holdfast.store.embedded.ownfile import Owner, make_own_directory, owner_of

DATA_SETTING = "HOLDFAST_DATA"
CLUSTER = "postgres"


@dataclass(frozen=True, slots=True)
class Layout:
    """The paths of one data directory.

    Attributes:
        data: the data directory, absolute, without links.
        owner: who owns it; files that Holdfast makes there get the same owner.
    """

    data: Path
    owner: Owner

    @property
    def key(self) -> str:
        """A name for this data directory that is short enough for socket paths and process titles."""
        return "holdfast-" + hashlib.sha256(str(self.data).encode()).hexdigest()[:12]

    @property
    def cluster(self) -> Path:
        """The database files."""
        return self.data / CLUSTER

    @property
    def stores(self) -> Path:
        """Locks, logs and state."""
        return self.data / "stores"

    @property
    def holders_lock(self) -> Path:
        """Held shared by everybody who uses the stores."""
        return self.stores / "holders.lock"

    @property
    def supervisor_lock(self) -> Path:
        """Held alone by the supervisor."""
        return self.stores / "supervisor.lock"

    @property
    def state(self) -> Path:
        """What the supervisor tells."""
        return self.stores / "state.json"

    def log(self, name: str) -> Path:
        """The log of `supervisor`, `postgres` or `valkey`."""
        return self.stores / f"{name}.log"


def has_cluster(data: Path) -> bool:
    """Whether a data directory holds database files; nothing is made or started."""
    return (data.expanduser() / CLUSTER).is_dir()


def open_layout(data: Path) -> Layout:
    """Make the data directory where needed and check that it can be used.

    Args:
        data: the data directory; relative paths and `~` are understood.

    Raises:
        Misconfigured: it is not a directory or cannot be written.
    """
    path = data.expanduser().resolve()
    if path.exists() and not path.is_dir():
        raise Misconfigured(f"{path} is a file; name a directory for Holdfast's data.", field=DATA_SETTING)
    try:
        path.mkdir(mode=0o700, parents=True, exist_ok=True)
        layout = Layout(path, owner_of(path))
        make_own_directory(layout.stores, layout.owner)
    except OSError as error:
        raise Misconfigured(
            f"The data directory {path} cannot be used ({error.strerror}). "
            "Name one that this account may write, or start Holdfast under the account that owns it.",
            field=DATA_SETTING,
        ) from error
    return layout
