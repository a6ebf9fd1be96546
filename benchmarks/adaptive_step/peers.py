"""The peers by their own interfaces, in their plain form: no content, no exposure control."""

from __future__ import annotations

from typing import Any

import numpy as np
from catsim import ItemBank, irt
from catsim.estimation import NumericalSearchEstimator
from catsim.selection import MaxInfoSelector
from mirt.cat import CATEngine
from mirt.cat.stopping import MaxItemsStop
from mirt.models import TwoParameterLogistic

from benchmarks.adaptive_step.candidate import Simulated, Tested, now
from benchmarks.adaptive_step.workload import LENGTH, Workload


class Mirt:
    """mirt's `CATEngine`: maximum information, EAP with 61 nodes."""

    name = "mirt"
    what = "CATEngine, MFI, EAP with 61 nodes on -6 to 6, MaxItemsStop"

    def prepare(self, load: Workload) -> None:
        """A model with the bank's parameters."""
        items = load.bank.parameters
        model = TwoParameterLogistic(n_items=load.items)
        model.set_parameters(discrimination=items.a.copy(), difficulty=items.b.copy())
        model._is_fitted = True  # noqa: SLF001  # the package offers no other way for known parameters
        self._engine: Any = CATEngine(
            model,
            item_selection="MFI",
            stopping_rule=MaxItemsStop(LENGTH),
            scoring_method="EAP",
            n_quadpts=61,
            theta_bounds=(-6.0, 6.0),
            seed=1,
        )

    def test(self, load: Workload, who: int, answers: list[bool]) -> Tested:  # noqa: ARG002
        """Its interactive session."""
        engine = self._engine
        engine.reset()
        taken: list[int] = []
        start = now()
        for _ in range(LENGTH):
            item = engine.select_next_item()
            taken.append(item)
            engine.administer_item(int(answers[item]))
        seconds = (now() - start) / LENGTH
        result = engine.get_result()
        return Tested(result.theta, result.standard_error, taken, seconds)

    def simulate(self, load: Workload) -> Simulated:
        """Its batch simulation; it draws answers of its own."""
        start = now()
        results = self._engine.run_batch_simulation(load.examinees.theta)
        seconds = now() - start
        return Simulated(np.array([result.theta for result in results]), seconds, "run_batch_simulation")


class Catsim:
    """catsim's selector and estimator as standalone objects; it has no EAP."""

    name = "catsim"
    what = "MaxInfoSelector, NumericalSearchEstimator (maximum likelihood), see"

    def prepare(self, load: Workload) -> None:
        """Its item bank."""
        items = load.bank.parameters
        self._bank = ItemBank(np.stack([items.a, items.b, items.c, items.d], axis=1))
        self._selector, self._estimator = MaxInfoSelector(), NumericalSearchEstimator()

    def test(self, load: Workload, who: int, answers: list[bool]) -> Tested:  # noqa: ARG002
        """From ability 0."""
        theta, se = 0.0, float("inf")
        taken: list[int] = []
        right: list[bool] = []
        start = now()
        for _ in range(LENGTH):
            item = self._selector.select(item_bank=self._bank, administered_items=taken, est_theta=theta)
            assert item is not None
            taken.append(int(item))
            right.append(answers[item])
            theta = self._estimator.estimate(
                item_bank=self._bank, administered_items=taken, response_vector=right, est_theta=theta
            )
            se = irt.see(theta, self._bank.get_items(taken))
        return Tested(float(theta), float(se), taken, (now() - start) / LENGTH)

    def simulate(self, load: Workload) -> None:  # noqa: ARG002
        """Its `Simulator` goes one by one, so the whole of `test` says the same."""
        return
