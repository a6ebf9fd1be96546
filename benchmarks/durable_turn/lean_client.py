"""A client of HTTP/1.1 that costs next to nothing, so that the server is what is measured."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass
from typing import Any

import orjson


class Refused(Exception):
    """An answer with another status than expected."""


@dataclass
class LeanClient:
    """One connection that is kept open; requests on it come one after another."""

    reader: asyncio.StreamReader
    writer: asyncio.StreamWriter
    host: bytes
    token: bytes = b""

    @classmethod
    async def connect(cls, host: str, port: int) -> LeanClient:
        """Open a connection."""
        reader, writer = await asyncio.open_connection(host, port)
        return cls(reader, writer, f"{host}:{port}".encode())

    async def post(self, path: str, body: Any, *, key: str = "", expected: int = 200) -> Any:
        """Send JSON and read the JSON answer.

        Raises:
            Refused: the status is another one; the text of the answer is in the message.
        """
        content = orjson.dumps(body)
        lines = [b"POST %b HTTP/1.1" % path.encode(), b"Host: " + self.host]
        lines += [b"Content-Type: application/json", b"Content-Length: %d" % len(content)]
        lines += [b"Authorization: Bearer " + self.token] if self.token else []
        lines += [b"Idempotency-Key: " + key.encode()] if key else []
        self.writer.write(b"\r\n".join([*lines, b"", content]))
        status, answer = await self._answer()
        if status != expected:
            raise Refused(f"{path}: {status} {answer.decode()[:400]}")
        return orjson.loads(answer)

    async def _answer(self) -> tuple[int, bytes]:
        head = await self.reader.readuntil(b"\r\n\r\n")
        lower = head.lower()
        at = lower.index(b"content-length:") + 15
        length = int(lower[at : lower.index(b"\r\n", at)])
        return int(head[9:12]), await self.reader.readexactly(length)

    def close(self) -> None:
        """Hang up."""
        self.writer.close()
