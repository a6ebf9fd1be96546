"""Smaller disturbances than a killed server, each under load and each measured against the books."""

from __future__ import annotations

import asyncio
import os
import shutil
import time
from collections.abc import Awaitable, Callable, Mapping
from contextlib import suppress
from dataclasses import dataclass, replace
from pathlib import Path

import asyncpg
from redis.asyncio import Redis
from redis.exceptions import RedisError

from benchmarks.durability.proxy import CuttingProxy
from benchmarks.durability.trial import Setting, Trial, quantile

EVERY_S = 0.05
HOUR_S = 3600

Disturb = Callable[[Trial], Awaitable[Mapping[str, object]]]


@dataclass(frozen=True, slots=True)
class Outcome:
    """What a disturbance did.

    Attributes:
        figures: everything measured, by name.
        holds: whether all is as it must be.
    """

    name: str
    figures: Mapping[str, object]
    holds: bool

    def lines(self) -> list[str]:
        """For people."""
        verdict = "" if self.holds else "   DOES NOT HOLD"
        return [f"{self.name}:{verdict}", *(f"  {name}: {value}" for name, value in self.figures.items())]


async def disturbed(name: str, setting: Setting, disturb: Disturb, *, must: tuple[str, ...] = ()) -> Outcome:
    """Students work while something disturbs them; then everything is compared.

    Args:
        name: of the disturbance.
        setting: of the trial.
        disturb: disturbs for as long as it likes; its figures.
        must: names of its figures that must be above 0, or nothing was disturbed.
    """
    async with Trial(setting) as trial:
        return await _observed(name, trial, disturb, must)


async def _observed(name: str, trial: Trial, disturb: Disturb, must: tuple[str, ...]) -> Outcome:
    own = dict(await disturb(trial))
    began = time.monotonic()
    await trial.quiesce()
    settled_s = time.monotonic() - began
    found, tally = await trial.check_all(), trial.tally
    figures = {
        **own,
        "turns acknowledged": trial.books.count,
        "result": found.summary(),
        "retries": dict(tally.retries),
        "turn": f"p50 {quantile(tally.seconds, 0.5):.3f} s, p99 {quantile(tally.seconds, 0.99):.3f} s",
        "seconds until every turn under way was answered": round(settled_s, 2),
        "unexpected answers": tally.unexpected[:5],
        "stuck": tally.stuck,
        **({"details": found.details[:3]} if found.details else {}),
    }
    servers = all(server.alive for server in trial.servers)
    proved = all(own[figure] for figure in must)
    holds = found.clean and not tally.unexpected and not tally.stuck and servers and proved
    return Outcome(name, figures, holds)


async def terminated_backends(setting: Setting, seconds: float) -> Outcome:
    """A random connection of the server is terminated each 50 ms."""

    async def disturb(trial: Trial) -> Mapping[str, object]:
        terminated = 0
        connection = await asyncpg.connect(trial.stores.superuser_url)
        until = time.monotonic() + seconds
        while time.monotonic() < until:
            terminated += await connection.fetchval(_TERMINATE)
            await asyncio.sleep(EVERY_S)
        await connection.close()
        return {"terminated": terminated}

    return await disturbed("one backend terminated each 50 ms", setting, disturb, must=("terminated",))


_TERMINATE = """SELECT count(pg_terminate_backend(pid)) FROM (
SELECT pid FROM pg_stat_activity WHERE usename = 'holdfast' ORDER BY random() LIMIT 1) one"""


async def torn_connections(setting: Setting, seconds: float) -> Outcome:
    """Connections to PostgreSQL are cut at random bytes, and when a commit was carried out unanswered."""
    async with Trial(replace(setting, students=0, servers=0)) as stores:
        socket = next((stores.victims.sockets()).glob(".s.PGSQL.????"))
        async with CuttingProxy(socket, setting.seed) as proxy:
            url = f"postgresql://holdfast@127.0.0.1:{proxy.port}/holdfast"
            environment = {"DATABASE_URL": url, "REDIS_URL": stores.stores.redis_url}

            async def disturb(trial: Trial) -> Mapping[str, object]:
                proxy.cutting = True
                await trial.work(seconds, seconds)
                proxy.cutting = False
                cuts = proxy.cuts
                return {
                    "cuts": cuts.total,
                    "cut after the reply was withheld": cuts.replies,
                    "withheld replies that confirmed a commit": cuts.commits,
                }

            async with Trial(replace(setting, environment=environment), stores.folder) as trial:
                must = ("cuts", "withheld replies that confirmed a commit")
                return await _observed("torn connections", trial, disturb, must)


async def frozen_postgres(setting: Setting, pauses_s: tuple[float, ...]) -> Outcome:
    """PostgreSQL stands still for a while, again and again; nothing may be stuck afterwards."""

    async def disturb(trial: Trial) -> Mapping[str, object]:
        resumed = []
        for pause in pauses_s:
            await trial.work(0.5, 1.0)
            with trial.victims.frozen():
                await asyncio.sleep(pause)
            trial.tally.disturb()
            resumed.append(await asyncio.wait_for(trial.tally.next_answer(), 30))
        return {"pauses": pauses_s, "seconds to the next answer": [round(s, 2) for s in resumed]}

    return await disturbed("PostgreSQL stopped (SIGSTOP)", setting, disturb)


async def deployed(setting: Setting, deployments: int) -> Outcome:
    """Two servers are replaced in turn: SIGTERM while turns are in flight, then a new process."""
    codes: list[int] = []

    async def disturb(trial: Trial) -> Mapping[str, object]:
        in_flight, stopping = 0, []
        for number in range(deployments):
            await trial.work(0.3, 1.0)
            server = trial.servers[number % len(trial.servers)]
            in_flight += trial.tally.in_flight
            trial.tally.disturb()
            began = time.monotonic()
            codes.append(await server.stop())
            stopping.append(round(time.monotonic() - began, 2))
            await server.start()
        cut = trial.tally.cut
        return {
            "deployments": deployments,
            "in flight": in_flight,
            "finished": in_flight - cut,
            "retried": cut,
            "exit codes": codes,
            "seconds to stop": stopping,
        }

    outcome = await disturbed("deploy (SIGTERM)", replace(setting, servers=2), disturb, must=("in flight",))
    return replace(outcome, holds=outcome.holds and not any(codes))


async def redis_lost(setting: Setting, seconds: float) -> Outcome:
    """Redis is flushed each 50 ms and killed each second or so."""

    async def disturb(trial: Trial) -> Mapping[str, object]:
        flushed = killed = 0
        redis = Redis.from_url(trial.stores.redis_url, socket_timeout=1.0)
        until, next_kill = time.monotonic() + seconds, time.monotonic() + 1.0
        while time.monotonic() < until:
            with suppress(RedisError, OSError):
                await redis.flushall()
                flushed += 1
            if time.monotonic() > next_kill:
                before = trial.victims.state.valkey
                trial.victims.kill_redis()
                await trial.victims.replaced("valkey", before)
                killed, next_kill = killed + 1, time.monotonic() + 1.0
            await asyncio.sleep(EVERY_S)
        await redis.aclose()
        return {"flushed": flushed, "killed": killed}

    return await disturbed("Redis flushed and killed", setting, disturb, must=("flushed", "killed"))


FAKETIME = shutil.which("faketime")


async def skewed_clocks(setting: Setting, seconds: float, folder: Path) -> Outcome:
    """The servers' clock jumps by an hour, forwards and backwards, while the students work."""
    offset = folder / "offset"
    offset.write_text("+0\n")
    environment = {
        "LD_PRELOAD": _faketime_library(),
        "FAKETIME_TIMESTAMP_FILE": str(offset),
        "FAKETIME_NO_CACHE": "1",
        "FAKETIME_DONT_FAKE_MONOTONIC": "1",
        "DONT_FAKE_MONOTONIC": "1",
    }

    async def disturb(trial: Trial) -> Mapping[str, object]:
        jumps = 0
        before = await _wrong_times(trial)
        until = time.monotonic() + seconds
        while time.monotonic() < until:
            hours = trial.random.choice((-1, 0, 1))
            offset.write_text(f"{hours * HOUR_S:+d}\n")
            jumps += 1
            await trial.work(0.3, 1.0)
        offset.write_text("+0\n")
        after = await _wrong_times(trial)
        return {"jumps": jumps, **{name: after[name] - before[name] for name in after}}

    setting = replace(setting, environment=environment)
    outcome = await disturbed("clocks that jump an hour", setting, disturb, must=("jumps",))
    return replace(outcome, holds=outcome.holds and not any(outcome.figures[name] for name in _WRONG_TIMES))


async def _wrong_times(trial: Trial) -> dict[str, int]:
    async with trial.database.connection() as connection:
        return {name: await connection.fetchval(sql) for name, sql in _WRONG_TIMES.items()}


_WRONG_TIMES = {
    "order inversions": """SELECT count(*) FROM holdfast.messages a JOIN holdfast.messages b
        ON b.session_id = a.session_id AND b.seq = a.seq + 1 WHERE b.created_at < a.created_at
        OR (b.part = a.part AND b.clinical_s < a.clinical_s)""",
    "negative durations": """SELECT count(*) FROM holdfast.simulation_runs
        WHERE elapsed_s < 0 OR ended_at < started_at OR downtime_s < 0 OR paused_s < 0""",
    "clinical times an hour off": """SELECT count(*) FROM holdfast.simulation_runs
        WHERE elapsed_s > 1800 OR as_of > clock_timestamp() + interval '1 minute'""",
    "outages recorded": "SELECT count(*) FROM holdfast.outages",
    "wrongly expired sessions": """SELECT count(*) FROM holdfast.sessions
        WHERE expires_at < clock_timestamp() OR status NOT IN ('IN_PROGRESS')""",
}


def _faketime_library() -> str:
    if FAKETIME is None:
        raise RuntimeError("faketime is not installed (Debian package faketime)")
    roots = (Path("/usr/lib"), Path(FAKETIME).parent.parent / "lib")
    found = [path for root in roots for path in root.glob("**/libfaketimeMT.so.1")]
    preloaded = os.environ.get("LD_PRELOAD", "")
    return f"{found[0]}{':' + preloaded if preloaded else ''}"
