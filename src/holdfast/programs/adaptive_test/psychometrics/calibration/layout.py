"""Layout: which parameters are free, and the objective as a function of those.

The full vector is slopes, intercepts and guessing logits of all items on the common scale, then the means
and the log SDs of all groups. Free parameters enter it linearly (one common slope is one parameter that
moves every slope; an anchored item has none), so derivatives pass through one matrix.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy.sparse import csr_array

from holdfast.programs.adaptive_test.psychometrics.calibration.information import (
    complete_information,
    observed_information,
)
from holdfast.programs.adaptive_test.psychometrics.calibration.likelihood import (
    Curves,
    StandardItems,
    expected_counts,
    gradient,
    log_likelihood,
)
from holdfast.programs.adaptive_test.psychometrics.calibration.plan import (
    CalibrationModel,
    CalibrationPlan,
)
from holdfast.programs.adaptive_test.psychometrics.calibration.quadrature import Quadrature
from holdfast.programs.adaptive_test.psychometrics.calibration.responses import ResponsePatterns

FloatArray = NDArray[np.float64]
NO_GUESSING = -np.inf


@dataclass(frozen=True, slots=True)
class Layout:
    """The free parameters of a calibration within the full vector.

    Attributes:
        items: the number of items.
        groups: the number of groups.
        fixed: the full vector at free parameters of zero.
        spread: full by free, so that full = fixed + spread @ free.
        guessing: which items' guessing logits are free.
        priors: means and precisions of independent normal priors on the full vector; precision 0 is none.
    """

    items: int
    groups: int
    fixed: FloatArray
    spread: csr_array
    guessing: NDArray[np.bool_]
    priors: tuple[FloatArray, FloatArray]

    def full(self, free: FloatArray) -> FloatArray:
        """The full vector of a free one."""
        moved = self.spread @ free
        return np.where(np.isfinite(self.fixed), self.fixed + moved, self.fixed)

    def slopes(self, free: FloatArray) -> FloatArray:
        """The discriminations, in units of the most spread group."""
        full = self.full(free)
        widest = np.exp(full[3 * self.items + self.groups :].max())
        return np.asarray(full[: self.items] * widest, dtype=np.float64)


def layout_of(responses: ResponsePatterns, plan: CalibrationPlan) -> Layout:
    """Lay out the parameters of a plan for these responses."""
    items, groups = len(responses.items), len(responses.groups)
    free_item = np.array([name not in plan.anchors for name in responses.items])
    guessing = free_item & (plan.model is CalibrationModel.THREE)
    fixed = _fixed(responses, plan, guessing)
    columns = [
        *_slope_columns(plan, free_item),
        *_unit_columns(items + np.flatnonzero(free_item)),
        *_unit_columns(2 * items + np.flatnonzero(guessing)),
        *_unit_columns(3 * items + np.flatnonzero(_free_groups(groups, first=plan.mean_is_free))),
        *_unit_columns(3 * items + groups + np.flatnonzero(_free_groups(groups, first=plan.sd_is_free))),
    ]
    rows = np.concatenate([np.empty(0, dtype=np.intp), *columns])
    column = np.repeat(np.arange(len(columns)), [len(found) for found in columns])
    spread = csr_array((np.ones(len(rows)), (rows, column)), shape=(len(fixed), len(columns)))
    return Layout(items, groups, fixed, spread, guessing, _priors(plan, free_item, guessing, len(fixed)))


def _priors(
    plan: CalibrationPlan, free_item: NDArray[np.bool_], guessing: NDArray[np.bool_], size: int
) -> tuple[FloatArray, FloatArray]:
    items = len(free_item)
    mean, precision = np.zeros(size), np.zeros(size)
    own_slopes = free_item & (plan.model in {CalibrationModel.TWO, CalibrationModel.THREE})
    for prior, at in (
        (plan.slope_prior, np.flatnonzero(own_slopes)),
        (plan.guessing_prior, 2 * items + np.flatnonzero(guessing)),
    ):
        if prior is not None:
            mean[at], precision[at] = prior.mean, prior.sd**-2.0
    return mean, precision


def _fixed(responses: ResponsePatterns, plan: CalibrationPlan, guessing: NDArray[np.bool_]) -> FloatArray:
    items, groups = len(responses.items), len(responses.groups)
    fixed = np.zeros(3 * items + 2 * groups)
    fixed[2 * items : 3 * items] = np.where(guessing, 0.0, NO_GUESSING)
    anchors = list(plan.anchors.values())
    if plan.model is CalibrationModel.RASCH:
        fixed[:items] = 1.0
    elif plan.model is CalibrationModel.ONE and anchors:
        fixed[:items] = anchors[0].discrimination
    for name, anchor in plan.anchors.items():
        item = responses.items.index(name)
        fixed[item] = anchor.discrimination
        fixed[items + item] = -anchor.discrimination * anchor.difficulty
        c = anchor.guessing
        fixed[2 * items + item] = np.log(c / (1 - c)) if c > 0 else NO_GUESSING
    return fixed


def _slope_columns(plan: CalibrationPlan, free_item: NDArray[np.bool_]) -> list[NDArray[np.intp]]:
    rows = np.flatnonzero(free_item)
    if plan.model is CalibrationModel.ONE:
        return [] if plan.anchors else [rows]
    return [] if plan.model is CalibrationModel.RASCH else _unit_columns(rows)


def _unit_columns(rows: NDArray[np.intp]) -> list[NDArray[np.intp]]:
    return [np.array([row]) for row in rows]


def _free_groups(groups: int, *, first: bool) -> NDArray[np.bool_]:
    free = np.ones(groups, dtype=bool)
    free[0] = first
    return free


@dataclass(frozen=True, slots=True)
class Slope:
    """The objective at a point, with its gradient and one kind of information, all in free parameters."""

    value: float
    gradient: FloatArray
    information: FloatArray


@dataclass(frozen=True, slots=True)
class Objective:
    """The log posterior of free parameters (the log-likelihood where there is no prior)."""

    responses: ResponsePatterns
    layout: Layout
    rule: Quadrature

    def value(self, free: FloatArray) -> float:
        """The log posterior."""
        return self.log_likelihood(free) + self._log_prior(free)

    def log_likelihood(self, free: FloatArray) -> float:
        """The marginal log-likelihood."""
        full = self.layout.full(free)
        return sum(
            log_likelihood(patterns, self._standard(full, group), self.rule)
            for group, patterns in enumerate(self.responses.groups)
        )

    def expectation(self, free: FloatArray) -> Slope:
        """Value, gradient and the information of the complete data: one step of EM."""
        return self._slope(free, observed=False)

    def curvature(self, free: FloatArray) -> Slope:
        """Value, gradient and the observed information."""
        return self._slope(free, observed=True)

    def _slope(self, free: FloatArray, *, observed: bool) -> Slope:
        layout, full = self.layout, self.layout.full(free)
        size = len(full)
        value, slope, information = self._log_prior(free), np.zeros(size), np.zeros((size, size))
        for group, patterns in enumerate(self.responses.groups):
            curves = Curves.of(self._standard(full, group), self.rule.nodes)
            expected = expected_counts(patterns, curves, self.rule)
            inner = gradient(expected, curves, self.rule.nodes)
            chain = self._chain(full, group)
            value += expected.log_likelihood
            slope += chain.T @ inner
            if observed:
                matrix = observed_information(patterns, expected, curves, self.rule)
                information -= self._bend(full, group, inner)
            else:
                matrix = complete_information(expected, curves, self.rule.nodes)
            information += chain.T @ matrix @ chain
        self._add_prior(full, slope, information)
        return Slope(value, layout.spread.T @ slope, layout.spread.T @ information @ layout.spread)

    def _standard(self, full: FloatArray, group: int) -> StandardItems:
        """The items in a group's standard metric: a sigma, d + a mu."""
        n = self.layout.items
        slope, intercept, guessing = full[:n], full[n : 2 * n], full[2 * n : 3 * n]
        mean, sd = self._population(full, group)
        return StandardItems(slope * sd, intercept + slope * mean, guessing)

    def _population(self, full: FloatArray, group: int) -> tuple[float, float]:
        n, groups = self.layout.items, self.layout.groups
        return float(full[3 * n + group]), float(np.exp(full[3 * n + groups + group]))

    def _chain(self, full: FloatArray, group: int) -> csr_array:
        """Derivatives of the standard parameters by the full ones, (3 items) x full."""
        n, groups = self.layout.items, self.layout.groups
        mean, sd = self._population(full, group)
        slope, item, ones = full[:n], np.arange(n), np.ones(n)
        mean_at, sd_at = np.full(n, 3 * n + group), np.full(n, 3 * n + groups + group)
        parts = [
            (item, item, sd * ones),
            (item, sd_at, sd * slope),
            (n + item, n + item, ones),
            (n + item, item, mean * ones),
            (n + item, mean_at, slope),
            (2 * n + item, 2 * n + item, ones),
        ]
        rows, columns, values = (np.concatenate(column) for column in zip(*parts, strict=True))
        return csr_array((values, (rows, columns)), shape=(3 * n, len(full)))

    def _bend(self, full: FloatArray, group: int, inner: FloatArray) -> FloatArray:
        """What the second derivatives of the standard parameters add to the Hessian."""
        n, groups = self.layout.items, self.layout.groups
        _, sd = self._population(full, group)
        item, mean_at, sd_at = np.arange(n), 3 * n + group, 3 * n + groups + group
        bend = np.zeros((len(full), len(full)))
        bend[item, sd_at] = bend[sd_at, item] = sd * inner[:n]
        bend[item, mean_at] = bend[mean_at, item] = inner[n : 2 * n]
        bend[sd_at, sd_at] = sd * (full[:n] @ inner[:n])
        return bend

    def _log_prior(self, free: FloatArray) -> float:
        mean, precision = self.layout.priors
        held = precision > 0
        scaled = (self.layout.full(free)[held] - mean[held]) ** 2 * precision[held]
        return float(-0.5 * np.sum(scaled - np.log(precision[held]) + np.log(2 * np.pi)))

    def _add_prior(self, full: FloatArray, slope: FloatArray, information: FloatArray) -> None:
        mean, precision = self.layout.priors
        held = np.flatnonzero(precision > 0)
        slope[held] -= (full[held] - mean[held]) * precision[held]
        information[held, held] += precision[held]
