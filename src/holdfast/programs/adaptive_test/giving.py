"""Giving a test: engines by bank and rules, and the state of a test rebuilt from its answers."""

from __future__ import annotations

import asyncio
from collections import OrderedDict
from collections.abc import Sequence
from uuid import UUID

import numpy as np

from holdfast.kit.randomness import new_seed
from holdfast.programs.adaptive_test.bank import PinnedBank, bank_of
from holdfast.programs.adaptive_test.place import Pending, Place
from holdfast.programs.adaptive_test.planning import TestPlan, plan_of
from holdfast.programs.adaptive_test.pools import statements
from holdfast.programs.adaptive_test.psychometrics.engine import Engine
from holdfast.programs.adaptive_test.psychometrics.opening import Opening
from holdfast.programs.adaptive_test.psychometrics.selection.exposure import ExposureCounts
from holdfast.programs.adaptive_test.psychometrics.steps import Answer, Choice, State
from holdfast.programs.adaptive_test.psychometrics.stopping import Stop
from holdfast.store.statements import Connection, Row

KEPT = 16
"""Banks and engines kept in memory. What is kept cannot be stale: a revision and a set of rules are fixed."""


class Giving:
    """Engines, made once for each bank and set of rules and then shared by all tests."""

    def __init__(self, kept: int = KEPT) -> None:
        self._kept = kept
        self._banks: OrderedDict[tuple[UUID, int], PinnedBank] = OrderedDict()
        self._engines: OrderedDict[tuple[str, str], Engine] = OrderedDict()

    async def bank(
        self, connection: Connection, pool_id: UUID, revision: int, parameterisation: str
    ) -> PinnedBank:
        """A pool at a revision."""
        key = (pool_id, revision)
        found = self._banks.get(key)
        if found is None:
            rows = await statements.bank_at.rows(connection, pool_id=pool_id, revision=revision)
            found = await asyncio.to_thread(bank_of, pool_id, revision, parameterisation, rows)
            self._banks[key] = found
        self._banks.move_to_end(key)
        while len(self._banks) > self._kept:
            self._banks.popitem(last=False)
        return found

    async def engine(self, pinned: PinnedBank, plan: TestPlan) -> Engine:
        """The engine of a bank under the rules of a plan.

        Raises:
            InvalidInput: the bank has nothing to ask, or cannot meet the quotas.
        """
        key = (pinned.bank.version, plan.rules.digest)
        found = self._engines.get(key)
        if found is None:
            # The tables of ten thousand questions take a while, in which others are to be answered.
            found = self._engines[key] = await asyncio.to_thread(Engine, pinned.bank, plan.rules)
        self._engines.move_to_end(key)
        while len(self._engines) > self._kept:
            self._engines.popitem(last=False)
        return found

    async def of(self, connection: Connection, place: Place) -> tuple[PinnedBank, TestPlan, Engine]:
        """Bank, plan and engine of a test that has begun."""
        plan = plan_of(place.row["rules"])
        pinned = await self.bank(connection, place.pool_id, place.revision, place.row["parameterisation"])
        return pinned, plan, await self.engine(pinned, plan)


async def counts_of(connection: Connection, pool_id: UUID, pinned: PinnedBank) -> ExposureCounts:
    """The shared exposure counters, in the bank's order."""
    counts = ExposureCounts.none(len(pinned.bank))
    tests, administered = np.array(counts.sessions), np.array(counts.administered)
    for row in await statements.exposures.rows(connection, pool_id=pool_id):
        index = pinned.bank.index.get(row["question_id"])
        if index is not None:
            tests[index], administered[index] = row["tests"], row["administered"]
    return ExposureCounts(tests, administered)


def opening_of(place: Place, pinned: PinnedBank) -> Opening:
    """What the test was opened with."""
    return Opening.from_json(place.row["opening"], len(pinned.bank))


def answers_of(rows: Sequence[Row]) -> list[Answer]:
    """The answers of a test as the engine takes them."""
    return [Answer(row["question_id"], row["response"] == 1, row["scored"]) for row in rows]


def decide(engine: Engine, state: State, pinned: PinnedBank, elapsed_s: float) -> Pending | Stop:
    """The next question, chosen with a fresh recorded draw, or the end."""
    found = engine.decide(state, new_seed(), elapsed_s)
    return pending_of(found, pinned, elapsed_s) if isinstance(found, Choice) else found


def pending_of(choice: Choice, pinned: PinnedBank, at_s: float) -> Pending:
    """A choice as it is stored."""
    return Pending(
        question_id=choice.item,
        version=pinned.versions[choice.position],
        position=choice.place,
        scored=choice.scored,
        at_s=at_s,
        choice=choice.reason.to_json(),
        draw=choice.draw,
        digest=choice.digest,
        eligible=choice.reason.eligible,
        engine=choice.engine,
    )
