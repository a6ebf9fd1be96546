"""Many examinees through one test side by side, by the rules and tables of the live engine.

Examinees come in waves, as students do who are tested at the same time: a wave opens with the exposure
counters that the waves before left behind. Within a wave all take their next item together, so that each
step is a few array operations over the wave.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from holdfast.kit.errors import InvalidInput
from holdfast.programs.adaptive_test.psychometrics.ability import posterior
from holdfast.programs.adaptive_test.psychometrics.ability.estimate import Estimate, Estimates, Method
from holdfast.programs.adaptive_test.psychometrics.ability.estimating import estimate_all
from holdfast.programs.adaptive_test.psychometrics.curves import FloatArray, probability
from holdfast.programs.adaptive_test.psychometrics.engine import Engine
from holdfast.programs.adaptive_test.psychometrics.models import BoolArray, IntArray, ItemParameters
from holdfast.programs.adaptive_test.psychometrics.opening import Opening
from holdfast.programs.adaptive_test.psychometrics.selection import draws
from holdfast.programs.adaptive_test.psychometrics.selection.criteria import Criterion
from holdfast.programs.adaptive_test.psychometrics.selection.exposure import ExposureCounts
from holdfast.programs.adaptive_test.psychometrics.selection.search import BestOfAll, ranked_all
from holdfast.programs.adaptive_test.psychometrics.stopping import REASONS, Standings, StopReason, judge_all

_EXHAUSTED = np.int8(REASONS.index(StopReason.POOL_EXHAUSTED))
WAVE = 100
"""Examinees that are tested at the same time under a maximum exposure rate."""


@dataclass(frozen=True, slots=True, eq=False)
class Examinees:
    """Who is tested, and all the chance there will be.

    Attributes:
        theta: true abilities (N,).
        openings: the draw of each opening (N,).
        choices: the draw of each choice (N, places), places at least the longest test with pretest items.
        answers: a draw for each examinee's answers (N,): the same examinee gives the same item the same
            answer in every simulation, which makes comparisons of rules sharp.
    """

    theta: FloatArray
    openings: IntArray
    choices: IntArray
    answers: IntArray

    @classmethod
    def drawn(cls, theta: FloatArray, places: int, chance: np.random.Generator) -> Examinees:
        """With draws from a generator."""
        n = len(theta)
        numbers = chance.integers(0, 2**63 - 1, size=(n, places + 2), dtype=np.int64)
        return cls(np.asarray(theta, dtype=np.float64), numbers[:, 0], numbers[:, 2:], numbers[:, 1])

    def right(self, truth: ItemParameters, rows: IntArray, items: IntArray) -> BoolArray:
        """Whether examinees `rows` answer `items` right; uncalibrated items are answered wrong."""
        z = truth.a[items] * self.theta[rows] + truth.intercept[items]
        chance = probability(truth.c[items], truth.d[items], z)
        found: BoolArray = draws.uniforms(self.answers[rows], draws.PER_ITEM + items) < chance
        return found


@dataclass(frozen=True, slots=True, eq=False)
class Outcome:
    """What became of N examinees in tests of up to P places.

    Attributes:
        theta: true abilities (N,).
        shown: positions of the items in order (N, P), -1 behind the end.
        scored: which of them counted (N, P).
        right: which were answered right (N, P).
        trail: the estimate after each place (N, P), NaN behind the end.
        error_trail: its standard error.
        estimates: at the end.
        reasons: why each test ended, as positions in `stopping.REASONS` (N,).
        readmitted: items that quotas or length took back from exposure control (N,).
        counts: the exposure counters afterwards.
        active: items of the bank that could be chosen (n,).
    """

    theta: FloatArray
    shown: IntArray
    scored: BoolArray
    right: BoolArray
    trail: FloatArray
    error_trail: FloatArray
    estimates: Estimates
    reasons: NDArray[np.int8]
    readmitted: IntArray
    counts: ExposureCounts
    active: BoolArray

    @property
    def lengths(self) -> IntArray:
        """Scored items of each test (N,)."""
        found: IntArray = self.scored.sum(axis=1)
        return found


def simulate(
    engine: Engine,
    examinees: Examinees,
    *,
    truth: ItemParameters | None = None,
    counts: ExposureCounts | None = None,
    wave: int = WAVE,
    seconds_per_item: float = 0.0,
) -> Outcome:
    """Test all examinees.

    Args:
        engine: bank and rules.
        examinees: abilities and draws.
        truth: parameters by which items are answered, where they differ from those that the bank believes.
        counts: exposure counters at the start; a new bank's when None.
        wave: how many are tested at the same time; without a maximum rate all are.
        seconds_per_item: what an answer takes, for a time limit.

    Raises:
        InvalidInput: there are too few draws for the longest test.
    """
    n_items, n = len(engine.bank), len(examinees.theta)
    places = engine.rules.stopping.maximum + len(engine.rules.pretest_positions)
    if examinees.choices.shape[1] < places:
        raise InvalidInput(f"{places} draws for each examinee are needed", field="choices")
    counts = counts or ExposureCounts.none(n_items)
    size = n if engine.rules.exposure is None else wave
    waves = []
    for start in range(0, n, max(size, 1)):
        rows = np.arange(start, min(start + size, n))
        chances = engine.admission.chances(counts)
        openings = _opened(engine, examinees.openings[rows], chances)
        done = _Wave(engine, examinees, rows, openings, places)
        done.run(truth or engine.bank.parameters, seconds_per_item)
        waves.append(done)
        given = np.bincount(done.shown[done.shown >= 0], minlength=n_items)
        counts = ExposureCounts(counts.sessions + len(rows), counts.administered + given)
    return _gathered(examinees.theta, waves, counts, engine.bank.active)


def _opened(engine: Engine, drawn: IntArray, chances: FloatArray | None) -> list[Opening]:
    admission = engine.admission
    if chances is None:
        return [admission.open(draw, None, (), None) for draw in drawn.tolist()]
    luck = admission.luck(drawn)
    return [
        admission.open(draw, None, (), chances, own) for draw, own in zip(drawn.tolist(), luck, strict=True)
    ]


def _gathered(theta: FloatArray, waves: list[_Wave], counts: ExposureCounts, active: BoolArray) -> Outcome:
    def whole(name: str) -> NDArray[np.generic]:
        return np.concatenate([getattr(wave, name) for wave in waves])

    return Outcome(
        theta=theta,
        estimates=Estimates(whole("theta"), whole("se"), whole("at_bound")),  # type: ignore[arg-type]
        counts=counts,
        active=active,
        **{
            name: whole(name)  # type: ignore[arg-type]
            for name in ("shown", "scored", "right", "trail", "error_trail", "reasons", "readmitted")
        },
    )


class _Wave:
    """The states of a wave as arrays over its W examinees; the fields of `engine.State`."""

    def __init__(
        self, engine: Engine, examinees: Examinees, rows: IntArray, openings: list[Opening], places: int
    ) -> None:
        self._engine, self._examinees, self._rows = engine, examinees, rows
        self._enemies = bool((engine.bank.group >= 0).any())
        n = len(rows)
        first = engine.begin(openings[0])
        self.available = np.stack([opening.eligible for opening in openings])
        self.pretest = np.stack([opening.pretest for opening in openings])
        self.readmitted = np.array([opening.readmitted for opening in openings], dtype=np.int64)
        self.counts = np.zeros((n, len(first.counts)), dtype=np.int64)
        self.log_posterior = np.tile(first.log_posterior, (n, 1))
        self.mean = np.full(n, first.posterior.theta)
        self._put_estimates(first.estimate, n)
        self.change = np.full(n, np.inf)
        self.shown = np.full((n, places), -1, dtype=np.int64)
        self.scored = np.zeros((n, places), dtype=np.bool_)
        self.length = np.zeros(n, dtype=np.int64)
        self.right = np.zeros((n, places), dtype=np.bool_)
        self.trail = np.full((n, places), np.nan)
        self.error_trail = np.full((n, places), np.nan)
        self.reasons = np.full(n, -1, dtype=np.int8)

    def _put_estimates(self, first: Estimate, n: int) -> None:
        self.theta, self.se = np.full(n, first.theta), np.full(n, first.se)
        self.at_bound = np.full(n, first.at_bound)

    def run(self, truth: ItemParameters, seconds_per_item: float) -> None:
        """All examinees to the end of their tests."""
        going = np.arange(len(self._rows))
        for place in range(self.shown.shape[1] + 1):
            self.reasons[going] = self._judged(going, place * seconds_per_item)
            going = going[self.reasons[going] < 0]
            if not going.size:
                return
            items, scored = self._chosen(going, place)
            self.reasons[going[items < 0]] = _EXHAUSTED
            going, items, scored = going[items >= 0], items[items >= 0], scored[items >= 0]
            if not going.size:
                return
            right = self._examinees.right(truth, self._rows[going], items)
            self._answered(going, place, items, scored, right)

    def _judged(self, going: IntArray, elapsed_s: float) -> NDArray[np.int8]:
        engine, n = self._engine, len(going)
        known = np.zeros(n)
        if engine.class_shares is not None:
            known = (posterior.weights(self.log_posterior[going]) @ engine.class_shares).max(axis=1)
        standings = Standings(
            scored=self.length[going],
            elapsed_s=np.full(n, elapsed_s),
            owing=np.asarray((self.counts[going] < engine.blueprint.minimum).any(axis=1)),
            se=self.se[going],
            change=self.change[going],
            class_probability=known,
        )
        return judge_all(engine.rules.stopping, standings)

    def _chosen(self, going: IntArray, place: int) -> tuple[IntArray, BoolArray]:
        """The next item of each, -1 where there is none, and whether it will be scored."""
        items, scored = np.full(len(going), -1), np.ones(len(going), dtype=np.bool_)
        drawn = self._examinees.choices[self._rows[going], place]
        if place + 1 in self._engine.rules.pretest_positions:
            scored = np.asarray(~self.pretest[going].any(axis=1))
            items[~scored] = self._pretested(going[~scored], drawn[~scored])
        if scored.any():
            items[scored] = self._operational(going[scored], drawn[scored])
        return items, scored

    def _pretested(self, rows: IntArray, drawn: IntArray) -> IntArray:
        sizes = self.pretest[rows].sum(axis=1)
        which = (draws.uniforms(drawn, draws.PRETEST) * sizes).astype(np.int64)
        # The first item by which as many are counted as the draw says.
        found: IntArray = (self.pretest[rows].cumsum(axis=1) <= which[:, np.newaxis]).sum(axis=1)
        return found

    def _operational(self, rows: IntArray, drawn: IntArray) -> IntArray:
        engine = self._engine
        length = self.length[rows]
        start = engine.rules.start
        among = np.where(length < start.positions, start.among, engine.rules.among)
        best = self._best(rows, drawn, self._targets(rows, length), int(among.max()))
        if best.items.shape[1] == 1:
            return best.items[:, 0]
        there = np.minimum((best.items >= 0).sum(axis=1), among)
        which = (draws.uniforms(drawn, draws.CHOICE) * there).astype(np.int64)
        found: IntArray = best.items[np.arange(len(rows)), which]
        return found

    def _targets(self, rows: IntArray, length: IntArray) -> FloatArray:
        rules = self._engine.rules
        start = rules.prior.mean if rules.start.ability is None else rules.start.ability
        now = np.where(self.at_bound[rows], self.mean[rows], self.theta[rows])
        return np.where(length == 0, start, now)

    def _eligible(self, rows: IntArray) -> BoolArray:
        engine = self._engine
        eligible: BoolArray = self.available[rows]
        if engine.blueprint.names:
            closed = ~engine.blueprint.open_areas(self.counts[rows], self.length[rows])
            for area in np.flatnonzero(closed.any(axis=0)):
                eligible[closed[:, area]] &= ~engine.blueprint.in_area[area]
        return eligible

    def _best(self, rows: IntArray, drawn: IntArray, theta: FloatArray, among: int) -> BestOfAll:
        engine, eligible = self._engine, self._eligible(rows)
        if engine.rules.criterion is Criterion.INFORMATION:
            return engine.index.best_of_all(theta, eligible, among)
        values = np.where(eligible, engine.values(theta, self.log_posterior[rows], drawn), -1.0)
        numbers = np.broadcast_to(np.arange(eligible.shape[1]), eligible.shape)
        return ranked_all(numbers, values, among)

    def _answered(
        self, rows: IntArray, place: int, items: IntArray, scored: BoolArray, right: BoolArray
    ) -> None:
        self.shown[rows, place], self.right[rows, place] = items, right
        self.scored[rows, place] = scored
        self._take_out(self.pretest, rows[~scored], items[~scored])
        self._score(rows[scored], items[scored], right[scored])
        self.trail[rows, place], self.error_trail[rows, place] = self.theta[rows], self.se[rows]

    def _score(self, rows: IntArray, items: IntArray, right: BoolArray) -> None:
        engine = self._engine
        self._take_out(self.available, rows, items)
        self.counts[rows, engine.blueprint.code[items]] += 1
        self.length[rows] += 1
        curves = engine.curves
        self.log_posterior[rows] += np.where(
            right[:, np.newaxis], curves.log_right[items], curves.log_wrong[items]
        )
        expected = posterior.expected_all(self.log_posterior[rows])
        self.mean[rows] = expected.theta
        found = expected
        if engine.rules.method is not Method.EAP and rows.size:
            given = np.where(self.scored[rows], self.shown[rows], -1)
            method, prior = engine.rules.method, engine.rules.prior
            found = estimate_all(engine.bank.parameters, given, self.right[rows], method, prior)
        self.change[rows] = np.abs(found.theta - self.theta[rows])
        self.theta[rows], self.se[rows], self.at_bound[rows] = found

    def _take_out(self, sets: BoolArray, rows: IntArray, items: IntArray) -> None:
        """Items and their enemies out of each examinee's set."""
        sets[rows, items] = False
        groups = self._engine.bank.group
        if not self._enemies:
            return
        for row, group in zip(rows, groups[items], strict=True):
            if group >= 0:
                sets[row, groups == group] = False
