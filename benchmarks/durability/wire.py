"""A lean HTTP client: one connection, one request at a time, so that the load is the server's."""

from __future__ import annotations

import asyncio
from typing import Any, NamedTuple

import orjson


class Reply(NamedTuple):
    """A whole response; header names are lower case."""

    status: int
    headers: dict[str, str]
    body: Any


class Wire:
    """A keep-alive connection to a server on loopback, opened when it is needed."""

    def __init__(self, port: int, *, patience_s: float = 45.0) -> None:
        self._port = port
        self._patience_s = patience_s
        self._streams: tuple[asyncio.StreamReader, asyncio.StreamWriter] | None = None

    async def ask(
        self, method: str, path: str, body: Any = None, *, token: str | None = None, key: str | None = None
    ) -> Reply:
        """Send a request and read the whole response.

        Raises:
            ConnectionError: the connection was refused or broke; the request may have been carried out.
            TimeoutError: no response within the patience.
        """
        try:
            async with asyncio.timeout(self._patience_s):
                return await self._exchange(_request(method, path, body, token, key))
        except (asyncio.IncompleteReadError, OSError) as error:
            self.close()
            if isinstance(error, TimeoutError):
                raise
            raise ConnectionError(str(error)) from error
        except asyncio.CancelledError:
            self.close()
            raise

    async def _exchange(self, request: bytes) -> Reply:
        if self._streams is None:
            self._streams = await asyncio.open_connection("127.0.0.1", self._port, limit=2**20)
        reader, writer = self._streams
        writer.write(request)
        head = await reader.readuntil(b"\r\n\r\n")
        status, headers = _head(head)
        content = await reader.readexactly(int(headers.get("content-length", "0")))
        if headers.get("connection") == "close":
            self.close()
        return Reply(status, headers, orjson.loads(content) if content else None)

    def close(self) -> None:
        """Drop the connection; the next request opens a new one."""
        if self._streams is not None:
            self._streams[1].transport.abort()
            self._streams = None


def _request(method: str, path: str, body: Any, token: str | None, key: str | None) -> bytes:
    content = b"" if body is None else orjson.dumps(body)
    lines = [f"{method} {path} HTTP/1.1", "Host: 127.0.0.1", f"Content-Length: {len(content)}"]
    if body is not None:
        lines.append("Content-Type: application/json")
    if token:
        lines.append(f"Authorization: Bearer {token}")
    if key:
        lines.append(f"Idempotency-Key: {key}")
    return "\r\n".join([*lines, "", ""]).encode() + content


def _head(head: bytes) -> tuple[int, dict[str, str]]:
    first, *lines = head.decode("latin-1").rstrip().split("\r\n")
    pairs = (line.split(":", 1) for line in lines)
    return int(first.split(" ", 2)[1]), {name.lower(): value.strip() for name, value in pairs}
