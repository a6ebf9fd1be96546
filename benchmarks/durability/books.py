"""The books kept outside the killed processes: what was sent, and a log of what was acknowledged."""

from __future__ import annotations

import asyncio
import hashlib
import os
from collections import defaultdict
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any, Self

import orjson


def digest(value: Any) -> str:
    """A hash of a text, or of JSON whatever the order of its keys."""
    data = value.encode() if isinstance(value, str) else orjson.dumps(value, option=orjson.OPT_SORT_KEYS)
    return hashlib.sha256(data).hexdigest()


@dataclass(frozen=True, slots=True)
class Acknowledged:
    """One turn that the server said is saved.

    Attributes:
        kind: ``message``, ``action`` or ``step``.
        said: hash of the text; for an action its dose, which no other action of the session has.
        seq, reply_seq: the numbers of both messages; 0 where the turn has none.
        reply: hash of the reply's text; of the whole answer where the turn has no messages.
    """

    kind: str
    session: str
    student: str
    key: str
    said: str
    seq: int
    reply_seq: int
    reply: str


@dataclass(slots=True)
class Sent:
    """One turn that was sent at least once."""

    kind: str
    said: str
    key: str
    refused: bool = False


@dataclass(slots=True)
class Books:
    """Everything that is known from outside.

    Attributes:
        log: a file with one line for each acknowledged turn; a turn counts from when it is on disk.
        sent: the turns of each session in the order in which they were first sent.
    """

    log: Path
    sent: dict[str, list[Sent]] = field(default_factory=lambda: defaultdict(list))
    count: int = 0
    _waiting: list[tuple[bytes, asyncio.Future[None]]] = field(default_factory=list)
    _news: asyncio.Event = field(default_factory=asyncio.Event)
    _writer: asyncio.Task[None] | None = None

    async def __aenter__(self) -> Self:
        self._writer = asyncio.get_running_loop().create_task(self._write())
        return self

    async def __aexit__(self, *_: object) -> None:
        if self._writer is not None:
            self._writer.cancel()
            await asyncio.gather(self._writer, return_exceptions=True)

    async def acknowledge(self, turn: Acknowledged) -> None:
        """Write a line; returns when it is on disk."""
        done = asyncio.get_running_loop().create_future()
        self._waiting.append((orjson.dumps(asdict(turn)) + b"\n", done))
        self._news.set()
        await done
        self.count += 1

    def acknowledged(self) -> list[Acknowledged]:
        """What is on disk."""
        if not self.log.exists():
            return []
        return [Acknowledged(**orjson.loads(line)) for line in self.log.read_bytes().splitlines()]

    async def _write(self) -> None:
        with self.log.open("ab", buffering=0) as file:
            while True:
                await self._news.wait()
                self._news.clear()
                batch, self._waiting = self._waiting, []
                await asyncio.to_thread(_append, file.fileno(), b"".join(line for line, _ in batch))
                for _, done in batch:
                    if not done.done():
                        done.set_result(None)


def _append(descriptor: int, lines: bytes) -> None:
    os.write(descriptor, lines)
    os.fsync(descriptor)
