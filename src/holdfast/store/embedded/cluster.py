"""The database files: made once, whole or not at all, and owned by the account that runs PostgreSQL."""

from __future__ import annotations

import os
import shutil
import signal
import subprocess
import sys
import tempfile
from contextlib import suppress
from pathlib import Path

from holdfast.kit.errors import Misconfigured, StoreUnavailable
from holdfast.store.embedded.account import Account, client_names
from holdfast.store.embedded.child import environment
from holdfast.store.embedded.layout import DATA_SETTING, Layout
from holdfast.store.embedded.logs import Log
from holdfast.store.embedded.options import configuration
from holdfast.store.embedded.ownfile import give_tree, make_own_directory, owner_of, replace_own
from holdfast.store.embedded.processes import die_with_parent
from holdfast.store.embedded.programs import POSTGRES_MAJOR, Programs

_DRAFT = "postgres.new-"
_CONFIGURATION = "holdfast.conf"
# Built-in C.UTF-8: order by code point, letters and cases by Unicode, and the same on every machine; an
# update of the system's locales cannot damage an index.
_INITDB = (
    "--username=postgres",
    "--encoding=UTF8",
    "--locale=C",
    "--locale-provider=builtin",
    "--builtin-locale=C.UTF-8",
    "--data-checksums",
    "--auth=peer",
    "--no-instructions",
)
# One statement per paragraph, as a server in single-user mode reads them. The role is no superuser, as on
# any server that somebody else runs; it may do what backup, tests and measurements need.
_ROLES = """\
CREATE ROLE holdfast LOGIN CREATEDB REPLICATION;

GRANT pg_monitor, pg_checkpoint, pg_signal_backend TO holdfast;

CREATE DATABASE holdfast OWNER holdfast;

"""


def ensure_cluster(layout: Layout, account: Account, programs: Programs) -> None:
    """Make the database files where there are none; check and hand over the ones that are there.

    Raises:
        Misconfigured: they were made by another PostgreSQL version.
        StoreUnavailable: they cannot be made; the message quotes what the programs said.
    """
    for draft in layout.data.glob(f"{_DRAFT}*"):
        shutil.rmtree(draft, ignore_errors=True)
    if not layout.cluster.exists():
        _make(layout, account, programs)
    _refuse_other_version(layout.cluster)
    if account.dropped and owner_of(layout.cluster) != account.owner:
        give_tree(layout.cluster, account.owner)


def _make(layout: Layout, account: Account, programs: Programs) -> None:
    draft = Path(tempfile.mkdtemp(prefix=_DRAFT, dir=layout.data))
    make_own_directory(draft, account.owner)
    name = data_argument(draft, account)
    sync = ["--sync-method=syncfs"] if sys.platform == "linux" else []
    try:
        _run(layout, account, draft, [str(programs.initdb), f"--pgdata={name}", *_INITDB, *sync])
        _run(layout, account, draft, [str(programs.postgres), "--single", "-D", name, "postgres"], _ROLES)
        # The directory under its final name is a finished one.
        draft.rename(layout.cluster)
    finally:
        shutil.rmtree(draft, ignore_errors=True)
    with suppress(OSError):
        _sync(layout.data)


def data_argument(cluster: Path, account: Account) -> str:
    """How the database directory, which is the working directory, is named to PostgreSQL.

    When root runs PostgreSQL as somebody else, directories above may be closed to that account. The
    working directory is entered before the rights are given up, and this link of Linux leads to it
    without passing the directories above.
    """
    if account.dropped and Path("/proc/self/cwd").exists():
        return "/proc/self/cwd"
    return str(cluster)


def _run(layout: Layout, account: Account, directory: Path, command: list[str], text: str = "") -> None:
    log = Log(layout.log("postgres"), layout.owner)
    try:
        done = subprocess.run(  # noqa: S603 - the programs are from our own wheel
            command,
            cwd=directory,
            env=environment(),
            input=text,
            text=True,
            errors="replace",
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            check=False,
            preexec_fn=die_with_parent(signal.SIGKILL),
            **account.credentials(),
        )
    except OSError as error:
        raise StoreUnavailable(f"{command[0]} cannot be run: {error}") from error
    _append(log, done.stdout)
    # In single-user mode an error ends a statement, not the program.
    if done.returncode != 0 or "ERROR:" in done.stdout:
        tail = "\n".join(done.stdout.strip().splitlines()[-12:])
        raise StoreUnavailable(
            f"The database files in {layout.data} could not be made. {Path(command[0]).name} said:\n{tail}"
        )


def _append(log: Log, text: str) -> None:
    with os.fdopen(log.open(), "a", encoding="utf-8") as file:
        file.write(text)


def _sync(directory: Path) -> None:
    fd = os.open(directory, os.O_RDONLY | os.O_DIRECTORY)
    try:
        os.fsync(fd)
    finally:
        os.close(fd)


def _refuse_other_version(cluster: Path) -> None:
    try:
        version = (cluster / "PG_VERSION").read_text(encoding="ascii").strip()
    except OSError as error:
        raise Misconfigured(
            f"{cluster} is there but holds no database ({error.strerror}). "
            "Restore it, or move it away to begin anew.",
            field=DATA_SETTING,
        ) from error
    if version != str(POSTGRES_MAJOR):
        raise Misconfigured(
            f"The database files in {cluster} were made by PostgreSQL {version}; "
            f"this Holdfast carries {POSTGRES_MAJOR}. "
            "Back up with the Holdfast that made them and restore the backup with this one.",
            field=DATA_SETTING,
        )


def write_configuration(layout: Layout, account: Account) -> None:
    """Write the settings and who may connect; both are the same at each start whatever was there.

    Raises:
        OSError: the directory cannot be written.
    """
    cluster, owner = layout.cluster, account.owner
    roles = ("holdfast", "postgres")
    names = client_names(layout, account)
    maps = "".join(f'holdfast "{name}" {role}\n' for name in names for role in roles)
    replace_own(cluster / _CONFIGURATION, configuration(), owner)
    replace_own(cluster / "pg_ident.conf", maps, owner)
    rules = "local all all peer map=holdfast\nlocal replication all peer map=holdfast\n"
    replace_own(cluster / "pg_hba.conf", rules, owner)
    _include_configuration(cluster, account)


def _include_configuration(cluster: Path, account: Account) -> None:
    main = cluster / "postgresql.conf"
    text = main.read_text(encoding="utf-8")
    line = f"include_if_exists = '{_CONFIGURATION}'\n"
    if line not in text:
        replace_own(main, f"{text}\n{line}", account.owner)
