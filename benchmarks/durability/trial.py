"""A trial: stores of their own, servers, students at work, and the books kept outside."""

from __future__ import annotations

import asyncio
import logging
import random
import tempfile
from collections.abc import Mapping, Sequence
from contextlib import AsyncExitStack
from dataclasses import dataclass, field
from pathlib import Path
from types import TracebackType
from typing import Self

import asyncpg

from benchmarks.durability.books import Books
from benchmarks.durability.checking import Findings, check
from benchmarks.durability.servers import Server
from benchmarks.durability.students import Habits, Stuck, Student, Tally
from benchmarks.durability.victims import Victims
from holdfast.store.database import Database, PoolOptions
from holdfast.store.embedded import EmbeddedStores
from holdfast.store.schema.migrations import migrate

QUIET_S = 120.0


@dataclass(frozen=True, slots=True)
class Setting:
    """How a trial is set up.

    Attributes:
        postgres_options: over the durable defaults; only controls use it.
        environment, prefix: of the server processes.
        keyed: whether students repeat with the key of the first attempt.
    """

    students: int = 20
    servers: int = 1
    seed: int = 1
    postgres_options: Mapping[str, str] = field(default_factory=dict)
    environment: Mapping[str, str] = field(default_factory=dict)
    prefix: tuple[str, ...] = ()
    keyed: bool = True


class Trial:
    """Everything that runs during a trial; use it as an asynchronous context."""

    def __init__(self, setting: Setting, folder: Path | None = None) -> None:
        self.setting = setting
        self.random = random.Random(setting.seed)
        self.tally = Tally()
        self._stack = AsyncExitStack()
        self._given = folder
        self._working = asyncio.Event()
        self._idle: set[int] = set()
        self._quiet = asyncio.Event()
        self._tasks: list[asyncio.Task[None]] = []
        self._checked: dict[str, int] = {}

    async def __aenter__(self) -> Self:
        try:
            await self._open()
        except BaseException:
            await self._stack.aclose()
            raise
        return self

    def _fresh_folder(self) -> Path:
        # The supervisor may still be stopping PostgreSQL, which writes as the directory goes.
        return Path(
            self._stack.enter_context(tempfile.TemporaryDirectory(prefix="hf", ignore_cleanup_errors=True))
        )

    async def _open(self) -> None:
        # That the stores are gone now and then is what a trial is about.
        logging.getLogger("asyncpg").setLevel(logging.CRITICAL)
        folder = self._given or self._fresh_folder()
        self.folder, data = folder, folder / "data"
        options = dict(self.setting.postgres_options) or None
        self.stores = await asyncio.to_thread(EmbeddedStores.acquire, data, postgres_options=options)
        self._stack.callback(self.stores.release)
        self.victims = Victims(data)
        await migrate(self.stores.database_url)
        self.database = Database(self.stores.database_url, PoolOptions(size=4, acquire_timeout_s=2))
        self._stack.push_async_callback(self.database.close)
        self.books = await self._stack.enter_async_context(Books(folder / "acknowledged.log"))
        self.servers = [
            Server(data, folder / f"server{n}.log", self.setting.environment, self.setting.prefix)
            for n in range(self.setting.servers)
        ]
        for server in self.servers:
            self._stack.callback(server.end)
            await server.start()
        await self._enrol()

    async def _enrol(self) -> None:
        habits = Habits([server.port for server in self.servers], keyed=self.setting.keyed)
        seed = self.setting.seed
        students = [Student(n, habits, self.books, self.tally, seed) for n in range(self.setting.students)]
        await asyncio.gather(*(student.register() for student in students))
        await asyncio.gather(*(student.enter() for student in students))
        # Whatever a control loses later, it does not lose the students themselves.
        connection = await asyncpg.connect(self.stores.superuser_url)
        await connection.execute("CHECKPOINT")
        await connection.close()
        self._tasks = [asyncio.ensure_future(self._play(n, s)) for n, s in enumerate(students)]
        self._stack.push_async_callback(self._dismiss)
        self._working.set()

    async def _play(self, number: int, student: Student) -> None:
        try:
            while True:
                if not self._working.is_set():
                    self._idle.add(number)
                    if len(self._idle) == self.setting.students:
                        self._quiet.set()
                    await self._working.wait()
                    self._idle.discard(number)
                await student.turn()
        except Stuck:
            self._idle.add(number)
        finally:
            student.leave()

    async def _dismiss(self) -> None:
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)

    async def __aexit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        await self._stack.aclose()

    async def work(self, shortest_s: float, longest_s: float) -> None:
        """Let the students work for a random time."""
        await asyncio.sleep(self.random.uniform(shortest_s, longest_s))
        for task in self._tasks:
            if task.done():
                task.result()

    async def quiesce(self) -> None:
        """Let every student finish the turn that is under way, repetitions included.

        Raises:
            TimeoutError: a turn is stuck.
        """
        self._quiet.clear()
        self._idle.clear()
        self._working.clear()
        async with asyncio.timeout(QUIET_S):
            await self._quiet.wait()
        for task in self._tasks:
            if task.done():
                task.result()

    def resume(self) -> None:
        """Let the students go on."""
        self._working.set()

    async def check_touched(self) -> Findings:
        """Compare the sessions in which something was sent since they were last compared."""
        now = {session: len(sent) for session, sent in self.books.sent.items()}
        touched = [session for session, count in now.items() if self._checked.get(session) != count]
        self._checked = now
        return await check(self.database, self.books, touched)

    async def check_all(self) -> Findings:
        """Compare everything."""
        return await check(self.database, self.books)


def quantile(values: Sequence[float], share: float) -> float:
    """The value below which that share of the values lies; 0 for none."""
    ordered = sorted(values)
    return ordered[min(len(ordered) - 1, int(share * len(ordered)))] if ordered else 0.0
