"""Differential item functioning by the likelihood ratio of two calibrations; missing answers are allowed."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray
from scipy.stats import chi2

from holdfast.kit.errors import InvalidInput
from holdfast.programs.adaptive_test.psychometrics.calibration import Calibration, CalibrationPlan, calibrate
from holdfast.programs.adaptive_test.psychometrics.calibration.responses import MISSING
from holdfast.programs.adaptive_test.psychometrics.fit.differential import BoolArray, read_groups


@dataclass(frozen=True, slots=True)
class LikelihoodRatioDif:
    """Two calibrations: the item with one curve for both groups, and with two.

    Attributes:
        item: its name.
        statistic: twice the difference of log-likelihoods.
        degrees: of freedom.
        p: of that.
        difficulty_difference: focal less reference, on the reference group's scale.
        difficulty_difference_se: of that.
    """

    item: str
    statistic: float
    degrees: int
    p: float
    difficulty_difference: float
    difficulty_difference_se: float


def likelihood_ratio_dif(
    responses: ArrayLike,
    focal: ArrayLike,
    *,
    studied: Sequence[str],
    items: Sequence[str] | None = None,
    plan: CalibrationPlan | None = None,
) -> tuple[LikelihoodRatioDif, ...]:
    """Test chosen items by two calibrations each (Thissen, Steinberg and Wainer 1993).

    All other items hold the groups on one scale; the focal group's mean and SD are free. Missing answers
    are allowed.
    """
    codes, names, group = read_groups(responses, focal, items)
    order = np.argsort(group, kind="stable")  # the reference group first
    codes, group = codes[order], group[order]
    labels: list[Any] = np.where(group, "focal", "reference").tolist()
    plan = plan or CalibrationPlan()
    together = calibrate(codes, plan, items=names, groups=labels)
    return tuple(_split(codes, group, name, names, plan, together) for name in studied)


def _split(
    codes: NDArray[np.int8],
    focal: BoolArray,
    name: str,
    names: tuple[str, ...],
    plan: CalibrationPlan,
    together: Calibration,
) -> LikelihoodRatioDif:
    """The studied item as two: one that only the reference group has, one that only the focal group has."""
    if name not in names or name in plan.anchors:
        raise InvalidInput(f"item {name} is not a free item", field="studied", item=name)
    item, last = names.index(name), len(names)
    wide = np.column_stack([codes, np.where(focal, codes[:, item], MISSING)])
    wide[focal, item] = MISSING
    labels = np.where(focal, "focal", "reference").tolist()
    twin = f"{name} (focal group)"
    apart = calibrate(wide, plan, items=[*names, twin], groups=labels)
    own = apart.parameters - together.parameters
    place = len(apart.items)  # difficulties follow the discriminations in the covariance
    pair = apart.covariance[np.ix_([place + item, place + last], [place + item, place + last])]
    statistic = max(2 * (apart.log_likelihood - together.log_likelihood), 0.0)
    return LikelihoodRatioDif(
        name,
        statistic,
        own,
        float(chi2.sf(statistic, own)),
        float(apart.difficulty[last] - apart.difficulty[item]),
        float(np.sqrt(pair[0, 0] + pair[1, 1] - 2 * pair[0, 1])),
    )
