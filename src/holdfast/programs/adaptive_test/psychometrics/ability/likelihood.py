"""Global maxima of the likelihood, of the posterior density, and of Warm's weighted likelihood.

The likelihood of three- and four-parameter items can have several maxima, so a Newton step from somewhere
may stop at the wrong one. Here the slope of the objective is scanned on a fine grid over the whole scale,
every descent through zero is refined, and the ends of the scale stand as candidates too; the candidate
with the highest objective wins, of equal ones the lowest. A global maximiser with that rule cannot rise
when an answer turns from right to wrong, since the objective then changes by log (1 - P) - log P, which
falls with theta.

Warm's estimator (Psychometrika 54, 1989) is usually given as the zero of l'(theta) + J / (2 I). With
guessing there can be several zeros, so it is defined here as the global maximiser of l(theta) + the
integral of J / (2 I): with one and two parameters this is l + log(I) / 2, the usual estimator.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from holdfast.programs.adaptive_test.psychometrics import curves
from holdfast.programs.adaptive_test.psychometrics.ability.estimate import (
    BOUND,
    WIDEST_ERROR,
    Estimates,
    Method,
    Prior,
)
from holdfast.programs.adaptive_test.psychometrics.curves import FloatArray
from holdfast.programs.adaptive_test.psychometrics.models import BoolArray, IntArray

_SPACING = 0.05
_STEEPEST = 10.0
"""The grid of `_SPACING` sees every turn of curves up to this slope; steeper ones get a finer grid."""

_FINEST = 4801
_TOLERANCE = 1e-13
_POINTS, _WEIGHTS = np.polynomial.legendre.leggauss(64)


@dataclass(frozen=True, slots=True)
class Answers:
    """Answers of N persons to up to L items each, as arrays (N, L) of the items' numbers.

    `counts` is 0 where a person has no such answer; the numbers there are any valid ones.
    """

    slope: FloatArray
    intercept: FloatArray
    lower: FloatArray
    upper: FloatArray
    right: BoolArray
    counts: BoolArray

    def some(self, rows: IntArray) -> Answers:
        """Those of some persons, in the order of `rows`, which may repeat."""
        return Answers(*(getattr(self, name)[rows] for name in self.__dataclass_fields__))


@dataclass(frozen=True, slots=True)
class _Sums:
    """Sums over a person's answers at G abilities: arrays (N, G)."""

    log_likelihood: FloatArray
    slope: FloatArray
    information: FloatArray
    bend: FloatArray


_AT_ONCE = 200_000
"""Persons x answers x abilities that are computed in one go; beyond it, answer by answer, to save memory."""


def _sums(answers: Answers, theta: FloatArray) -> _Sums:
    """At abilities (N, G) or (1, G)."""
    n, length = answers.right.shape
    if n * length * theta.shape[1] <= _AT_ONCE:
        return _Sums(*(part.sum(axis=1) for part in _parts(answers, slice(None), theta)))
    found = [np.zeros((n, theta.shape[1])) for _ in range(4)]
    for k in range(length):
        for total, part in zip(found, _parts(answers, slice(k, k + 1), theta), strict=True):
            np.add(total, part[:, 0], out=total)
    return _Sums(*found)


def _parts(answers: Answers, which: slice, theta: FloatArray) -> tuple[FloatArray, ...]:
    """What each answer adds: arrays (N, answers, G)."""
    a, k, c, d = (
        column[:, which, np.newaxis]
        for column in (answers.slope, answers.intercept, answers.lower, answers.upper)
    )
    right, counts = answers.right[:, which, np.newaxis], answers.counts[:, which, np.newaxis]
    found = curves.terms(a, c, d, a * theta[:, np.newaxis, :] + k)
    likelihood = np.where(right, found.log_right, found.log_wrong) * counts
    information = found.information * counts
    slope = np.where(right, found.rise, -found.fall) * counts
    return likelihood, slope, information, found.bend * information


def _warm(sums: _Sums) -> FloatArray:
    """J / (2 I), with J = sum P' P'' / (P (1 - P)) = sum of information times bend; 0 where I is 0."""
    with np.errstate(divide="ignore", invalid="ignore"):
        ratio = np.where(sums.information > 0.0, 0.5 * sums.bend / sums.information, 0.0)
    found: FloatArray = ratio
    return found


def _objective_slope(method: Method, prior: Prior, sums: _Sums, theta: FloatArray) -> FloatArray:
    if method is Method.MAP:
        return sums.slope - (theta - prior.mean) / prior.sd**2
    return sums.slope + _warm(sums) if method is Method.WLE else sums.slope


def _scan(answers: Answers) -> FloatArray:
    steepest = float((answers.slope * answers.counts).max(initial=0.0))
    spacing = _SPACING * min(1.0, _STEEPEST / max(steepest, _STEEPEST))
    return np.linspace(-BOUND, BOUND, min(_FINEST, 2 * round(BOUND / spacing) + 1))[np.newaxis]


def _refine(answers: Answers, method: Method, prior: Prior, low: FloatArray, high: FloatArray) -> FloatArray:
    """The zero in each bracket: regula falsi (Illinois), one bracket for each row of answers."""

    def slope_at(theta: FloatArray) -> FloatArray:
        column = theta[:, np.newaxis]
        return _objective_slope(method, prior, _sums(answers, column), column)[:, 0]

    at_low, at_high, last = slope_at(low), slope_at(high), np.zeros(len(low))
    here = low
    for _ in range(60):
        before = here
        with np.errstate(divide="ignore", invalid="ignore"):
            step = at_high * (high - low) / (at_high - at_low)
        here = np.clip(high - np.where(np.isfinite(step), step, 0.0), low, high)
        if np.abs(here - before).max(initial=0.0) <= _TOLERANCE:
            break
        found = slope_at(here)
        rising = found > 0.0
        low, high = np.where(rising, here, low), np.where(rising, high, here)
        # The end that did not move for two rounds is halved, or the bracket would close from one side only.
        at_high = np.where(rising, np.where(last > 0, at_high / 2, at_high), found)
        at_low = np.where(rising, found, np.where(last < 0, at_low / 2, at_low))
        last = np.where(rising, 1.0, -1.0)
    return here


@dataclass(frozen=True, slots=True)
class _Candidates:
    """Local maxima: whose they are (ascending) and where (ascending for each person)."""

    person: IntArray
    theta: FloatArray


def _candidates(answers: Answers, method: Method, prior: Prior) -> _Candidates:
    grid = _scan(answers)
    slope = _objective_slope(method, prior, _sums(answers, grid), grid)
    person, cell = np.nonzero((slope[:, :-1] > 0.0) & (slope[:, 1:] <= 0.0))
    inner = _refine(answers.some(person), method, prior, grid[0, cell], grid[0, cell + 1])
    low_end, high_end = np.flatnonzero(slope[:, 0] <= 0.0), np.flatnonzero(slope[:, -1] > 0.0)
    persons = np.concatenate([low_end, person, high_end])
    ends = np.full(len(low_end), -BOUND), np.full(len(high_end), BOUND)
    theta = np.concatenate([ends[0], inner, ends[1]])
    order = np.lexsort((theta, persons))
    return _Candidates(persons[order], theta[order])


def _heights(answers: Answers, method: Method, prior: Prior, found: _Candidates) -> FloatArray:
    """The objective at each candidate, up to a constant for each person."""
    theta = found.theta[:, np.newaxis]
    height = _sums(answers.some(found.person), theta).log_likelihood[:, 0]
    if method is Method.MAP:
        return height - 0.5 * ((found.theta - prior.mean) / prior.sd) ** 2
    if method is Method.WLE:
        return height + _warm_integral(answers.some(found.person), found.theta)
    return height


def _warm_integral(answers: Answers, theta: FloatArray) -> FloatArray:
    """The integral of J / (2 I) from -6 to `theta` (rows,), by Gauss and Legendre in cells of about 1."""
    edges = np.linspace(-BOUND, theta, 13, axis=1)
    total = np.zeros(len(theta))
    for left, right in zip(edges.T[:-1], edges.T[1:], strict=True):
        half = (right - left)[:, np.newaxis] / 2
        points = left[:, np.newaxis] + half * (1.0 + _POINTS)
        total += (_warm(_sums(answers, points)) * half) @ _WEIGHTS
    return total


def _best(answers: Answers, method: Method, prior: Prior, found: _Candidates) -> FloatArray:
    """For each person the highest candidate; of equal ones the lowest ability."""
    first = np.searchsorted(found.person, np.arange(len(answers.right)))
    theta = found.theta[first]
    several = np.flatnonzero(np.bincount(found.person, minlength=len(theta)) > 1)
    if several.size:
        among = np.isin(found.person, several)
        rivals = _Candidates(found.person[among], found.theta[among])
        height = _heights(answers, method, prior, rivals)
        for person in several:
            own = rivals.person == person
            theta[person] = rivals.theta[own][np.argmax(height[own])]
    return theta


def _one_sided(answers: Answers) -> tuple[BoolArray, BoolArray]:
    """Who has no right answer, and who has no wrong one."""
    right: BoolArray = answers.right & answers.counts
    wrong: BoolArray = ~answers.right & answers.counts
    return np.logical_not(right.any(axis=1)), np.logical_not(wrong.any(axis=1))


def maximise(answers: Answers, method: Method, prior: Prior) -> Estimates:
    """MAP, MLE or WLE of N persons, on -6 to 6.

    Without an answer MLE and WLE are the prior's mean, said to be at a bound. The standard error is
    1 / sqrt(I) at the estimate, with the prior's precision added for MAP, at most 12.
    """
    theta = _best(answers, method, prior, _candidates(answers, method, prior))
    if method is Method.MLE:
        none_right, none_wrong = _one_sided(answers)
        # It climbs to the end; far out it is flat in double precision, so this is said, not found.
        theta = np.where(none_wrong, BOUND, np.where(none_right, -BOUND, theta))
    empty = ~answers.counts.any(axis=1)
    at_bound = np.abs(theta) >= BOUND
    if method is not Method.MAP:
        theta, at_bound = np.where(empty, prior.mean, theta), at_bound | empty
    information = _sums(answers, theta[:, np.newaxis]).information[:, 0]
    if method is Method.MAP:
        information = information + prior.sd**-2
    with np.errstate(divide="ignore"):
        error = np.minimum(1.0 / np.sqrt(information), WIDEST_ERROR)
    return Estimates(theta, error, at_bound)
