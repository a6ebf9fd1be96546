"""Turns over HTTP: one real server process, and the students in another."""

from __future__ import annotations

import asyncio
import os
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import AbstractContextManager, contextmanager
from pathlib import Path
from typing import Any
from urllib.error import URLError
from urllib.request import urlopen

import orjson

from benchmarks.durable_turn.ground import Ground, free_port

SECRET = "only for measuring, and long enough to sign with"  # noqa: S105
_START_S = 60
_ROOT = Path(__file__).resolve().parents[2]


async def measure_http(ground: Ground, *, students: int, turns: int) -> dict[str, Any]:
    """What it takes `students` at once to play `turns` turns each against `holdfast serve`."""
    return await _measure(ground, students, turns, ("-m", "holdfast", "serve"), _unwatched)


async def profile_http(ground: Ground, *, students: int, turns: int) -> dict[str, Any]:
    """The same with the server under a sampling profiler; its figures are slower, its shares are meant."""
    with tempfile.TemporaryDirectory() as folder:
        found = Path(folder, "profile.json")
        server = ("-m", "benchmarks.durable_turn.profiled_server", str(found))
        figures = await _measure(ground, students, turns, server, _watched)
        return figures | {"profile": orjson.loads(await asyncio.to_thread(found.read_bytes))}


async def _measure(
    ground: Ground, students: int, turns: int, command: Sequence[str], watch: Watch
) -> dict[str, Any]:
    port = free_port()
    asked = {"host": "127.0.0.1", "port": port, "students": students, "turns": turns}
    async with ground.database() as url:
        with (
            tempfile.TemporaryDirectory() as folder,
            _server(ground, url, port, Path(folder), command) as server,
        ):
            return _play(asked, server, watch)


Watch = Callable[[subprocess.Popen[str]], AbstractContextManager[None]]


@contextmanager
def _unwatched(_server: subprocess.Popen[str]) -> Iterator[None]:
    yield


@contextmanager
def _watched(server: subprocess.Popen[str]) -> Iterator[None]:
    """Tell the profiler in the server when the turns begin and end."""
    server.send_signal(signal.SIGUSR1)
    try:
        yield
    finally:
        server.send_signal(signal.SIGUSR2)


@contextmanager
def _server(
    ground: Ground, url: str, port: int, folder: Path, command: Sequence[str]
) -> Iterator[subprocess.Popen[str]]:
    environment = os.environ | {
        "DATABASE_URL": url,
        "REDIS_URL": ground.stores.redis_url,
        "HOLDFAST_SECRET": SECRET,
        "HOLDFAST_DATA": str(folder),
        "AGENT": "scripted",
        "LOG_LEVEL": "warning",
        "HOST": "127.0.0.1",
        "PORT": str(port),
    }
    with (folder / "server.log").open("w+") as log:
        server = subprocess.Popen(
            [sys.executable, *command], env=environment, stdout=log, stderr=log, text=True, cwd=_ROOT
        )
        try:
            _wait(server, port, folder / "server.log")
            yield server
        finally:
            server.send_signal(signal.SIGTERM)
            server.wait(30)


def _wait(server: subprocess.Popen[str], port: int, log: Path) -> None:
    deadline = time.monotonic() + _START_S
    while time.monotonic() < deadline:
        if server.poll() is not None:
            break
        try:
            with urlopen(f"http://127.0.0.1:{port}/api/health", timeout=5):
                return
        except (URLError, ConnectionError):
            time.sleep(0.05)
    raise RuntimeError(f"the server does not answer: {log.read_text()[-2000:]}")


def _play(asked: dict[str, Any], server: subprocess.Popen[str], watch: Watch) -> dict[str, Any]:
    """Let the students arrive, then play."""
    crowd = subprocess.Popen(
        [sys.executable, "-m", "benchmarks.durable_turn.students"],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
        cwd=_ROOT,
    )
    assert crowd.stdin is not None
    assert crowd.stdout is not None
    crowd.stdin.write(orjson.dumps(asked).decode() + "\n")
    crowd.stdin.flush()
    if crowd.stdout.readline().strip() != "ready":
        raise RuntimeError("the students did not get into a scenario")
    before = _cpu_s(server.pid)
    with watch(server):
        crowd.stdin.write("play\n")
        crowd.stdin.flush()
        figures: dict[str, Any] = orjson.loads(crowd.stdout.readline())
    figures["server_cpu_seconds"] = _cpu_s(server.pid) - before
    crowd.wait(30)
    return _summary(figures)


def _summary(figures: dict[str, Any]) -> dict[str, Any]:
    taken = sorted(figures["taken"])
    count = len(taken)
    return {
        "turns": count,
        "per_second": count / figures["seconds"],
        "p50_ms": taken[count // 2] * 1000,
        "p99_ms": taken[int(count * 0.99)] * 1000,
        "server_cpu_ms": figures["server_cpu_seconds"] / count * 1000,
        "client_cpu_ms": figures["cpu_seconds"] / count * 1000,
        "seconds": figures["seconds"],
    }


def _cpu_s(pid: int) -> float:
    """Processor seconds that a process has used; 0 where the system does not tell."""
    try:
        fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    except OSError:
        return 0.0
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")
