"""The banks and examinees that all candidates share."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from holdfast.programs.adaptive_test.psychometrics.bank import Bank
from holdfast.programs.adaptive_test.psychometrics.models import ItemParameters
from holdfast.programs.adaptive_test.psychometrics.simulation import Examinees

LENGTH = 20
AREAS = "abcde"


@dataclass(frozen=True, slots=True, eq=False)
class Workload:
    """One bank and its examinees."""

    bank: Bank
    examinees: Examinees

    @property
    def items(self) -> int:
        """Size of the bank."""
        return len(self.bank)

    def first(self, n: int) -> Workload:
        """The same bank and its first n examinees."""
        e = self.examinees
        return Workload(self.bank, Examinees(e.theta[:n], e.openings[:n], e.choices[:n], e.answers[:n]))

    def answers_of(self, who: int) -> list[bool]:
        """What one examinee answers to every item of the bank."""
        rows = np.full(self.items, who)
        right = self.examinees.right(self.bank.parameters, rows, np.arange(self.items))
        return right.tolist()  # type: ignore[no-any-return]


def workload(items: int, examinees: int, seed: int = 4) -> Workload:
    """2PL with a lognormal(0, 0.3) and b standard normal; abilities standard normal; five areas in turn."""
    chance = np.random.default_rng([seed, items])
    parameters = ItemParameters.logistic(chance.normal(size=items), chance.lognormal(0, 0.3, items))
    areas = tuple(AREAS[k % len(AREAS)] for k in range(items))
    bank = Bank(f"bench-{items}", tuple(f"q{k}" for k in range(items)), parameters, areas=areas)
    return Workload(bank, Examinees.drawn(chance.normal(size=examinees), LENGTH, chance))
