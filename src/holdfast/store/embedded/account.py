"""Whose account the stores run under: the caller's, or for root an ordinary account.

PostgreSQL refuses to run as root and wants an account with a passwd entry.
"""

from __future__ import annotations

import os
import pwd
from dataclasses import dataclass
from pathlib import Path
from typing import TypedDict

from holdfast.kit.errors import Misconfigured
from holdfast.store.embedded.layout import DATA_SETTING, Layout
from holdfast.store.embedded.ownfile import Owner, owner_of

# In this order: an account made for Holdfast, the one that distributions make for the same program, and
# the one that every system has.
SYSTEM_ACCOUNTS = ("holdfast", "postgres", "_postgres", "nobody")


class Credentials(TypedDict, total=False):
    """The arguments of `subprocess.Popen` that change the account of a child."""

    user: int
    group: int
    extra_groups: list[int]


@dataclass(frozen=True, slots=True)
class Account:
    """An account that runs the stores.

    Attributes:
        dropped: the caller is root and gives up its rights for the stores.
    """

    name: str
    uid: int
    gid: int
    dropped: bool

    @property
    def owner(self) -> Owner:
        """The owner of the files that the stores write."""
        return Owner(self.uid, self.gid)

    def credentials(self) -> Credentials:
        """How a child is started under this account."""
        if not self.dropped:
            return {}
        return {"user": self.uid, "group": self.gid, "extra_groups": []}


def account_for(layout: Layout) -> Account:
    """Choose the account for the stores of a data directory; the same answer each time.

    For an ordinary caller it is the caller. For root it is the owner of the database files, else the
    owner of the data directory, else the first of `SYSTEM_ACCOUNTS` that exists; root itself never.

    Raises:
        Misconfigured: no account fits; the message says what to do.
    """
    if os.geteuid() == 0:
        return _account_for_root(layout)
    entry = _entry(os.geteuid())
    if entry is None:
        raise Misconfigured(
            f"User id {os.geteuid()} has no entry in the passwd file, which PostgreSQL needs. "
            "Add one, or set DATABASE_URL and REDIS_URL to stores outside."
        )
    _refuse_foreign_cluster(layout.cluster)
    return Account(entry.pw_name, entry.pw_uid, entry.pw_gid, dropped=False)


def _refuse_foreign_cluster(cluster: Path) -> None:
    if cluster.exists() and owner_of(cluster).uid != os.geteuid():
        owner = _entry(owner_of(cluster).uid)
        raise Misconfigured(
            f"The database files in {cluster} belong to {owner.pw_name if owner else 'another account'}. "
            "Start Holdfast as root as before, or change the owner of the whole data directory.",
            field=DATA_SETTING,
        )


def _account_for_root(layout: Layout) -> Account:
    uids = [owner_of(layout.cluster).uid] if layout.cluster.exists() else []
    candidates = [_entry(uid) for uid in (*uids, layout.owner.uid)]
    candidates += [_named(name) for name in SYSTEM_ACCOUNTS]
    for entry in candidates:
        if entry is not None and entry.pw_uid != 0:
            return Account(entry.pw_name, entry.pw_uid, entry.pw_gid, dropped=True)
    raise Misconfigured(
        "PostgreSQL does not run as root and no other account was found "
        f"(looked for {', '.join(SYSTEM_ACCOUNTS)}). Make an account named 'holdfast', "
        "or start Holdfast under an ordinary account."
    )


def _entry(uid: int) -> pwd.struct_passwd | None:
    try:
        return pwd.getpwuid(uid)
    except KeyError:
        return None


def _named(name: str) -> pwd.struct_passwd | None:
    try:
        return pwd.getpwnam(name)
    except KeyError:
        return None


def client_names(layout: Layout, account: Account) -> list[str]:
    """The operating-system accounts that may use the database: root, the caller, the data's owner.

    The account that the stores run under is not among them unless it is one of these: on many systems
    `nobody` is shared by programs that have no business here.
    """
    uids = {0, os.geteuid(), layout.owner.uid} | (set() if account.dropped else {account.uid})
    names = (_entry(uid) for uid in sorted(uids))
    return [entry.pw_name for entry in names if entry is not None]
