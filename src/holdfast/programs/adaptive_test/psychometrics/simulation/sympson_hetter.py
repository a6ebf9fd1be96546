"""Admission probabilities by repeated simulation (Sympson and Hetter 1985), live without counters."""

from __future__ import annotations

from dataclasses import replace
from typing import NamedTuple

import numpy as np

from holdfast.kit.errors import InvalidInput
from holdfast.programs.adaptive_test.psychometrics.bank import Bank
from holdfast.programs.adaptive_test.psychometrics.curves import FloatArray
from holdfast.programs.adaptive_test.psychometrics.engine import Engine
from holdfast.programs.adaptive_test.psychometrics.rules import Rules
from holdfast.programs.adaptive_test.psychometrics.selection.exposure import sympson_hetter
from holdfast.programs.adaptive_test.psychometrics.simulation.lockstep import Examinees, simulate


class Calibrated(NamedTuple):
    """The result.

    Attributes:
        rules: with `admission` filled in and no live control.
        highest: the highest exposure rate of each round; the first is that without control.
    """

    rules: Rules
    highest: tuple[float, ...]


def calibrate(
    bank: Bank, rules: Rules, rate: float, theta: FloatArray, chance: np.random.Generator, rounds: int = 10
) -> Calibrated:
    """Find admission probabilities under which no item is given more often than `rate`.

    The rates found are those of the population `theta` and carry its sampling error; of the probabilities
    met, those with the lowest highest rate are kept, since the rounds do not come to rest.

    Args:
        bank: the items.
        rules: of the test; a live maximum rate in them is left out.
        rate: the highest exposure rate, above 0, at most 1.
        theta: abilities of a simulated population (N,).
        chance: fresh draws for each round.
        rounds: simulations, at least 1.

    Raises:
        InfeasibleQuota: quotas or length cannot be met at this rate; the message names which.
        InvalidInput: the rate is out of range.
    """
    if not 0.0 < rate <= 1.0:
        raise InvalidInput("must be above 0 and at most 1", field="rate")
    plain = replace(rules, exposure=None, admission={})
    blueprint = Engine(bank, plain).blueprint
    blueprint.require_under_rate(blueprint.bind(bank.active, 0), rate)
    admission, best = np.ones(len(bank)), plain
    highest: list[float] = []
    for _ in range(rounds):
        open_items = {i: float(k) for i, k in zip(bank.ids, admission, strict=True) if k < 1.0}
        now = replace(plain, admission=open_items)
        places = now.stopping.maximum + len(now.pretest_positions)
        outcome = simulate(Engine(bank, now), Examinees.drawn(theta, places, chance))
        rates = np.bincount(outcome.shown[outcome.scored], minlength=len(bank)) / len(theta)
        if not highest or rates.max() < min(highest):
            best = now
        highest.append(float(rates.max()))
        admission = sympson_hetter(admission, rates, rate)
    return Calibrated(best, tuple(highest))
