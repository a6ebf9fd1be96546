"""Simulating a test on a pool or a bank file before students meet it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from holdfast.kit.errors import InvalidInput
from holdfast.programs.adaptive_test.bank import bank_of_records
from holdfast.programs.adaptive_test.banks import BankFile
from holdfast.programs.adaptive_test.planning import TestPlan
from holdfast.programs.adaptive_test.psychometrics.bank import Bank
from holdfast.programs.adaptive_test.psychometrics.engine import Engine
from holdfast.programs.adaptive_test.psychometrics.models import Parameterisation
from holdfast.programs.adaptive_test.psychometrics.simulation import (
    Examinees,
    Outcome,
    Report,
    report,
    simulate,
)
from holdfast.programs.adaptive_test.question import canonical, concept_order

MOST_EXAMINEES = 1_000_000


@dataclass(frozen=True, slots=True)
class Crowd:
    """Who is simulated: so many examinees with normal abilities, from one seed."""

    examinees: int = 1000
    mean: float = 0.0
    sd: float = 1.0
    seed: int = 1

    def __post_init__(self) -> None:
        if not 1 <= self.examinees <= MOST_EXAMINEES:
            raise InvalidInput(f"must be between 1 and {MOST_EXAMINEES}", field="examinees")
        if not -6 <= self.mean <= 6 or not 0 <= self.sd <= 6:
            raise InvalidInput("must be on the scale of -6 to 6", field="mean, sd")


@dataclass(frozen=True, slots=True)
class Simulated:
    """What a simulation came to."""

    bank: Bank
    outcome: Outcome
    report: Report
    rate: float | None


def bank_in(found: BankFile, parameterisation: str | None) -> Bank:
    """The bank that a file holds.

    Raises:
        InvalidInput: the first thing that is wrong with it.
    """
    if found.problems:
        raise InvalidInput(str(found.problems[0]))
    questions = [question for _, question in found.questions]
    concepts = concept_order(questions, found.facts.get("concept_names", ()))
    records = [canonical(question, concepts) for question in questions]
    metric = parameterisation or found.facts.get("parameterisation") or Parameterisation.INTERCEPT
    return bank_of_records("file", Parameterisation(metric), [q.id for q in questions], records)


def simulated(bank: Bank, plan: TestPlan, crowd: Crowd) -> Simulated:
    """Let a crowd take the test that a plan makes of a bank.

    Raises:
        InvalidInput: the bank cannot meet the rules.
    """
    engine = Engine(bank, plan.rules)
    chance = np.random.default_rng(crowd.seed)
    theta = chance.normal(crowd.mean, crowd.sd, crowd.examinees)
    places = plan.rules.stopping.maximum + len(plan.rules.pretest_positions)
    outcome = simulate(engine, Examinees.drawn(theta, places, chance))
    rate = plan.rules.exposure.rate if plan.rules.exposure is not None else None
    return Simulated(bank, outcome, report(outcome, rate=rate), rate)


def measures(done: Simulated) -> list[tuple[str, str, str, str]]:
    """The table: name, value, sampling error, meaning."""
    return [(m.name, _text(m.value), _text(m.se), m.meaning) for m in done.report.measures]


def bands(done: Simulated) -> tuple[Sequence[str], list[tuple[Any, ...]]]:
    """Accuracy by true ability: column names and rows."""
    columns = ("low", "high", "examinees", "bias", "rmse", "mean_se", "mean_length")
    return columns, [tuple(getattr(band, name) for name in columns) for band in done.report.bands]


def exposures(done: Simulated) -> list[tuple[str, float]]:
    """Every active question with the share of examinees who were given it, the most exposed first."""
    pairs = zip(done.report.positions.tolist(), done.report.rates.tolist(), strict=True)
    return [(done.bank.ids[place], rate) for place, rate in pairs]


def _text(value: float) -> str:
    return "" if np.isnan(value) else f"{value:.4f}"
