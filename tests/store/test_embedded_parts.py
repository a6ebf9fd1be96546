"""The parts of the embedded stores that need no running server."""

from __future__ import annotations

import os
import socket
import threading
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from holdfast.kit.errors import Misconfigured
from holdfast.store.embedded import EmbeddedStores, pg_binaries
from holdfast.store.embedded.account import account_for
from holdfast.store.embedded.layout import open_layout
from holdfast.store.embedded.locks import drop, try_exclusive, try_shared
from holdfast.store.embedded.logs import Log
from holdfast.store.embedded.options import FIXED, checked, parse_options
from holdfast.store.embedded.ownfile import Owner, claim_directory, open_own, replace_own
from holdfast.store.embedded.pulse import Pulse, postgres_pulse, valkey_pulse
from holdfast.store.embedded.runtime import LONGEST_SOCKET_PATH, open_runtime
from holdfast.store.embedded.state import Phase, State, publish, published

ME = Owner(os.geteuid(), os.getegid())


@given(
    st.dictionaries(
        st.from_regex(r"[a-z_]{3,12}", fullmatch=True), st.from_regex(r"[a-z0-9 ]*", fullmatch=True)
    )
)
def test_options_survive_the_environment_variable(options: dict[str, str]):
    wanted = {name: value.strip() for name, value in options.items() if name not in FIXED}
    assert parse_options("; ".join(f"{name} = {value}" for name, value in wanted.items())) == wanted


@pytest.mark.parametrize("text", ["fsync", "=on", "a b=1", "work_mem=1;x", "1st=2"])
def test_malformed_options_are_refused(text: str):
    with pytest.raises(Misconfigured) as caught:
        parse_options(text)
    assert caught.value.field == "HOLDFAST_POSTGRES_OPTIONS"


@pytest.mark.parametrize("name", sorted(FIXED))
def test_where_the_server_listens_and_lives_cannot_be_changed(name: str):
    with pytest.raises(Misconfigured, match="DATABASE_URL"):
        checked({name.upper(): "x"})


def test_data_directory_that_is_a_file_is_refused(tmp_path: Path):
    file = tmp_path / "file"
    file.write_text("")
    for path in (file, file / "below"):
        with pytest.raises(Misconfigured) as caught:
            EmbeddedStores.acquire(path)
        assert caught.value.field == "HOLDFAST_DATA"
        assert str(file) in caught.value.message


def test_state_directory_that_is_a_link_is_refused(tmp_path: Path):
    elsewhere = tmp_path / "elsewhere"
    elsewhere.mkdir()
    (tmp_path / "data").mkdir()
    (tmp_path / "data" / "stores").symlink_to(elsewhere)
    with pytest.raises(Misconfigured):
        open_layout(tmp_path / "data")
    assert list(elsewhere.iterdir()) == []


def test_files_are_not_written_through_links(tmp_path: Path):
    target = tmp_path / "target"
    target.write_text("untouched")
    link = tmp_path / "link"
    link.symlink_to(target)
    with pytest.raises(OSError, match="link"):
        open_own(link, os.O_WRONLY | os.O_CREAT, ME)
    replace_own(link, "new", ME)
    assert target.read_text() == "untouched"
    assert not link.is_symlink()
    assert link.read_text() == "new"


def test_a_directory_others_could_write_is_not_claimed(tmp_path: Path):
    shared = tmp_path / "shared"
    shared.mkdir()
    shared.chmod(0o777)
    (tmp_path / "link").symlink_to(tmp_path)
    (tmp_path / "file").write_text("")
    for name in ("shared", "link", "file", "missing/below"):
        assert not claim_directory(tmp_path / name, 0o700)
    assert claim_directory(tmp_path / "own", 0o700)
    assert claim_directory(tmp_path / "own", 0o700)


def test_runtime_directory_is_short_private_and_found_again(tmp_path: Path):
    layout = open_layout(tmp_path / "data")
    account = account_for(layout)
    runtime = open_runtime(layout.key, account)
    try:
        assert len(str(runtime.postgres_socket)) <= LONGEST_SOCKET_PATH
        assert runtime.sockets.stat().st_mode & 0o777 == 0o700
        assert runtime.sockets.stat().st_uid == account.uid != 0
        assert open_runtime(layout.key, account) == runtime
    finally:
        runtime.remove()
    assert not runtime.top.exists()


def test_runtime_directory_in_use_is_kept_though_its_first_name_is_free_again(tmp_path: Path):
    layout = open_layout(tmp_path / "data")
    account = account_for(layout)
    before = Path("/tmp") / f"{layout.key}-0badcafe"  # noqa: S108
    runtime = open_runtime(layout.key, account, before=str(before))
    try:
        assert runtime.top == before
    finally:
        runtime.remove()


def test_locks_are_shared_or_exclusive_and_end_with_their_descriptor(tmp_path: Path):
    path = tmp_path / "lock"
    first, second = try_shared(path, ME), try_shared(path, ME)
    assert try_exclusive(path, ME) is None
    drop(first)
    assert try_exclusive(path, ME) is None
    drop(second)
    alone = try_exclusive(path, ME)
    assert alone is not None
    assert try_shared(path, ME) is None
    drop(alone)


def test_state_is_read_back_and_a_broken_one_counts_as_stopped(tmp_path: Path):
    layout = open_layout(tmp_path / "data")
    assert published(layout) == State(Phase.STOPPED)
    state = State(
        Phase.RUNNING, runtime="/x", options={"work_mem": "1MB"}, supervisor=1, postgres=2, valkey=3
    )
    publish(layout, state)
    assert published(layout) == state
    for broken in ("", "{", "[]", '{"phase": "asleep"}', '{"phase": "running", "more": 1}'):
        layout.state.write_text(broken)
        assert published(layout) == State(Phase.STOPPED)


def test_log_is_quoted_from_a_start_and_cut_when_large(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    log = Log(tmp_path / "log", ME)
    assert log.tail() == ""
    log.path.write_text("old\n")
    start = log.size()
    with log.path.open("a") as file:
        file.write("".join(f"line {number}\n" for number in range(100)))
    assert log.tail(since=start, lines=2) == "line 98\nline 99"
    assert "old" not in log.tail(since=start, lines=200)
    monkeypatch.setattr("holdfast.store.embedded.logs.LARGEST_LOG", 100)
    monkeypatch.setattr("holdfast.store.embedded.logs._KEPT", 16)
    log.trim()
    assert log.path.read_text() == "line 98\nline 99\n"


@pytest.mark.parametrize(
    ("answer", "pulse"),
    [
        (b"E\x00\x00\x00\x2eSFATAL\0C57P03\0Mthe database system is...\0\0", Pulse.STARTING),
        (b"E\x00\x00\x00\x37SFATAL\0C57P03\0Mthe database system is shutting down\0\0", Pulse.LEAVING),
        (b"E\x00\x00\x00\x2cSFATAL\0C53300\0Mtoo many clients today\0\0", Pulse.READY),
        (b"R\x00\x00\x00\x08\x00\x00\x00\x00Z\x00\x00\x00\x05I", Pulse.READY),
        (b"R\x00\x00\x00\x08\x00\x00\x00\x00", Pulse.SILENT),
        (b"HTTP/1.1 400", Pulse.SILENT),
        (b"", Pulse.SILENT),
    ],
)
def test_postgres_answers_are_understood(tmp_path: Path, answer: bytes, pulse: Pulse):
    assert _told(tmp_path, answer, postgres_pulse) is pulse


@pytest.mark.parametrize(
    ("answer", "pulse"),
    [
        (b"+PONG\r\n", Pulse.READY),
        (b"-LOADING wait\r\n", Pulse.STARTING),
        (b"-ERR\r\n", Pulse.SILENT),
        (b"", Pulse.SILENT),
    ],
)
def test_valkey_answers_are_understood(tmp_path: Path, answer: bytes, pulse: Pulse):
    assert _told(tmp_path, answer, valkey_pulse) is pulse


def _told(directory: Path, answer: bytes, ask: object) -> Pulse:
    path = Path(os.path.relpath(directory / "s"))
    with socket.socket(socket.AF_UNIX) as listener:
        listener.bind(str(path))
        listener.listen()
        server = threading.Thread(target=_answer_once, args=(listener, answer))
        server.start()
        assert callable(ask)
        pulse = ask(path)
        server.join()
    assert isinstance(pulse, Pulse)
    return pulse


def _answer_once(listener: socket.socket, answer: bytes) -> None:
    connection, _ = listener.accept()
    with connection:
        connection.recv(1024)
        connection.sendall(answer)


def test_no_server_is_silence(tmp_path: Path):
    assert postgres_pulse(tmp_path / "nothing") is Pulse.SILENT
    assert valkey_pulse(tmp_path / "nothing") is Pulse.SILENT


def test_client_programs_are_found():
    for name in ("psql", "pg_dump", "pg_restore", "pgbench"):
        assert os.access(pg_binaries() / name, os.X_OK)
