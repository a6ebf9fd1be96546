"""What a simulation says of a test: accuracy, honesty of the standard errors, exposure, overlap, length."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Any, NamedTuple

import numpy as np

from holdfast.programs.adaptive_test.psychometrics.curves import FloatArray
from holdfast.programs.adaptive_test.psychometrics.models import IntArray
from holdfast.programs.adaptive_test.psychometrics.simulation.lockstep import Outcome
from holdfast.programs.adaptive_test.psychometrics.stopping import REASONS

_NORMAL_95 = 1.959963984540054


class Measure(NamedTuple):
    """One line of the table.

    Attributes:
        name: stable, in snake case.
        value: NaN where it is not defined, for example the overlap of one examinee.
        se: sampling error over examinees, NaN where none is given.
        meaning: in words, with the unit.
    """

    name: str
    value: float
    se: float
    meaning: str


class Band(NamedTuple):
    """Accuracy among examinees of similar true ability: `low` <= theta < `high`, the last one closed."""

    low: float
    high: float
    examinees: int
    bias: float
    rmse: float
    mean_se: float
    mean_length: float


@dataclass(frozen=True, slots=True, eq=False)
class Report:
    """The tables of a simulation.

    Attributes:
        measures: one line each.
        bands: by true ability.
        rates: exposure rate of each active item, descending.
        positions: the same items' positions in the bank.
        reasons: how many tests each stop rule ended.
    """

    measures: tuple[Measure, ...]
    bands: tuple[Band, ...]
    rates: FloatArray
    positions: IntArray
    reasons: dict[str, int]

    def value(self, name: str) -> float:
        """One measure's value."""
        return next(measure.value for measure in self.measures if measure.name == name)

    def to_json(self) -> dict[str, Any]:
        """Everything but the rates of single items; NaN becomes null."""
        return {
            "measures": [{k: _null(v) for k, v in m._asdict().items()} for m in self.measures],
            "bands": [{k: _null(v) for k, v in band._asdict().items()} for band in self.bands],
            "reasons": self.reasons,
        }


def _null(value: Any) -> Any:
    return None if isinstance(value, float) and math.isnan(value) else value


def report(outcome: Outcome, *, bands: int = 10, rate: float | None = None) -> Report:
    """The tables of one simulation.

    Args:
        outcome: of at least one examinee.
        bands: how many groups of equal size by true ability.
        rate: the maximum exposure rate, if the share of items above it is of interest.
    """
    rates, positions = exposure_rates(outcome)
    numbers, counts = np.unique(outcome.reasons, return_counts=True)
    return Report(
        measures=(*_accuracy(outcome), *_exposure(outcome, rates, rate), *_length(outcome)),
        bands=_bands(outcome, bands),
        rates=rates,
        positions=positions,
        reasons={REASONS[k].value: int(n) for k, n in zip(numbers, counts, strict=True)},
    )


def exposure_rates(outcome: Outcome) -> tuple[FloatArray, IntArray]:
    """Share of examinees who were given each active item, descending, and the items' positions."""
    given = np.bincount(outcome.shown[outcome.scored], minlength=len(outcome.active))
    active = np.flatnonzero(outcome.active)
    order = np.argsort(-given[active], kind="stable")
    return given[active][order] / len(outcome.theta), active[order]


def _mean(name: str, values: FloatArray, meaning: str) -> Measure:
    se = float(values.std(ddof=1)) / math.sqrt(len(values)) if len(values) > 1 else math.nan
    return Measure(name, float(values.mean()), se, meaning)


def _accuracy(outcome: Outcome) -> list[Measure]:
    error = outcome.estimates.theta - outcome.theta
    mse = _mean("mse", error**2, "")
    rmse = math.sqrt(mse.value)
    # The delta method: SE of a square root is SE / (2 root).
    rmse_se = mse.se / (2 * rmse) if rmse > 0 else math.nan
    inside = np.abs(error) <= _NORMAL_95 * outcome.estimates.se
    stated = math.sqrt(float((outcome.estimates.se**2).mean()))
    return [
        _mean("bias", error, "mean of estimate minus true ability"),
        Measure("rmse", rmse, rmse_se, "root mean square of estimate minus true ability"),
        _mean("mean_se", outcome.estimates.se, "mean standard error that the test states"),
        Measure("se_ratio", rmse / stated, rmse_se / stated, "rmse over the stated error; 1 is honest"),
        _mean("coverage_95", inside.astype(np.float64), "share of true abilities within 1.96 SE"),
        _mean("at_bound", outcome.estimates.at_bound.astype(np.float64), "share of estimates at a bound"),
    ]


def _exposure(outcome: Outcome, rates: FloatArray, rate: float | None) -> list[Measure]:
    n, nan = len(outcome.theta), math.nan
    highest = float(rates.max(initial=0.0))
    even = float(rates.mean())
    uneven = float(((rates - even) ** 2).sum() / even) if even > 0 else nan
    found = [
        Measure("max_rate", highest, math.sqrt(highest * (1 - highest) / n), "highest exposure rate"),
        Measure("bank_use", float((rates > 0).mean()), nan, "share of active items given at least once"),
        Measure("exposure_chi2", uneven, nan, "unevenness of exposure (Chang and Ying 1999); 0 is even"),
        Measure("overlap", overlap(outcome), nan, "share of a test that two examinees have in common"),
        _mean("readmitted", outcome.readmitted.astype(np.float64), "held-back items that quotas needed"),
    ]
    if rate is not None:
        above = float((rates > rate).mean())
        found.insert(1, Measure("above_rate", above, nan, "share of active items above the maximum rate"))
    return found


def overlap(outcome: Outcome) -> float:
    """Mean share of items that two examinees have in common, over all pairs; NaN for one examinee.

    From the exposure counts (Chen, Ankenmann and Spray 2003), with the mean test length for the length.
    """
    n = len(outcome.theta)
    given = np.bincount(outcome.shown[outcome.scored])
    length = float(outcome.lengths.mean())
    if n < 2 or length == 0:
        return math.nan
    return float((given * (given - 1.0)).sum() / (n * (n - 1.0)) / length)


def _length(outcome: Outcome) -> list[Measure]:
    lengths = outcome.lengths.astype(np.float64)
    return [
        _mean("mean_length", lengths, "scored items"),
        Measure("shortest", float(lengths.min()), math.nan, "scored items of the shortest test"),
        Measure("longest", float(lengths.max()), math.nan, "scored items of the longest test"),
    ]


def _bands(outcome: Outcome, wanted: int) -> tuple[Band, ...]:
    order = np.argsort(outcome.theta, kind="stable")
    found = []
    for rows in np.array_split(order, min(wanted, len(order))):
        theta, error = outcome.theta[rows], outcome.estimates.theta[rows] - outcome.theta[rows]
        found.append(
            Band(
                low=float(theta[0]),
                high=float(theta[-1]),
                examinees=len(rows),
                bias=float(error.mean()),
                rmse=math.sqrt(float((error**2).mean())),
                mean_se=float(outcome.estimates.se[rows].mean()),
                mean_length=float(outcome.lengths[rows].mean()),
            )
        )
    return tuple(found)
