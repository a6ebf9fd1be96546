"""The adaptive test as a pure step machine: rules, a bank and the answers so far give the next item.

An `Engine` is made once for each version of a bank and set of rules, and computes its tables then. A
`State` is rebuilt from the opening and the answers; nothing else is needed, and nothing is kept. A step
adds an answer to the posterior, asks the stop rules, and chooses; every choice carries what a replay needs
to verify it.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence

import numpy as np

from holdfast.kit.errors import InvalidInput
from holdfast.programs.adaptive_test.psychometrics.ability import posterior
from holdfast.programs.adaptive_test.psychometrics.ability.estimate import Method, Prior
from holdfast.programs.adaptive_test.psychometrics.ability.estimating import estimate
from holdfast.programs.adaptive_test.psychometrics.bank import Bank
from holdfast.programs.adaptive_test.psychometrics.curves import FloatArray
from holdfast.programs.adaptive_test.psychometrics.models import BoolArray, IntArray
from holdfast.programs.adaptive_test.psychometrics.opening import ENGINE_VERSION, Admission, Opening
from holdfast.programs.adaptive_test.psychometrics.rules import Rules
from holdfast.programs.adaptive_test.psychometrics.selection import draws
from holdfast.programs.adaptive_test.psychometrics.selection.criteria import Criterion, Curves, chance
from holdfast.programs.adaptive_test.psychometrics.selection.exposure import ExposureCounts
from holdfast.programs.adaptive_test.psychometrics.selection.search import Best, InformationIndex, ranked
from holdfast.programs.adaptive_test.psychometrics.steps import Answer, Choice, Reason, State, digest_of
from holdfast.programs.adaptive_test.psychometrics.stopping import Standing, Stop, StopReason, judge


class Engine:
    """The tests that one set of rules makes of one bank.

    Raises:
        InfeasibleQuota: no test can meet the quotas; the message names the area.
        InvalidInput: the bank has no active item, or the rules name items that it has not.
    """

    def __init__(self, bank: Bank, rules: Rules) -> None:
        self.bank, self.rules = bank, rules
        self.admission = Admission(bank, rules)
        self.blueprint = self.admission.blueprint
        self.index = InformationIndex(bank.parameters, bank.active)
        self.curves = Curves(bank.parameters)
        cuts = rules.stopping.classification
        self.class_shares = posterior.class_shares(cuts.cuts) if cuts else None
        self._outside = [~area for area in self.blueprint.in_area]
        self._quotas = [
            (k, int(low), int(high))
            for k, (low, high) in enumerate(
                zip(self.blueprint.minimum.tolist(), self.blueprint.maximum.tolist(), strict=True)
            )
        ]
        self._enemies = bool((bank.group >= 0).any())

    def open(
        self,
        draw: int,
        *,
        prior: Prior | None = None,
        seen: Sequence[str] = (),
        counts: ExposureCounts | None = None,
    ) -> Opening:
        """Fix what a new session may use.

        Args:
            draw: a random whole number, 0 to 2^63 - 1; it is stored in the opening.
            prior: the session's own prior; the rules' when None.
            seen: ids of items that the student was shown before; they are kept out.
            counts: the shared exposure counters; a new bank's when None.

        Raises:
            InfeasibleQuota: what the student has not seen cannot meet the quotas.
        """
        return self.admission.open(draw, prior, seen, self.admission.chances(counts))

    def begin(self, opening: Opening) -> State:
        """A session before its first item.

        Raises:
            InvalidInput: the opening belongs to another bank, other rules or another engine.
        """
        expected = {"bank": self.bank.digest, "rules": self.admission.rules_digest, "engine": ENGINE_VERSION}
        for name, value in expected.items():
            if getattr(opening, name) != value:
                raise InvalidInput("the session was opened with another one", field=name)
        log_posterior = posterior.log_prior(opening.prior)
        first = posterior.expected(log_posterior)
        given = first
        if self.rules.method is not Method.EAP:
            given = estimate(self.bank.parameters[:0], [], self.rules.method, opening.prior)
        return State(
            opening=opening,
            available=opening.eligible,
            pretest=opening.pretest,
            shown=(),
            items=(),
            right=(),
            counts=(0,) * len(self._quotas),
            log_posterior=log_posterior,
            posterior=first,
            estimate=given,
            change=float("inf"),
        )

    def resume(self, opening: Opening, answers: Iterable[Answer]) -> State:
        """The state after the answers of a session, in order.

        Raises:
            InvalidInput: an answer names an unknown item, or one twice.
        """
        state = self.begin(opening)
        answers = list(answers)
        scored = [place for place, answer in enumerate(answers) if answer.scored]
        # Maxima are searched for the last two only: the estimate, and the change that the last answer made.
        needed = set(scored[-2:]) if self.rules.method is not Method.EAP else set(scored)
        for place, answer in enumerate(answers):
            state = self._add(state, answer, estimating=place in needed)
        return state

    def answer(self, state: State, answer: Answer) -> State:
        """The state after one more answer.

        Raises:
            InvalidInput: the item is unknown, was answered before, or has no parameters and was to be scored.
        """
        return self._add(state, answer, estimating=True)

    def _add(self, state: State, answer: Answer, *, estimating: bool) -> State:
        item = self.bank.index.get(answer.item)
        if item is None or item in state.shown:
            told = "is not in the bank" if item is None else "was answered before"
            raise InvalidInput(f"item {answer.item!r} {told}", field="item")
        if answer.scored:
            return self._score(state, item, answer, estimating=estimating)
        return state._replace(pretest=self._without(state.pretest, item), shown=(*state.shown, item))

    def _score(self, state: State, item: int, answer: Answer, *, estimating: bool) -> State:
        if not self.bank.parameters.calibrated[item]:
            message = f"item {answer.item!r} has no calibrated parameters and cannot be scored"
            raise InvalidInput(message, field="item")
        table = self.curves.log_right if answer.right else self.curves.log_wrong
        log_posterior = state.log_posterior + table[item]
        found = mean = posterior.expected(log_posterior)
        items, right = (*state.items, item), (*state.right, answer.right)
        if self.rules.method is not Method.EAP:
            found = state.estimate
            if estimating:
                answered = self.bank.parameters[list(items)]
                found = estimate(answered, right, self.rules.method, state.opening.prior)
        area, counts = self.blueprint.code[item], state.counts
        # By position, since this is the hot path of every step.
        return State(
            state.opening,
            self._without(state.available, item),
            state.pretest,
            (*state.shown, item),
            items,
            right,
            (*counts[:area], counts[area] + 1, *counts[area + 1 :]),
            log_posterior,
            mean,
            found,
            abs(found.theta - state.estimate.theta),
        )

    def _without(self, items: BoolArray, item: int) -> BoolArray:
        """The set without an item and its enemies."""
        left = items.copy()
        left[item] = False
        if self._enemies and (group := self.bank.group[item]) >= 0:
            left[self.bank.group == group] = False
        return left

    def stop(self, state: State, elapsed_s: float = 0.0) -> Stop | None:
        """The rule that ends the test now, or None; `elapsed_s` are seconds since it started."""
        owing = any(count < low for count, (_, low, _) in zip(state.counts, self._quotas, strict=True))
        known = 0.0
        if self.class_shares is not None:
            known = float((posterior.weights(state.log_posterior) @ self.class_shares).max())
        now = Standing(len(state.items), elapsed_s, owing, state.estimate.se, state.change, known)
        return judge(self.rules.stopping, now)

    def decide(self, state: State, draw: int, elapsed_s: float = 0.0) -> Choice | Stop:
        """The next item, or the end of the test.

        Args:
            state: where the session stands.
            draw: a random whole number, 0 to 2^63 - 1; it is stored in the choice.
            elapsed_s: seconds since the session started.
        """
        return (
            self.stop(state, elapsed_s)
            or self.choose(state, draw)
            or Stop(StopReason.POOL_EXHAUSTED, {"scored": len(state.items)})
        )

    def choose(self, state: State, draw: int) -> Choice | None:
        """The next item, stop rules aside; None when the pool has none that may be asked."""
        place = len(state.shown) + 1
        if place in self.rules.pretest_positions and state.pretest.any():
            return self._pretest(state, draw, place)
        closed = self._closed(state)
        eligible = state.available
        for area in closed:
            eligible = eligible & self._outside[area]
        theta = self.target(state)
        best = self._best(state, eligible, theta, draw)
        if len(best.items) == 0:
            return None
        which = int(draws.uniform(draw, draws.CHOICE) * len(best.items)) if len(best.items) > 1 else 0
        item, scored = int(best.items[which]), True
        reason = self._reason(state, theta, best, which, eligible, closed)
        return Choice(self.bank.ids[item], item, place, scored, reason, draw, digest_of(eligible))

    def _reason(
        self,
        state: State,
        theta: float,
        best: Best,
        which: int,
        eligible: BoolArray,
        closed: list[int],
    ) -> Reason:
        value = information = float(best.values[which])
        if self.rules.criterion is not Criterion.INFORMATION:
            information = float(self.index.information(best.items[[which]], theta)[0])
        names = self.blueprint.names
        return Reason(
            self.rules.criterion.value,
            value,
            information,
            theta,
            state.estimate.se,
            len(best.items),
            int(np.count_nonzero(eligible)),
            dict(zip(names, state.counts, strict=False)),
            tuple(names[area] if area < len(names) else "" for area in closed),
            state.opening.readmitted,
        )

    def target(self, state: State) -> float:
        """The ability at which the next item is looked for."""
        if not state.items:
            start = self.rules.start.ability
            return state.opening.prior.mean if start is None else start
        # An estimate at a bound is no measurement; the posterior's mean is one.
        return state.posterior.theta if state.estimate.at_bound else state.estimate.theta

    def among(self, scored: int) -> int:
        """From how many of the best items the next is drawn."""
        start = self.rules.start
        return start.among if scored < start.positions else self.rules.among

    def _best(self, state: State, eligible: BoolArray, theta: float, draw: int) -> Best:
        among, criterion = self.among(len(state.items)), self.rules.criterion
        if criterion is Criterion.INFORMATION:
            return self.index.best(theta, eligible, among)
        values = self.values(np.array([theta]), state.log_posterior[np.newaxis], np.array([draw]))[0]
        numbers = np.flatnonzero(eligible)
        return ranked(numbers, values[numbers], among)

    def values(self, theta: FloatArray, log_posterior: FloatArray, drawn: IntArray) -> FloatArray:
        """Values of all items by a criterion other than information, for N persons: (N, n)."""
        if self.rules.criterion is Criterion.RANDOM:
            return chance(drawn, len(self.bank))
        weights = posterior.weights(log_posterior)
        if self.rules.criterion is Criterion.KL:
            return self.curves.kullback_leibler(theta, weights)
        return self.curves.variance_reduction(weights)

    def _closed(self, state: State) -> list[int]:
        """Areas that may not give the next item; the same rule as `Blueprint.open_areas`."""
        if len(self._quotas) == 1:
            return []
        counts = state.counts
        owed = sum(low - counts[k] for k, low, _ in self._quotas if counts[k] < low)
        spare = self.blueprint.length - len(state.items) - owed
        return [k for k, low, high in self._quotas if counts[k] >= high or (spare < 1 and counts[k] >= low)]

    def _pretest(self, state: State, draw: int, place: int) -> Choice:
        items = np.flatnonzero(state.pretest)
        item = int(items[int(draws.uniform(draw, draws.PRETEST) * len(items))])
        now = state.estimate
        reason = Reason(
            "pretest", None, None, now.theta, now.se, len(items), len(items), {}, (), state.opening.readmitted
        )
        scored = False
        return Choice(self.bank.ids[item], item, place, scored, reason, draw, digest_of(state.pretest))
