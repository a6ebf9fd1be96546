"""Holdfast: plain like its peers, and with quotas and a maximum rate."""

from __future__ import annotations

from benchmarks.adaptive_step.candidate import Simulated, Tested, now
from benchmarks.adaptive_step.workload import AREAS, LENGTH, Workload
from holdfast.programs.adaptive_test.psychometrics.engine import Engine
from holdfast.programs.adaptive_test.psychometrics.rules import Rules
from holdfast.programs.adaptive_test.psychometrics.selection.content import Quota
from holdfast.programs.adaptive_test.psychometrics.selection.exposure import MaximumRate
from holdfast.programs.adaptive_test.psychometrics.simulation import Outcome, simulate
from holdfast.programs.adaptive_test.psychometrics.steps import Answer, Choice
from holdfast.programs.adaptive_test.psychometrics.stopping import Stopping

RATE = 0.25
LOW, HIGH = 3, 5


class Holdfast:
    """Maximum information, EAP on 61 nodes, standard error."""

    name = "Holdfast, plain"
    what = "maximum information, EAP, SE"
    rules = Rules(stopping=Stopping.fixed_length(LENGTH))

    def __init__(self) -> None:
        self.outcome: Outcome | None = None

    def prepare(self, load: Workload) -> None:
        """The tables of the bank."""
        self._engine = Engine(load.bank, self.rules)

    def test(self, load: Workload, who: int, answers: list[bool]) -> Tested:
        """By the live engine, with reasons and digests, as a service would use it."""
        engine, examinees = self._engine, load.examinees
        drawn = examinees.choices[who].tolist()
        state = engine.begin(engine.open(int(examinees.openings[who])))
        start = now()
        for draw in drawn:
            choice = engine.decide(state, draw)
            assert isinstance(choice, Choice)
            state = engine.answer(state, Answer(choice.item, answers[choice.position]))
        taken = (now() - start) / LENGTH
        return Tested(state.estimate.theta, state.estimate.se, list(state.items), taken)

    def simulate(self, load: Workload) -> Simulated:
        """In lock step."""
        start = now()
        self.outcome = simulate(self._engine, load.examinees)
        return Simulated(self.outcome.estimates.theta, now() - start, "lock step")


class HoldfastBound(Holdfast):
    """With everything that a test for students needs."""

    name = "Holdfast, quotas + cap"
    what = f"the same with {LOW} to {HIGH} items from each of five areas and a maximum rate of {RATE}"
    rules = Rules(
        stopping=Stopping.fixed_length(LENGTH),
        quotas=tuple(Quota(area, LOW, HIGH) for area in AREAS),
        exposure=MaximumRate(RATE),
    )
