"""Requests through a bad line: a real server on loopback that misbehaves as told."""

from __future__ import annotations

import json
import threading
from collections.abc import AsyncIterator, Iterator
from contextlib import suppress
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

import httpx
import pytest

from holdfast.kit.errors import StoreUnavailable
from holdfast.operations.simulated_students.connection import Connection, Refused

DROP = "drop"
Reply = tuple[int, dict[str, Any], dict[str, str]] | str


class _Line(ThreadingHTTPServer):
    """Answers with the replies it was given, one after another, and keeps what arrived."""

    daemon_threads = True

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), _Handler)
        self.replies: list[Reply] = []
        self.arrived: list[tuple[str, str | None, Any]] = []

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.server_address[1]}"


class _Handler(BaseHTTPRequestHandler):
    server: _Line

    def do_POST(self) -> None:
        body = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
        self.server.arrived.append((self.path, self.headers["Idempotency-Key"], body))
        reply = self.server.replies.pop(0)
        if isinstance(reply, str):
            self.close_connection = True
            self.connection.close()
            return
        status, answer, headers = reply
        content = json.dumps(answer).encode()
        self.send_response(status)
        for name, value in {**headers, "Content-Length": str(len(content))}.items():
            self.send_header(name, value)
        self.end_headers()
        self.wfile.write(content)

    def log_message(self, format: str, *args: object) -> None:  # noqa: A002
        pass

    def finish(self) -> None:
        with suppress(OSError):
            super().finish()


@pytest.fixture
def line() -> Iterator[_Line]:
    server = _Line()
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02})
    thread.start()
    yield server
    server.shutdown()
    thread.join()
    server.server_close()


@pytest.fixture
async def client() -> AsyncIterator[httpx.AsyncClient]:
    async with httpx.AsyncClient(timeout=5) as client:
        yield client


def problem(status: int, code: str, **headers: str) -> Reply:
    return status, {"code": code, "detail": f"it is {code}", "expected": "complete"}, headers


OK: Reply = (200, {"message": "saved"}, {})
TRIED_AGAIN = [
    DROP,
    problem(503, "store_unavailable", **{"Retry-After": "0"}),
    problem(429, "too_many_requests", **{"Retry-After": "0"}),
    problem(409, "conflict"),
    (502, {}, {}),
]


@pytest.mark.parametrize("fault", TRIED_AGAIN)
async def test_a_fault_that_passes_is_tried_again_with_the_same_key(
    line: _Line, client: httpx.AsyncClient, fault: Reply
):
    line.replies = [fault, fault, OK]
    connection = Connection(line.url, client)

    answer = await connection.post("/api/sessions/x/message", {"message": "Hello."})

    assert answer == {"message": "saved"}
    assert len(line.arrived) == 3
    assert len(set(map(repr, line.arrived))) == 1
    assert line.arrived[0][1]
    assert (connection.tally.requests, connection.tally.retries) == (1, 2)


async def test_every_command_has_a_key_of_its_own(line: _Line, client: httpx.AsyncClient):
    line.replies = [OK, OK, OK]
    connection = Connection(line.url, client)

    await connection.post("/a")
    await connection.post("/a")
    await connection.post("/a", key="mine")

    keys = [key for _, key, _ in line.arrived]
    assert len(set(keys)) == 3
    assert keys[-1] == "mine"


@pytest.mark.parametrize(
    ("status", "code"),
    [(409, "wrong_step"), (400, "invalid_input"), (401, "not_authenticated"), (500, "internal")],
)
async def test_a_refusal_is_told_at_once(line: _Line, client: httpx.AsyncClient, status: int, code: str):
    line.replies = [problem(status, code)]

    with pytest.raises(Refused) as refused:
        await Connection(line.url, client).post("/api/sessions/x/message", {"message": "Hello."})

    assert refused.value.status == status
    assert refused.value.expected == "complete"
    assert f"it is {code}" in str(refused.value)
    assert len(line.arrived) == 1


async def test_a_conflict_outside_a_session_is_a_refusal(line: _Line, client: httpx.AsyncClient):
    line.replies = [problem(409, "conflict")]

    with pytest.raises(Refused):
        await Connection(line.url, client).post("/api/student/register", {"name": "Anna"})


async def test_patience_ends(line: _Line, client: httpx.AsyncClient):
    line.replies = [problem(503, "store_unavailable", **{"Retry-After": "0"})] * 200
    connection = Connection(line.url, client, patience_s=0.3)

    with pytest.raises(StoreUnavailable, match="store_unavailable"):
        await connection.post("/api/sessions/x/complete")

    assert len(line.arrived) > 1


async def test_replayed_answers_are_counted(line: _Line, client: httpx.AsyncClient):
    line.replies = [(200, {}, {"Idempotency-Replayed": "true"}), OK]
    connection = Connection(line.url, client)

    await connection.post("/a")
    await connection.post("/a")

    assert connection.tally.replayed == 1
