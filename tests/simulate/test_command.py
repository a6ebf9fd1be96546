"""The command as it is typed: what it prints, and what it exits with."""

from __future__ import annotations

import asyncio
import json
import os
import signal
import subprocess
import sys
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path
from typing import Any

import pytest

from fixtures.processes import Server, free_port
from fixtures.service import SECRET
from fixtures.stores import EmbeddedStores

COMMAND = (sys.executable, "-m", "holdfast", "simulate")


def environment(**more: str) -> dict[str, str]:
    known = {k: v for k, v in os.environ.items() if not k.endswith(("_URL", "_KEY")) and k != "HOLDFAST_DATA"}
    return known | {"HOLDFAST_SECRET": SECRET, "AGENT": "scripted", "LOG_LEVEL": "warning", **more}


def run(*arguments: str, **more: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [*COMMAND, *arguments],
        env=environment(**more),
        capture_output=True,
        text=True,
        timeout=200,
        check=False,
    )


def test_json_goes_to_standard_output_and_nothing_else_does(server: Server, cohort: Any):
    done = run(
        "--students", "4", "--seed", "3", "--json", "--server", server.url, "--cohort", cohort.name
    )  # fmt: skip

    assert done.returncode == 0, done.stderr
    report: dict[str, Any] = json.loads(done.stdout)
    assert (report["seed"], report["cohort"], report["timeScale"]) == (3, cohort.name, 300.0)
    assert [row["number"] for row in report["students"]] == [1, 2, 3, 4]
    assert all(row["finished"] and row["overallScore"] is not None for row in report["students"])
    assert {arm: figures["n"] for arm, figures in report["summary"]["arms"].items()} == {"A": 2, "B": 2}
    assert report["summary"]["latencyMs"]["p50"] > 0
    assert server.url in done.stderr


def test_the_server_at_host_and_port_is_found_and_a_table_is_printed(server: Server):
    done = run("--students", "2", "--concurrency", "2", PORT=str(server.port))

    assert done.returncode == 0, done.stderr
    header, *rows = done.stdout.splitlines()
    assert header.split("\t")[:4] == ["arm", "n", "completed", "overall"]
    assert rows[-2].split("\t")[:3] == ["all", "2", "2"]
    assert f"server {server.url}" in done.stderr
    assert "cohort Simulated" in done.stderr


def test_without_a_server_one_is_started_and_stopped(
    database_url: str, stores: EmbeddedStores, tmp_path: Path
):
    port = free_port()
    done = run(
        "--students", "1", "--seed", "9",
        PORT=str(port), HOLDFAST_DATA=str(tmp_path / "data"),
        DATABASE_URL=database_url, REDIS_URL=stores.redis_url,
    )  # fmt: skip

    assert done.returncode == 0, done.stderr
    assert f"no server answers at http://127.0.0.1:{port}" in done.stderr
    assert "time scale 120" in done.stderr
    started = next(line for line in done.stderr.splitlines() if line.startswith("server "))
    own_port = int(started.split(",")[0].rsplit(":", 1)[1])
    assert not asyncio.run(answers(own_port))


async def answers(port: int) -> bool:
    try:
        _, writer = await asyncio.open_connection("127.0.0.1", port)
    except OSError:
        return False
    writer.close()
    await writer.wait_closed()
    return True


@pytest.fixture
def slow_port() -> Iterator[int]:
    """A server at time scale 1, as far as its health tells."""
    with HTTPServer(("127.0.0.1", 0), _Slow) as slow:
        thread = threading.Thread(target=slow.serve_forever, kwargs={"poll_interval": 0.02})
        thread.start()
        yield slow.server_address[1]
        slow.shutdown()
        thread.join()


class _Slow(BaseHTTPRequestHandler):
    def do_GET(self) -> None:
        self.send_response(200)
        self.end_headers()
        self.wfile.write(b'{"status": "healthy", "timeScale": 1.0}')

    def log_message(self, format: str, *args: object) -> None:  # noqa: A002
        pass


def test_a_slow_server_is_not_waited_for_unless_it_is_named(
    slow_port: int, database_url: str, stores: EmbeddedStores, tmp_path: Path
):
    done = run(
        "--cohort", "Nobody's",
        PORT=str(slow_port), HOLDFAST_DATA=str(tmp_path / "data"),
        DATABASE_URL=database_url, REDIS_URL=stores.redis_url,
    )  # fmt: skip

    assert done.returncode == 4, done.stderr
    assert f"time scale 1 is slow at http://127.0.0.1:{slow_port}; starting a server" in done.stderr
    assert "there is no cohort" in done.stderr


@pytest.mark.crash
@pytest.mark.parametrize(("number", "code"), [(signal.SIGTERM, 143), (signal.SIGINT, 130)])
def test_told_to_stop_it_leaves_no_server_behind(
    database_url: str, stores: EmbeddedStores, tmp_path: Path, number: int, code: int
):
    more = {"DATABASE_URL": database_url, "REDIS_URL": stores.redis_url}
    known = environment(PORT=str(free_port()), HOLDFAST_DATA=str(tmp_path / "data"), **more)
    with subprocess.Popen(COMMAND, env=known, stderr=subprocess.PIPE, text=True) as simulation:
        assert simulation.stderr is not None
        started = next(line for line in simulation.stderr if line.startswith("server "))
        simulation.send_signal(number)
        left = simulation.stderr.read()

    assert simulation.returncode == code
    assert "Traceback" not in left
    assert not asyncio.run(answers(int(started.split(",")[0].rsplit(":", 1)[1])))


@pytest.mark.parametrize(
    ("arguments", "code", "said"),
    [
        (("--server", "http://127.0.0.1:9"), 6, "no Holdfast server answers"),
        (("--server", "ftp://there"), 2, "--server"),
        (("--students", "0"), 2, "students"),
    ],
)
def test_what_cannot_be_played_is_said_clearly(arguments: tuple[str, ...], code: int, said: str):
    done = run(*arguments)

    assert done.returncode == code
    assert said in done.stderr
    assert "Traceback" not in done.stderr


def test_an_unknown_cohort_and_a_token_that_does_not_hold(server: Server):
    unknown = run("--server", server.url, "--cohort", "Nobody's")
    foreign = run("--server", server.url, HOLDFAST_SECRET="another secret, long enough to sign with it")

    assert (unknown.returncode, foreign.returncode) == (4, 1)
    assert "holdfast cohort create" in unknown.stderr
    assert "--join-code" in foreign.stderr


def test_a_session_that_is_not_finished_is_a_failure(server: Server):
    done = run("--students", "1", "--join-code", "no such code", "--json", "--server", server.url)

    assert done.returncode == 1
    assert "did not finish" in done.stderr
    (row,) = json.loads(done.stdout)["students"]
    assert (row["finished"], row["overallScore"]) == (False, None)
    assert "join" in row["problem"]
