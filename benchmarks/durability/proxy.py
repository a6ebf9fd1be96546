"""A proxy between a server and PostgreSQL that breaks connections at random places."""

from __future__ import annotations

import asyncio
import random
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Self

CHUNK = 65536
SHARE_OF_CUTS_AT_THE_REPLY = 0.5
SHORTEST_LIFE, LONGEST_LIFE = 1_000, 150_000
"""Bytes after which a connection is cut: while it is being opened, or after up to some twenty turns."""
_ADDS_A_MESSAGE = (b"\x00\x00\x00\x04user\x00", b"\x00\x00\x00\x09assistant\x00")
_DONE_AND_IDLE = b"Z\x00\x00\x00\x05I"
"""How the statement that is half a turn, and a transaction of its own, is recognised by its
role, and PostgreSQL's word that the transaction is over."""


@dataclass(slots=True)
class Cuts:
    """What was cut.

    Attributes:
        midway: connections cut after a random number of bytes, in a request or in a reply.
        replies: connections cut when PostgreSQL had answered and the answer was withheld.
        commits: those of them whose withheld answer said that something was committed.
    """

    midway: int = 0
    replies: int = 0
    commits: int = 0

    @property
    def total(self) -> int:
        """All cuts."""
        return self.midway + self.replies


class CuttingProxy:
    """Listens on loopback, forwards to PostgreSQL's socket, and cuts while it is told to."""

    def __init__(self, target: Path, seed: int) -> None:
        self.cuts = Cuts()
        self.cutting = False
        self.port = 0
        self._target = target
        self._random = random.Random(seed)
        self._writers: set[asyncio.StreamWriter] = set()
        self._tasks: set[asyncio.Task[None]] = set()
        self._server: asyncio.Server | None = None

    async def __aenter__(self) -> Self:
        self._server = await asyncio.start_server(self._accepted, "127.0.0.1", 0)
        self.port = self._server.sockets[0].getsockname()[1]
        return self

    async def __aexit__(self, *_: object) -> None:
        if self._server is not None:
            self._server.close()
        for writer in list(self._writers):
            writer.transport.abort()
        await asyncio.gather(*self._tasks, return_exceptions=True)

    async def _accepted(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        task = asyncio.current_task()
        if task is not None:
            self._tasks.add(task)
            task.add_done_callback(self._tasks.discard)
        try:
            theirs, to_them = await asyncio.open_unix_connection(str(self._target))
        except OSError:
            writer.transport.abort()
            return
        self._writers |= {writer, to_them}
        pair = _Pair(self, writer, to_them, self._random.randrange(SHORTEST_LIFE, LONGEST_LIFE))
        with suppress(OSError):
            await asyncio.gather(pair.requests(reader), pair.replies(theirs))
        pair.abort()
        self._writers -= {writer, to_them}

    def at_a_reply(self) -> bool:
        """Whether the next cut waits for PostgreSQL's answer."""
        return self._random.random() < SHARE_OF_CUTS_AT_THE_REPLY

    def some_of(self, chunk: bytes) -> bytes:
        """A random beginning of a piece."""
        return chunk[: self._random.randrange(len(chunk))]


class _Pair:
    """Both sides of one connection, which lives for so many bytes."""

    def __init__(
        self, proxy: CuttingProxy, client: asyncio.StreamWriter, server: asyncio.StreamWriter, life: int
    ) -> None:
        self._proxy = proxy
        self._client = client
        self._server = server
        self._life = life
        self._at_reply = proxy.at_a_reply()
        self._asked = b""

    async def requests(self, reader: asyncio.StreamReader) -> None:
        while chunk := await reader.read(CHUNK):
            if self._due(chunk) and not self._at_reply:
                self._server.write(self._proxy.some_of(chunk))
                self._cut()
                return
            self._asked = chunk
            self._server.write(chunk)
            await self._server.drain()
        self.abort()

    async def replies(self, reader: asyncio.StreamReader) -> None:
        while chunk := await reader.read(CHUNK):
            if self._due(chunk):
                self._withhold(chunk)
                return
            self._client.write(chunk)
            await self._client.drain()
        self.abort()

    def _due(self, chunk: bytes) -> bool:
        self._life -= len(chunk) if self._proxy.cutting else 0
        return self._proxy.cutting and self._life < 0

    def _withhold(self, chunk: bytes) -> None:
        cuts = self._proxy.cuts
        cuts.replies += 1
        alone = any(role in self._asked for role in _ADDS_A_MESSAGE) and _DONE_AND_IDLE in chunk
        cuts.commits += alone or b"COMMIT\x00" in chunk
        self.abort()

    def _cut(self) -> None:
        self._proxy.cuts.midway += 1
        self.abort()

    def abort(self) -> None:
        for writer in (self._client, self._server):
            writer.transport.abort()
