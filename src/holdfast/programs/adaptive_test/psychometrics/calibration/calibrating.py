"""Calibrating: from responses and a plan to item parameters with standard errors."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray
from scipy.linalg import LinAlgError, cho_factor, cho_solve
from scipy.special import expit, logit

from holdfast.programs.adaptive_test.psychometrics.calibration.design import check_design
from holdfast.programs.adaptive_test.psychometrics.calibration.layout import Layout, Objective, layout_of
from holdfast.programs.adaptive_test.psychometrics.calibration.maximising import (
    WITHOUT_LIMIT,
    Maximum,
    maximise,
    newton_step,
)
from holdfast.programs.adaptive_test.psychometrics.calibration.plan import CalibrationPlan
from holdfast.programs.adaptive_test.psychometrics.calibration.quadrature import Quadrature, equally_spaced
from holdfast.programs.adaptive_test.psychometrics.calibration.responses import (
    ResponsePatterns,
    read_responses,
)
from holdfast.programs.adaptive_test.psychometrics.calibration.result import (
    Calibration,
    Convergence,
    GroupEstimate,
)

FloatArray = NDArray[np.float64]

QUADRATURE_SHIFT = 1e-4
"""A rule is fine enough when a finer one moves no direction by more standard errors than this."""
GUESSING_START = -1.1
FIRST_RULE = equally_spaced(71, 7.0)
MOST_NODES = 500
NO_GUESSING = 1e-4
"""A guessing probability below this is at its bound of 0: the data speak for a model without."""
STEEP = 10.0
"""A discrimination beyond this says that an item's answers are all but separated by ability."""


def calibrate(
    responses: ArrayLike,
    plan: CalibrationPlan | None = None,
    *,
    items: Sequence[str] | None = None,
    groups: Sequence[Any] | None = None,
    counts: ArrayLike | None = None,
) -> Calibration:
    """Estimate item parameters by marginal maximum likelihood.

    After Bock and Lieberman (1970) and Bock and Aitkin (1981); what the search is, `maximising` says. The
    reference population is normal with mean 0 and SD 1 unless the plan frees them; further groups have
    free means and SDs. Standard errors come from the observed information (with the curvature of the prior,
    where there is one). A search that did not converge is returned with ``convergence.converged`` false.

    Args:
        responses: persons by items, 0 or 1; NaN, -1 and masked entries are missing (at random).
        plan: the model, anchors and priors; none: the 2PL without anchors.
        items: names of the columns; none: ``1``, ``2`` ….
        groups: the group of each row; the first one seen is the reference.
        counts: how many persons each row stands for.

    Raises:
        InvalidInput: responses that are not responses, or from which the plan cannot be estimated (see
            `check_design`); ``details["item"]`` names the item.
    """
    plan = plan or CalibrationPlan()
    patterns = read_responses(responses, items=items, groups=groups, counts=counts)
    check_design(patterns, plan)
    layout = layout_of(patterns, plan)
    rule = plan.quadrature or FIRST_RULE
    objective, maximum, shift = _search(patterns, layout, rule, plan)
    return _report(patterns, plan, objective, maximum, shift)


def _search(
    patterns: ResponsePatterns, layout: Layout, rule: Quadrature, plan: CalibrationPlan
) -> tuple[Objective, Maximum, float | None]:
    """The maximum under the plan's rule, or under one that is fine enough."""
    objective = Objective(patterns, layout, rule)
    maximum = _maximise(objective, _start(patterns, layout), plan)
    if plan.quadrature is not None:
        return objective, maximum, None
    shift = None
    while maximum.converged:
        finer = Objective(patterns, layout, objective.rule.finer())
        shift = _shift(finer, maximum)
        if shift <= QUADRATURE_SHIFT or len(finer.rule.nodes) > MOST_NODES:
            break
        objective, maximum = finer, _maximise(finer, maximum.free, plan)
    return objective, maximum, shift


def _maximise(objective: Objective, start: FloatArray, plan: CalibrationPlan) -> Maximum:
    return maximise(objective, start, tolerance=plan.tolerance, most_steps=plan.maximum_iterations)


def _shift(finer: Objective, maximum: Maximum) -> float:
    """How far a finer rule would move the maximum, in standard errors; its curvature is nearly the same."""
    slope = finer.expectation(maximum.free)
    return newton_step(type(slope)(slope.value, slope.gradient, maximum.slope.information))[1]


def _start(patterns: ResponsePatterns, layout: Layout) -> FloatArray:
    """Slopes of 1, intercepts from the shares of right answers, guessing at 0.25, groups standard."""
    n = layout.items
    right, answers = patterns.right, patterns.right + patterns.wrong
    share = np.where(answers > 0, (right + 0.5) / (answers + 1), 0.5)
    guessed = np.where(layout.guessing, expit(GUESSING_START), 0.0)
    share = np.clip((share - guessed) / (1 - guessed), 0.02, 0.98)
    target = np.zeros(len(layout.fixed))
    target[:n] = 1.0
    target[n : 2 * n] = 1.2 * logit(share)
    target[2 * n : 3 * n] = GUESSING_START
    moved = target - np.where(np.isfinite(layout.fixed), layout.fixed, 0.0)
    spread = layout.spread
    return np.asarray((spread.T @ moved) / (spread.T @ np.ones(len(moved))), dtype=np.float64)


def _report(
    patterns: ResponsePatterns,
    plan: CalibrationPlan,
    objective: Objective,
    maximum: Maximum,
    shift: float | None,
) -> Calibration:
    layout = objective.layout
    full = layout.full(maximum.free)
    natural, covariance = _natural(full, layout, _inverse(maximum.slope.information))
    n = layout.items
    errors = np.sqrt(np.diag(covariance))
    blocks = covariance[: 3 * n, : 3 * n].reshape(3, n, 3, n)
    answers = (patterns.right + patterns.wrong).astype(np.int64)
    convergence = _convergence(objective, maximum, shift)
    return Calibration(
        model=plan.model,
        items=patterns.items,
        discrimination=natural[:n],
        difficulty=natural[n : 2 * n],
        guessing=natural[2 * n : 3 * n],
        discrimination_se=errors[:n],
        difficulty_se=errors[n : 2 * n],
        guessing_se=errors[2 * n : 3 * n],
        covariances=np.einsum("inkn->nik", blocks),
        covariance=covariance,
        anchored=np.array([name in plan.anchors for name in patterns.items]),
        answers=answers,
        groups=_groups(patterns, natural[3 * n :], errors[3 * n :]),
        log_likelihood=objective.log_likelihood(maximum.free),
        log_posterior=maximum.slope.value,
        parameters=len(maximum.free),
        persons=int(patterns.persons),
        patterns=patterns.patterns,
        without_answers=int(patterns.without_answers),
        convergence=convergence,
        warnings=_warnings(
            patterns.items,
            natural[:n],
            np.where(layout.guessing, natural[2 * n : 3 * n], np.nan),
            convergence,
            int(patterns.without_answers),
        ),
    )


def _inverse(information: FloatArray) -> FloatArray:
    """The covariance of the free parameters; NaN where the information is not positive definite."""
    if len(information) == 0:
        return information
    try:
        factor = cho_factor(information)
    except LinAlgError:
        return np.full_like(information, np.nan)
    return np.asarray(cho_solve(factor, np.eye(len(information))), dtype=np.float64)


def _natural(full: FloatArray, layout: Layout, covariance: FloatArray) -> tuple[FloatArray, FloatArray]:
    """a, b, c, means and SDs, with their covariance by the delta method."""
    n, groups = layout.items, layout.groups
    a, d, c = full[:n], full[n : 2 * n], expit(full[2 * n : 3 * n])
    sd = np.exp(full[3 * n + groups :])
    item = np.arange(n)
    change = np.eye(len(full))
    change[n + item, item] = d / a**2
    change[n + item, n + item] = -1 / a
    change[2 * n + item, 2 * n + item] = c * (1 - c)
    at = 3 * n + groups + np.arange(groups)
    change[at, at] = sd
    natural = np.concatenate([a, -d / a, c, full[3 * n : 3 * n + groups], sd])
    moved = change @ layout.spread
    return natural, np.asarray(moved @ covariance @ moved.T, dtype=np.float64)


def _groups(patterns: ResponsePatterns, values: FloatArray, errors: FloatArray) -> tuple[GroupEstimate, ...]:
    count = len(patterns.groups)
    return tuple(
        GroupEstimate(
            group.name,
            int(group.persons),
            mean=float(values[index]),
            sd=float(values[count + index]),
            mean_se=float(errors[index]),
            sd_se=float(errors[count + index]),
        )
        for index, group in enumerate(patterns.groups)
    )


def _convergence(objective: Objective, maximum: Maximum, shift: float | None) -> Convergence:
    steepest = np.abs(objective.layout.slopes(maximum.free))
    coarse = shift is not None and shift > QUADRATURE_SHIFT
    if steepest.max() > WITHOUT_LIMIT:
        name = objective.responses.items[int(np.argmax(steepest))]
        message = f"not converged: the discrimination of item {name} grows without limit"
    elif maximum.converged and coarse:
        message = f"not converged: no rule of at most {MOST_NODES} nodes is fine enough"
    elif maximum.converged:
        message = "converged"
    elif np.isfinite(maximum.distance):
        message = f"not converged: still {maximum.distance:.2g} standard errors from the maximum"
    else:
        message = "not converged: the information is not positive definite, a parameter is not identified"
    return Convergence(
        converged=maximum.converged and not coarse,
        distance=maximum.distance,
        gradient=float(np.abs(maximum.slope.gradient).max(initial=0.0)),
        em_steps=maximum.em_steps,
        newton_steps=maximum.newton_steps,
        quadrature=objective.rule.rule,
        quadrature_shift=shift,
        message=message,
    )


def _warnings(
    items: tuple[str, ...], slopes: FloatArray, guessing: FloatArray, convergence: Convergence, left_out: int
) -> tuple[str, ...]:
    """What to know before use; `guessing` is NaN where it is not estimated."""
    found = [] if convergence.converged else [convergence.message]
    for name, slope, chance in zip(items, slopes, guessing, strict=True):
        if slope <= 0:
            found.append(f"item {name} has the discrimination {slope:.3f}: it does not rise with ability")
        elif slope > STEEP:
            found.append(f"item {name} has the discrimination {slope:.1f}: its answers are all but separated")
        if chance < NO_GUESSING:
            found.append(f"item {name} has no guessing: c is at its bound of 0")
    if left_out:
        found.append(f"{left_out} persons answered nothing and are left out")
    return tuple(found)
