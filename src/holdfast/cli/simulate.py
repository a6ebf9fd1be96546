"""``holdfast simulate``."""

from __future__ import annotations

import asyncio
import os
import signal
import sys
from collections.abc import AsyncIterator, Coroutine, Mapping
from contextlib import asynccontextmanager, suppress
from dataclasses import replace
from pathlib import Path
from typing import Annotated, Any, TypeVar
from urllib.parse import urlsplit
from uuid import UUID

import orjson
import typer
from rich.progress import BarColumn, Progress, TaskProgressColumn, TextColumn, TimeElapsedColumn

from holdfast.app.services import Services, authority_of
from holdfast.app.settings import Settings, read_settings
from holdfast.cli.output import err, failing_clearly, out, table
from holdfast.cli.session import on_stores
from holdfast.core.access import Role
from holdfast.kit.clock import utc_now
from holdfast.kit.errors import InvalidInput
from holdfast.kit.randomness import new_seed
from holdfast.operations.simulated_students.cohort import Membership, cohort_at
from holdfast.operations.simulated_students.crowd import (
    USUAL_CONCURRENCY,
    USUAL_STUDENTS,
    Crowd,
    Played,
    Wishes,
)
from holdfast.operations.simulated_students.health import health, time_scale_of
from holdfast.operations.simulated_students.own_server import own_server
from holdfast.operations.simulated_students.player import Knowledge
from holdfast.operations.simulated_students.skill import EFFECT
from holdfast.operations.simulated_students.summary import row_of, summary_of
from holdfast.programs.simulation.scenario.model import Scenario

T = TypeVar("T")

OWN_TIME_SCALE = 120.0
"""The time scale of a server that is started for the simulation."""

SLOWEST_TIME_SCALE = 20.0
"""A server that was not asked for by name is used from this time scale on: a session in 2 minutes."""

SLOW_ANSWER_CLINICAL_S = 30.0
"""Where answers take longer than this on the clinical clock, the machine delays students, not their skill."""

SESSION_CLINICAL_S = 2400.0
"""About how long a session of three scenarios lasts."""

_TOLD_TO_STOP = 143
"""The exit code after SIGTERM, as shells count it."""

_STAFF = UUID("00000000-0000-7000-8000-000000000002")
"""The subject of the token that the command issues to itself; no account."""

_SEEDS = 1_000_000
"""Drawn seeds stay below this: short enough to be typed again."""


def simulate(
    *,
    students: Annotated[int, typer.Option(min=1, help="How many students.")] = USUAL_STUDENTS,
    cohort: Annotated[
        str | None, typer.Option(help="The cohort they join; 'Simulated', made if missing, when not given.")
    ] = None,
    server: Annotated[
        str | None, typer.Option(help="Address of a server; HOST:PORT or one of its own when not given.")
    ] = None,
    seed: Annotated[
        int | None, typer.Option(help="Who the students are and what they do; drawn when not given.")
    ] = None,
    concurrency: Annotated[int, typer.Option(min=1, help="Sessions under way at once.")] = USUAL_CONCURRENCY,
    effect: Annotated[
        float, typer.Option(help="Difference between arms A and B in overall score, as Cohen's d.")
    ] = EFFECT,
    join_code: Annotated[
        str | None, typer.Option(help="Join code of the cohort; then no staff token is needed.")
    ] = None,
    token: Annotated[
        str | None,
        typer.Option(envvar="HOLDFAST_TOKEN", help="Staff token of a server elsewhere.", show_default=False),
    ] = None,
    data: Annotated[Path | None, typer.Option(help="Data directory (HOLDFAST_DATA).")] = None,
    as_json: Annotated[
        bool, typer.Option("--json", help="Print one JSON object to standard output.")
    ] = False,
) -> None:
    """Let simulated students play whole sessions over HTTP: demonstration, load and end-to-end test."""
    with failing_clearly():
        settings = read_settings(data=data)
        chosen = new_seed() % _SEEDS if seed is None else seed
        wishes = Wishes(students, chosen, concurrency, effect, join_code)
        run = _Run(settings, wishes, server, cohort, token)
        try:
            played = asyncio.run(_stoppable(run.carry_out()))
        except asyncio.CancelledError as stopped:
            raise typer.Exit(_TOLD_TO_STOP) from stopped
        report = run.report(played)
    if as_json:
        typer.echo(orjson.dumps(report, option=orjson.OPT_INDENT_2))
    else:
        _print_summary(report)
    unfinished = [p for p in played if not p.finished]
    for p in unfinished:
        err.print(f"student {p.student.number} did not finish: {p.problem}", markup=False)
    if unfinished:
        raise typer.Exit(1)


async def _stoppable(work: Coroutine[Any, Any, T]) -> T:
    """Carry it out; SIGTERM cancels it, so that a server of our own is stopped and not left behind."""
    task = asyncio.ensure_future(work)
    with suppress(NotImplementedError):  # where there are no such signals
        asyncio.get_running_loop().add_signal_handler(signal.SIGTERM, task.cancel)
    return await task


class _Run:
    """One simulation: where, in which cohort, by whom."""

    def __init__(
        self, settings: Settings, wishes: Wishes, server: str | None, cohort: str | None, token: str | None
    ) -> None:
        self._settings, self._wishes = settings, wishes
        self._server, self._cohort, self._token = server, cohort, token
        self._facts: dict[str, Any] = {}

    async def carry_out(self) -> list[Played]:
        async with self._some_server() as url:
            scale = await time_scale_of(url)
            membership = await self._membership(url)
            name = membership.name if membership else "by join code"
            wishes = replace(self._wishes, join_code=membership.join_code) if membership else self._wishes
            self._facts = {"server": url, "timeScale": scale, "cohort": name}
            _say(f"server {url}, time scale {scale:g}, cohort {name}, seed {wishes.seed}")
            if scale < SLOWEST_TIME_SCALE:
                _say(
                    f"a session lasts about {SESSION_CLINICAL_S / scale / 60:.0f} minutes at this time scale"
                )
            knowledge = Knowledge(await self._imported(membership))
            crowd = Crowd(url, wishes, scale, knowledge)
            return await _watched(crowd)

    def report(self, played: list[Played]) -> dict[str, Any]:
        wishes = self._wishes
        asked = {"seed": wishes.seed, "effect": wishes.effect, "concurrency": wishes.concurrency}
        rows = [row_of(p) for p in played]
        return {**self._facts, **asked, "students": rows, "summary": summary_of(played)}

    @asynccontextmanager
    async def _some_server(self) -> AsyncIterator[str]:
        """The server that was named, or the one at HOST:PORT if it is quick, or one of our own.

        One of our own beside a slow one works on the same stores, so what it plays is seen there too.
        """
        if self._server is not None:
            yield _checked(self._server)
            return
        url = _local_url(self._settings)
        found = await health(url)
        if found is not None and found["timeScale"] >= SLOWEST_TIME_SCALE:
            yield url
            return
        why = "no server answers" if found is None else f"time scale {found['timeScale']:g} is slow"
        _say(
            f"{why} at {url}; starting a server of our own on the same stores, time scale {OWN_TIME_SCALE:g}"
        )
        async with own_server(_serve_command(self._settings), os.environ, _say) as own:
            yield own

    async def _membership(self, url: str) -> Membership | None:
        """The cohort, for which a staff token is needed; none when the join code is given."""
        if self._wishes.join_code is not None:
            return None
        token = self._token
        if token is None and _is_local(url):
            token = authority_of(self._settings).issue(Role.INSTRUCTOR, str(_STAFF), now=utc_now())
        if token is None:
            raise InvalidInput(
                "a server elsewhere needs the cohort's join code, or a staff token in HOLDFAST_TOKEN",
                field="--join-code",
            )
        return await cohort_at(url, token, self._cohort)

    async def _imported(self, membership: Membership | None) -> Mapping[str, Scenario]:
        """Scenarios of the plan that do not come with the package, from our own stores."""
        # An imported scenario goes before a shipped one that has its name as an alias.
        named = membership.scenarios if membership else ()
        if not named or self._server is not None:
            return {}

        async def work(services: Services) -> dict[str, Scenario]:
            async with services.database.connection() as connection:
                return {name: await services.catalog.by_name(connection, name) for name in named}

        return await asyncio.to_thread(on_stores, work, self._settings)


def _local_url(settings: Settings) -> str:
    host = {"0.0.0.0": "127.0.0.1", "::": "::1"}.get(settings.host, settings.host)  # noqa: S104
    return f"http://{f'[{host}]' if ':' in host else host}:{settings.port}"


def _is_local(url: str) -> bool:
    return urlsplit(url).hostname in {"127.0.0.1", "::1", "localhost"}


def _checked(url: str) -> str:
    whole = url if "://" in url else f"http://{url}"
    if urlsplit(whole).scheme not in {"http", "https"} or not urlsplit(whole).hostname:
        raise InvalidInput("must be an address such as http://127.0.0.1:8000", field="--server")
    return whole.rstrip("/")


def _serve_command(settings: Settings) -> list[str]:
    data = str(settings.data.absolute())
    wanted = ["--host", "127.0.0.1", "--port", "0", "--data", data, "--time-scale", f"{OWN_TIME_SCALE:g}"]
    return [sys.executable, "-m", "holdfast", "serve", *wanted]


def _say(line: str) -> None:
    err.print(line, markup=False)


async def _watched(crowd: Crowd) -> list[Played]:
    """Play with a progress bar on a terminal, with a line per student elsewhere."""
    if not err.is_terminal:
        crowd.on_finished = lambda played: _say(_line(played))
        return await crowd.play()
    columns = (
        TextColumn("[bold]playing[/bold]"),
        BarColumn(),
        TaskProgressColumn(),
        TextColumn("{task.fields[note]}"),
        TimeElapsedColumn(),
    )
    with Progress(*columns, console=err) as progress:
        task = progress.add_task("playing", total=1.0, note="")
        watcher = asyncio.create_task(_watch(crowd, progress, task))
        try:
            return await crowd.play()
        finally:
            watcher.cancel()
            progress.update(task, completed=crowd.share, note=_note(crowd))


async def _watch(crowd: Crowd, progress: Progress, task: Any) -> None:
    while True:
        progress.update(task, completed=crowd.share, note=_note(crowd))
        await asyncio.sleep(0.2)


def _note(crowd: Crowd) -> str:
    finished = sum(player.progress.share >= 1 for player in crowd.players)
    retries = f", {crowd.retries} repeated" if crowd.retries else ""
    return f"{finished}/{crowd.wishes.students} sessions, {crowd.turns} turns{retries}"


def _line(played: Played) -> str:
    row = row_of(played)
    went = f"score {row['overallScore']}, safety {row['safetyScore']}" if played.finished else played.problem
    return f"{row['number']:>4} {row['name']} ({row['group']}): {went}, {row['durationS']} s"


_COLUMNS = (
    "arm", "n", "completed", "overall", "safety", "checklist %", "errors", "challenges", "duration s",
    "turns", "requests", "repeated",
)  # fmt: skip
_MEASURES = (
    "overallScore", "safetyScore", "checklistPercentage", "medicationErrors", "challengePoints", "durationS",
)  # fmt: skip


def _print_summary(report: dict[str, Any]) -> None:
    summary = report["summary"]
    arms = [*summary["arms"].items(), ("all", summary["all"])]
    table(_COLUMNS, [_arm_row(arm, figures) for arm, figures in arms])
    found = summary["difference"]
    if found is not None:
        out.print(
            f"A minus B, overall score: {found['points']:.1f} points, d = {found['d']:.2f}"
            f" (95 % interval {found['low']:.2f} to {found['high']:.2f}; set: {report['effect']:g})",
            markup=False,
        )
    latency = summary["latencyMs"]
    out.print(
        f"latency: p50 {latency['p50']} ms, p95 {latency['p95']} ms, p99 {latency['p99']} ms", markup=False
    )
    if (latency["p95"] or 0) / 1000 * report["timeScale"] > SLOW_ANSWER_CLINICAL_S:
        err.print(
            "answers were so slow at this time scale that they delayed students on the clinical clock;"
            " lower --concurrency or the server's --time-scale before comparing scores",
            markup=False,
        )


def _arm_row(arm: str, figures: dict[str, Any]) -> list[str]:
    measures = [_moments(figures[name]) for name in _MEASURES]
    counts = [str(figures[name]) for name in ("turns", "requests", "retries")]
    return [arm, str(figures["n"]), str(figures["completed"]), *measures, *counts]


def _moments(moments: dict[str, float | None]) -> str:
    """Mean and standard deviation as they are printed."""
    if moments["mean"] is None:
        return "-"
    sd = "" if moments["sd"] is None else f" ± {moments['sd']:.1f}"
    return f"{moments['mean']:.1f}{sd}"
