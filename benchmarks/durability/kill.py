"""``python -m benchmarks kill``: whole processes are killed at random moments, in rounds.

A server is killed and started again; PostgreSQL is killed under a server that must recover by itself;
so is the stores' supervisor. Two controls prove that the harness can see loss and duplicates: with
``synchronous_commit=off`` killed PostgreSQL loses turns, and repetitions without the key double them.
"""

from __future__ import annotations

import argparse
import asyncio
import sys
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path

from benchmarks.durability.checking import Findings, half_done
from benchmarks.durability.trial import Setting, Trial, quantile

POSTGRES_WAYS = ("group", "immediate", "backend")
ASYNC_COMMIT = {"synchronous_commit": "off", "wal_writer_delay": "10s"}
CONTROLS = ("async-commit", "no-idempotency")
MISSES_BORNE = 10


@dataclass(slots=True)
class Figures:
    """What a kill trial measured.

    Attributes:
        rounds: kills that interrupted at least one request.
        missed: kills that interrupted none; they are repeated and prove nothing.
        half_done: messages that a killed server left without a reply.
        on_the_way: what was found while the server was dead, before anybody repeated anything, and after
            each round while the students went on.
        found: what was found in the end.
        outages: seconds from a kill to the next answered turn.
        cold_starts: seconds from starting a server to its first healthy answer.
    """

    rounds: int = 0
    missed: int = 0
    half_done: int = 0
    on_the_way: Findings = field(default_factory=Findings)
    found: Findings = field(default_factory=Findings)
    outages: list[float] = field(default_factory=list)
    postgres_outages: list[float] = field(default_factory=list)
    cold_starts: list[float] = field(default_factory=list)
    acknowledged: int = 0
    retries: dict[str, int] = field(default_factory=dict)
    unexpected: list[str] = field(default_factory=list)
    stuck: int = 0
    cut: int = 0

    @property
    def holds(self) -> bool:
        """Whether nothing was lost, doubled, torn, skipped or made up, and something was proved."""
        clean = self.found.clean and self.on_the_way.clean
        return clean and not self.unexpected and not self.stuck and self.rounds > 0

    def lines(self) -> list[str]:
        """For people."""
        found, early = self.found, self.on_the_way
        database = self.postgres_outages
        figures = {
            "rounds": f"{self.rounds} (each kill interrupted requests; {self.missed} more hit nothing)",
            "turns acknowledged": f"{self.acknowledged} in {found.sessions} sessions",
            "in the end": found.summary(),
            "on the way, also while the server was dead": f"{early.turns} turns: {early.summary()}",
            "stored messages that a killed server left without a reply": self.half_done,
            "requests of unknown outcome, resolved by their key": self.cut,
            "retries": f"{sum(self.retries.values())} {self.retries}",
            "outage": f"p50 {quantile(self.outages, 0.5):.2f} s, max {max(self.outages, default=0):.2f} s",
            "outage, stores killed": f"p50 {quantile(database, 0.5):.2f} s, "
            f"max {max(database, default=0):.2f} s",
            "cold start": f"p50 {quantile(self.cold_starts, 0.5):.2f} s, "
            f"p99 {quantile(self.cold_starts, 0.99):.2f} s",
            "unexpected answers": f"{len(self.unexpected)}, stuck {self.stuck}",
        }
        lines = [f"  {name}: {value}" for name, value in figures.items()]
        return [*lines, *self.unexpected[:10], *early.details[:1], *found.details[:1]]


@dataclass(frozen=True, slots=True)
class Plan:
    """How many rounds of which kind."""

    server: int = 40
    postgres: int = 20
    supervisor: int = 0
    shortest_s: float = 0.3
    longest_s: float = 1.5


async def run(plan: Plan, setting: Setting, folder: Path | None = None, *, verbose: bool = False) -> Figures:
    """Carry out a plan; the figures."""
    figures = Figures()
    kinds = ["server"] * plan.server + ["supervisor"] * plan.supervisor
    kinds += [POSTGRES_WAYS[n % len(POSTGRES_WAYS)] for n in range(plan.postgres)]
    async with Trial(setting, folder) as trial:
        trial.random.shuffle(kinds)
        while kinds:
            await trial.work(plan.shortest_s, plan.longest_s)
            landed = await _round(trial, kinds[0], figures)
            if verbose:
                _tell(figures, kinds[0], trial)
            if landed or figures.missed >= MISSES_BORNE:
                kinds.pop(0)
        await trial.quiesce()
        figures.found = await trial.check_all()
        tally = trial.tally
        figures.acknowledged = trial.books.count
        figures.retries, figures.unexpected = dict(tally.retries), tally.unexpected
        figures.stuck, figures.cut = tally.stuck, tally.cut
    return figures


async def _round(trial: Trial, kind: str, figures: Figures) -> bool:
    """One kill and what follows; whether it interrupted anything."""
    cut, retries = trial.tally.cut, trial.tally.retries.total()
    if kind == "server":
        await _kill_server(trial, figures)
    else:
        await _kill_store(trial, kind)
    outage = await asyncio.wait_for(trial.tally.next_answer(), 60)
    # PostgreSQL ends a moment after its supervisor: requests fail that were sent in between.
    landed = trial.tally.cut > cut or (kind == "supervisor" and trial.tally.retries.total() > retries)
    figures.rounds += landed
    figures.missed += not landed
    figures.outages.append(outage)
    if kind != "server":
        figures.postgres_outages.append(outage)
    figures.on_the_way.add(await trial.check_touched())
    return landed


async def _kill_server(trial: Trial, figures: Figures) -> None:
    server = trial.servers[0]
    trial.tally.disturb()
    server.kill()
    figures.half_done += await half_done(trial.database)
    figures.on_the_way.add(await trial.check_touched())
    figures.cold_starts.append(await server.start())


async def _kill_store(trial: Trial, kind: str) -> None:
    victims, server = trial.victims, trial.servers[0]
    process = "supervisor" if kind == "supervisor" else "postgres"
    before, pid = getattr(victims.state, process), server.process
    trial.tally.disturb()
    if kind == "group":
        victims.kill_postgres()
    elif kind == "immediate":
        victims.stop_postgres_immediately()
    elif kind == "backend":
        victims.kill_backend(trial.random.random())
    else:
        victims.kill_supervisor()
    if kind != "backend":  # there the main process stays and only its children are replaced
        await victims.replaced(process, before)
    assert server.process is pid, "the server must recover without a restart"
    assert server.alive, "the server must recover without a restart"


def control(name: str, setting: Setting) -> tuple[Plan, Setting]:
    """The plan and the setting of a control, which must find something wrong."""
    if name == "async-commit":
        return Plan(server=0, postgres=3), replace(setting, postgres_options=ASYNC_COMMIT)
    return Plan(server=4, postgres=0), replace(setting, keyed=False)


def seen(name: str, figures: Figures) -> bool:
    """Whether a control has seen what it must see."""
    return (figures.found.lost if name == "async-commit" else figures.found.duplicated) > 0


def _tell(figures: Figures, kind: str, trial: Trial) -> None:
    print(
        f"{figures.rounds:4d} {kind:10s} acknowledged {trial.books.count:6d}  "
        f"outage {figures.outages[-1]:5.2f} s  lost {figures.found.lost}  "
        f"duplicated {figures.found.duplicated}  torn {figures.found.torn}",
        flush=True,
    )


def main(argv: Sequence[str]) -> int:
    """Run the rounds, or a control; 0 when the figures are as they must be."""
    parser = argparse.ArgumentParser(prog="benchmarks kill", description=__doc__)
    parser.add_argument("--rounds", type=int, default=60, help="two thirds kill the server, one PostgreSQL")
    parser.add_argument("--supervisor-rounds", type=int, default=4)
    parser.add_argument("--students", type=int, default=20)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--control", choices=CONTROLS, help="run only this control")
    given = parser.parse_args(argv)
    setting = Setting(students=given.students, seed=given.seed)
    if given.control:
        return _control(given.control, setting)
    server = round(given.rounds * 2 / 3)
    plan = Plan(server, given.rounds - server, given.supervisor_rounds)
    figures = asyncio.run(run(plan, setting, verbose=True))
    print("\n".join(["kill rounds:", *figures.lines()]))
    controls = [_control(name, setting) for name in CONTROLS]
    return 0 if figures.holds and not any(controls) else 1


def _control(name: str, setting: Setting) -> int:
    figures = asyncio.run(run(*control(name, setting)))
    print("\n".join([f"control {name} (must find something):", *figures.lines()]))
    return 0 if seen(name, figures) else 1


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
