"""The embedded stores as their holders see them: real PostgreSQL, real Valkey, real kills."""

from __future__ import annotations

import os
import shutil
import signal
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack, suppress
from pathlib import Path

import asyncpg
import psycopg
import pytest
import redis

from holdfast.kit.errors import Misconfigured, StoreUnavailable
from holdfast.store.embedded import EmbeddedStores, pg_binaries
from holdfast.store.embedded.layout import Layout, open_layout
from holdfast.store.embedded.locks import try_exclusive
from holdfast.store.embedded.processes import exists, named_after

pytestmark = [pytest.mark.crash, pytest.mark.timeout(120)]

GRACE_S = 0.3
BACK_WITHIN_S = 3.0

HOLDER = """
import sys
from pathlib import Path
from holdfast.store.embedded import EmbeddedStores
with EmbeddedStores.acquire(Path(sys.argv[1]), grace_s=0.3) as stores:
    print(stores.process_ids()["postgres"], stores.database_url, flush=True)
    sys.stdin.read()
"""


def wait_until(happened: Callable[[], object], seconds: float = 30.0) -> float:
    """Wait for something without a signal of its own; how long it took, in seconds."""
    start = time.monotonic()
    while not happened():
        assert time.monotonic() - start < seconds, f"waited {seconds} s in vain"
        time.sleep(0.01)
    return time.monotonic() - start


def supervisor_is_gone(layout: Layout) -> bool:
    lock = try_exclusive(layout.supervisor_lock, layout.owner)
    if lock is None:
        return False
    os.close(lock)
    return True


def store_processes(layout: Layout) -> list[int]:
    uid = layout.cluster.stat().st_uid if layout.cluster.exists() else os.geteuid()
    return named_after(layout.key, "postgres", uid) + named_after(layout.key, "valkey-server", uid)


@pytest.fixture
def data(tmp_path: Path) -> Iterator[Path]:
    """A data directory; afterwards nothing of it may run any more."""
    path = tmp_path / "data"
    yield path
    if path.is_dir():
        layout = open_layout(path)
        try:
            wait_until(lambda: supervisor_is_gone(layout) and not store_processes(layout))
        finally:
            for pid in store_processes(layout):
                os.kill(pid, signal.SIGKILL)
            shutil.rmtree(path)


@pytest.fixture
def stores(data: Path) -> Iterator[EmbeddedStores]:
    with EmbeddedStores.acquire(data, grace_s=GRACE_S) as held:
        yield held


def keep(stores: EmbeddedStores, number: int) -> None:
    with psycopg.connect(stores.database_url) as connection:
        connection.execute("CREATE TABLE IF NOT EXISTS kept (number int)")
        connection.execute("INSERT INTO kept VALUES (%s)", [number])


def kept(stores: EmbeddedStores) -> list[int] | None:
    with suppress(psycopg.OperationalError), psycopg.connect(stores.database_url) as connection:
        return [row[0] for row in connection.execute("SELECT number FROM kept ORDER BY number")]
    return None


def hold_elsewhere(data: Path) -> subprocess.Popen[str]:
    return subprocess.Popen(
        [sys.executable, "-c", HOLDER, str(data)],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    )


def first_line(process: subprocess.Popen[str]) -> str:
    assert process.stdout is not None
    return process.stdout.readline().strip()


async def test_first_start_serves_both_stores_to_all_drivers(data: Path):
    told: list[str] = []
    start = time.monotonic()
    with EmbeddedStores.acquire(data, grace_s=GRACE_S, progress=told.append) as stores:
        print(f"first start: {time.monotonic() - start:.2f} s")
        connection = await asyncpg.connect(stores.database_url)
        settings = {
            name: await connection.fetchval("SELECT current_setting($1)", name)
            for name in (
                "fsync",
                "synchronous_commit",
                "full_page_writes",
                "data_checksums",
                "listen_addresses",
            )
        }
        who = await connection.fetchrow(
            "SELECT rolname::text, current_database()::text, rolsuper"
            " FROM pg_roles WHERE rolname = current_user"
        )
        await connection.close()
        assert settings == {
            "fsync": "on",
            "synchronous_commit": "on",
            "full_page_writes": "on",
            "data_checksums": "on",
            "listen_addresses": "",
        }
        assert who is not None
        assert tuple(who) == ("holdfast", "holdfast", False)
        with redis.Redis.from_url(stores.redis_url) as client:
            assert client.ping()
            assert client.config_get("save", "appendonly") == {"save": "", "appendonly": "no"}
        assert set(stores.process_ids()) == {"supervisor", "postgres", "valkey"}
    assert "creating the database files" in told


@pytest.mark.usefixtures("stores")
def test_taking_hold_of_running_stores_is_quick(data: Path):
    took = []
    for _ in range(3):
        start = time.monotonic()
        EmbeddedStores.acquire(data).release()
        took.append(time.monotonic() - start)
    print(f"acquire while running: {min(took) * 1000:.1f} ms")
    assert min(took) < 0.3


def test_the_last_holder_out_stops_the_stores_cleanly(data: Path):
    first = EmbeddedStores.acquire(data, grace_s=GRACE_S)
    second = hold_elsewhere(data)
    assert first_line(second).split()[0] == str(first.process_ids()["postgres"])
    ids = first.process_ids()
    first.release()
    with psycopg.connect(first.database_url) as connection:
        assert connection.execute("SELECT 1").fetchone() == (1,)
    assert not supervisor_is_gone(open_layout(data))
    second.communicate("")
    wait_until(lambda: not any(exists(pid) for pid in ids.values()))
    assert first.process_ids() == {}
    assert (data / "stores" / "postgres.log").read_text().strip().endswith("database system is shut down")
    assert not Path(first.redis_url.removeprefix("unix://")).parent.exists()


def test_a_holder_that_comes_within_the_grace_finds_the_same_stores(data: Path):
    with EmbeddedStores.acquire(data, grace_s=5.0) as stores:
        before = stores.process_ids()
    with EmbeddedStores.acquire(data) as stores:
        assert stores.process_ids() == before
    os.kill(before["supervisor"], signal.SIGTERM)


def test_a_holder_that_comes_while_the_stores_stop_starts_them_again(data: Path):
    log = data / "stores" / "postgres.log"
    seen = set()
    for number in range(1, 5):
        with EmbeddedStores.acquire(data, grace_s=0.0) as stores:
            keep(stores, number)
            assert kept(stores) == list(range(1, number + 1))
            seen.add(stores.process_ids()["postgres"])
        wait_until(lambda stops=number: log.read_text().count("fast shutdown request") == stops)
    assert len(seen) == 4


@pytest.mark.parametrize("busy", [False, True], ids=["idle", "busy"])
def test_killed_postgres_is_back_with_what_was_committed(stores: EmbeddedStores, *, busy: bool):
    keep(stores, 1)
    old = stores.process_ids()["postgres"]
    work = threading.Thread(target=_never_ending_query, args=(stores,), daemon=True)
    if busy:
        # A session that computes does not see that the main process is gone.
        work.start()
        wait_until(lambda: _active(stores))
    os.kill(old, signal.SIGKILL)
    took = wait_until(lambda: kept(stores) == [1])
    print(f"PostgreSQL killed ({'busy' if busy else 'idle'}): back after {took:.2f} s")
    assert took < BACK_WITHIN_S
    wait_until(lambda: stores.process_ids().get("postgres", old) != old)
    if busy:
        work.join(10)


def _never_ending_query(stores: EmbeddedStores) -> None:
    with suppress(psycopg.OperationalError), psycopg.connect(stores.database_url) as connection:
        connection.execute("SELECT count(*) FROM generate_series(1, 1000000000000) AS never_ending")


def _active(stores: EmbeddedStores) -> bool:
    with psycopg.connect(stores.database_url) as connection:
        rows = connection.execute(
            "SELECT 1 FROM pg_stat_activity WHERE state='active' AND query LIKE '%ending'"
        )
        return rows.fetchone() is not None


def test_postgres_asked_to_wait_for_its_clients_is_back_all_the_same(stores: EmbeddedStores):
    keep(stores, 1)
    old = stores.process_ids()["postgres"]
    with psycopg.connect(stores.database_url):
        os.kill(old, signal.SIGTERM)
        took = wait_until(lambda: stores.process_ids().get("postgres", old) != old and kept(stores) == [1])
    assert took < 2 * BACK_WITHIN_S


def test_server_with_all_connections_taken_counts_as_alive(data: Path):
    full = {"max_connections": "10", "superuser_reserved_connections": "0"}
    with EmbeddedStores.acquire(data, postgres_options=full, grace_s=GRACE_S) as stores, ExitStack() as taken:
        before = stores.process_ids()
        for _ in range(10):
            taken.enter_context(psycopg.connect(stores.database_url))
        with pytest.raises(psycopg.OperationalError, match="too many clients"):
            psycopg.connect(stores.database_url)
        EmbeddedStores.acquire(data).release()
        assert stores.process_ids() == before


def test_killed_valkey_is_back_empty(stores: EmbeddedStores):
    with redis.Redis.from_url(stores.redis_url) as client:
        client.set("hot", "state")
        os.kill(stores.process_ids()["valkey"], signal.SIGKILL)

        def answers() -> bool:
            with suppress(redis.ConnectionError):
                return client.exists("hot") == 0
            return False

        took = wait_until(answers)
    print(f"Valkey killed: back after {took:.2f} s")
    assert took < BACK_WITHIN_S


def test_killed_supervisor_is_replaced_by_a_holder_each_time(stores: EmbeddedStores):
    keep(stores, 1)
    for _ in range(4):
        old = stores.process_ids()
        os.kill(old["supervisor"], signal.SIGKILL)
        start = time.monotonic()
        wait_until(lambda known=old["supervisor"]: _replaced(stores, known))
        wait_until(lambda: kept(stores) == [1])
        print(f"supervisor killed: stores back after {time.monotonic() - start:.2f} s")
        assert time.monotonic() - start < 2 * BACK_WITHIN_S
        wait_until(lambda: {"postgres", "valkey"} <= set(stores.process_ids()))
        assert {old["postgres"], old["valkey"]}.isdisjoint(store_processes(stores._layout))


def _replaced(stores: EmbeddedStores, supervisor: int) -> bool:
    stores.ensure()
    return stores.process_ids().get("supervisor", supervisor) != supervisor


def test_killed_supervisor_is_replaced_by_the_next_who_comes(data: Path, stores: EmbeddedStores):
    keep(stores, 1)
    os.kill(stores.process_ids()["supervisor"], signal.SIGKILL)
    wait_until(lambda: supervisor_is_gone(open_layout(data)))
    with EmbeddedStores.acquire(data, grace_s=GRACE_S) as second:
        assert kept(second) == [1]
        assert second.database_url == stores.database_url


def test_ensure_costs_next_to_nothing_while_all_is_well(stores: EmbeddedStores):
    before = stores.process_ids()
    start = time.monotonic()
    for _ in range(100):
        stores.ensure()
    assert time.monotonic() - start < 1.0
    assert stores.process_ids() == before


def test_everything_killed_at_once_recovers_at_the_next_start(data: Path):
    holder = hold_elsewhere(data)
    first_line(holder)
    stores = EmbeddedStores.acquire(data)
    keep(stores, 1)
    ids = stores.process_ids()
    layout = open_layout(data)
    victims = [holder.pid, ids["supervisor"], *store_processes(layout)]
    stores.release()
    for pid in victims:
        with suppress(ProcessLookupError):
            os.kill(pid, signal.SIGKILL)
    holder.communicate()
    start = time.monotonic()
    with EmbeddedStores.acquire(data, grace_s=GRACE_S) as again:
        print(f"all killed: next start took {time.monotonic() - start:.2f} s")
        assert kept(again) == [1]
        assert again.process_ids()["postgres"] != ids["postgres"]


def test_killed_holder_lets_the_stores_stop(data: Path):
    holder = hold_elsewhere(data)
    first_line(holder)
    holder.kill()
    holder.communicate()
    layout = open_layout(data)
    wait_until(lambda: supervisor_is_gone(layout))
    assert (data / "stores" / "postgres.log").read_text().strip().endswith("database system is shut down")


def test_process_id_in_use_by_another_does_not_hinder_the_start(data: Path):
    with EmbeddedStores.acquire(data, grace_s=0.0) as stores:
        keep(stores, 1)
        pid_file = data / "postgres" / "postmaster.pid"
        lines = pid_file.read_text().splitlines()
        ids = [stores.process_ids()["supervisor"], *store_processes(open_layout(data))]
    for pid in ids:
        with suppress(ProcessLookupError):
            os.kill(pid, signal.SIGKILL)
    layout = open_layout(data)
    wait_until(lambda: supervisor_is_gone(layout) and not store_processes(layout))
    # As after a reboot: the id that the file names belongs to some other process.
    pid_file.write_text("\n".join([str(os.getpid()), *lines[1:]]) + "\n")
    with EmbeddedStores.acquire(data, grace_s=GRACE_S) as stores:
        assert kept(stores) == [1]


def test_two_first_starts_at_once_share_one_pair_of_stores(data: Path):
    holders = [hold_elsewhere(data) for _ in range(2)]
    lines = [first_line(holder) for holder in holders]
    assert lines[0] == lines[1] != ""
    for holder in holders:
        holder.communicate("")
        assert holder.returncode == 0


def test_path_longer_than_any_socket_allows(tmp_path: Path):
    deep = tmp_path.joinpath(*["a-rather-long-directory-name-for-a-course"] * 5, "data")
    assert len(str(deep)) > 200
    with EmbeddedStores.acquire(deep, grace_s=GRACE_S) as stores:
        keep(stores, 1)
        assert kept(stores) == [1]
    layout = open_layout(deep)
    wait_until(lambda: supervisor_is_gone(layout))
    shutil.rmtree(deep)


def test_names_in_any_script_are_kept_and_compared(stores: EmbeddedStores):
    with psycopg.connect(stores.database_url) as connection:
        row = connection.execute("SELECT upper('žofie ünal'), 'Ωμέγα' ILIKE 'ωμέγα', now()::text").fetchone()
    assert row is not None
    assert row[:2] == ("ŽOFIE ÜNAL", True)
    assert row[2].endswith("+00")


def test_options_reach_the_server_and_others_are_refused(data: Path, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setenv("HOLDFAST_POSTGRES_OPTIONS", "work_mem=9MB; wal_writer_delay=5s")
    options = {"synchronous_commit": "off", "wal_writer_delay": "10s"}
    with EmbeddedStores.acquire(data, postgres_options=options, grace_s=GRACE_S) as stores:
        with psycopg.connect(stores.database_url) as connection:
            for name, value in {**options, "work_mem": "9MB"}.items():
                assert connection.execute(f"SHOW {name}").fetchone() == (value,)
        with pytest.raises(Misconfigured, match="run already"):
            EmbeddedStores.acquire(data, postgres_options={"synchronous_commit": "on"})


def test_postgres_that_cannot_start_is_quoted(data: Path):
    with pytest.raises(StoreUnavailable, match="shared_buffers") as caught:
        EmbeddedStores.acquire(data, postgres_options={"shared_buffers": "many"}, grace_s=GRACE_S)
    assert "Last lines of" in caught.value.message
    with EmbeddedStores.acquire(data, grace_s=GRACE_S) as stores:
        keep(stores, 1)


def test_database_of_another_version_is_refused(data: Path):
    with EmbeddedStores.acquire(data, grace_s=0.0):
        pass
    layout = open_layout(data)
    wait_until(lambda: supervisor_is_gone(layout))
    (layout.cluster / "PG_VERSION").write_text("17\n")
    with pytest.raises(StoreUnavailable, match="made by PostgreSQL 17"):
        EmbeddedStores.acquire(data, grace_s=GRACE_S)


def test_no_port_is_opened(stores: EmbeddedStores):
    for name in ("postgres", "valkey"):
        pid = stores.process_ids()[name]
        inodes = {str(link.readlink()) for link in Path(f"/proc/{pid}/fd").glob("*")}
        tables = (Path(f"/proc/{pid}/net/{table}") for table in ("tcp", "tcp6"))
        lines = [
            line.split() for table in tables if table.exists() for line in table.read_text().splitlines()[1:]
        ]
        assert not [line for line in lines if f"socket:[{line[9]}]" in inodes]


def test_client_programs_work_on_the_embedded_database(stores: EmbeddedStores):
    keep(stores, 7)
    dump = subprocess.run(
        [pg_binaries() / "pg_dump", "--data-only", "--table=kept", stores.database_url],
        check=True,
        capture_output=True,
        text=True,
    )
    assert "\n7\n" in dump.stdout


def test_socket_directory_of_somebody_else_is_not_used(data: Path):
    layout = open_layout(data)
    foreign = Path("/tmp") / layout.key  # noqa: S108
    foreign.mkdir(mode=0o777)
    foreign.chmod(0o777)
    listener = socket.socket(socket.AF_UNIX)
    try:
        (foreign / "s").mkdir()
        listener.bind(str(foreign / "s" / ".s.PGSQL.5432"))
        with EmbeddedStores.acquire(data, grace_s=GRACE_S) as stores:
            assert f"{foreign}/" not in stores.database_url
            keep(stores, 1)
            assert kept(stores) == [1]
    finally:
        listener.close()
        (foreign / "s" / ".s.PGSQL.5432").unlink()
        (foreign / "s").rmdir()
        foreign.rmdir()
