"""The plan of a calibration: which model, what is fixed, what is assumed."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum

import numpy as np

from holdfast.kit.errors import InvalidInput
from holdfast.programs.adaptive_test.psychometrics.calibration.quadrature import Quadrature


class CalibrationModel(StrEnum):
    """The logistic models that are estimated; all with D = 1."""

    RASCH = "Rasch"
    """Slope 1 for every item; the spread of the population is free."""
    ONE = "1PL"
    """One slope for all items, estimated; the population is standard normal."""
    TWO = "2PL"
    THREE = "3PL"


@dataclass(frozen=True, slots=True)
class NormalPrior:
    """A normal prior. Default: on logit c, centred at c = 0.25, because c is hardly identified without."""

    mean: float = -1.1
    sd: float = 0.5

    def __post_init__(self) -> None:
        """Refuse what is not a distribution."""
        if not (np.isfinite(self.mean) and np.isfinite(self.sd) and self.sd > 0):
            raise InvalidInput("a prior needs a finite mean and a positive SD", field="prior")


@dataclass(frozen=True, slots=True)
class FixedItem:
    """Parameters of an item that keeps them: P = c + (1 - c) / (1 + exp(-a (theta - b)))."""

    discrimination: float
    difficulty: float
    guessing: float = 0.0

    def __post_init__(self) -> None:
        """Refuse parameters that fix no item."""
        if not (np.isfinite(self.discrimination) and np.isfinite(self.difficulty)):
            raise InvalidInput("an anchor needs finite parameters", field="anchors")
        if self.discrimination <= 0:
            raise InvalidInput("an anchor needs a positive discrimination", field="anchors")
        if not 0 <= self.guessing < 1:
            raise InvalidInput("an anchor's guessing must be at least 0 and below 1", field="anchors")


@dataclass(frozen=True, slots=True, kw_only=True)
class CalibrationPlan:
    """What is estimated, and how.

    Attributes:
        model: the model of every item that is not anchored.
        anchors: items by name that keep their parameters; with one, the scale is theirs and the mean and SD
            of every group are free.
        guessing_prior: on logit c of each free item of the 3PL; none leaves c to the data alone.
        slope_prior: on the discrimination of each free item of the 2PL and 3PL; none by default, of use where
            few answers leave a discrimination without limit.
        quadrature: a rule that is kept, or none: 71 equally spaced nodes on ±7 SD, made finer until a finer
            rule would move no parameter by more than a ten-thousandth of its standard error.
        free_mean: estimate the first group's mean; none: only with anchors.
        free_sd: estimate the first group's SD; none: with anchors, and for the Rasch model.
        minimum_responses: a free item with fewer answers is refused.
        equivalent_groups: sets of items that no person links may be calibrated together where the same
            group answered both, because its persons were assigned to them at random.
        tolerance: the distance to the maximum, in standard errors, at which the search ends.
        maximum_iterations: of the search as a whole.
    """

    model: CalibrationModel = CalibrationModel.TWO
    anchors: Mapping[str, FixedItem] = field(default_factory=dict)
    guessing_prior: NormalPrior | None = field(default_factory=NormalPrior)
    slope_prior: NormalPrior | None = None
    quadrature: Quadrature | None = None
    free_mean: bool | None = None
    free_sd: bool | None = None
    minimum_responses: int = 30
    equivalent_groups: bool = False
    tolerance: float = 1e-6
    maximum_iterations: int = 300

    def __post_init__(self) -> None:
        """Refuse a plan that contradicts itself."""
        object.__setattr__(self, "model", _model(self.model))
        if self.minimum_responses < 2:
            raise InvalidInput("must be at least 2", field="minimum_responses")
        if not 0 < self.tolerance < 1:
            raise InvalidInput("must be between 0 and 1", field="tolerance")
        if self.maximum_iterations < 1:
            raise InvalidInput("must be at least 1", field="maximum_iterations")
        self._check_scale()
        self._check_anchor_slopes()

    def _check_scale(self) -> None:
        if self.anchors:
            return
        if self.free_mean:
            raise InvalidInput("the mean can be free only with anchors", field="free_mean")
        if self.free_sd and self.model is not CalibrationModel.RASCH:
            raise InvalidInput("the SD can be free only with anchors or the Rasch model", field="free_sd")

    def _check_anchor_slopes(self) -> None:
        slopes = {item.discrimination for item in self.anchors.values()}
        if self.model is CalibrationModel.ONE and len(slopes) > 1:
            raise InvalidInput("1PL anchors must share one discrimination", field="anchors")
        if self.model is CalibrationModel.RASCH and slopes - {1.0}:
            raise InvalidInput("Rasch anchors must have discrimination 1", field="anchors")

    @property
    def mean_is_free(self) -> bool:
        """Whether the first group's mean is estimated."""
        return bool(self.anchors) if self.free_mean is None else self.free_mean

    @property
    def sd_is_free(self) -> bool:
        """Whether the first group's SD is estimated."""
        if self.free_sd is not None:
            return self.free_sd
        return bool(self.anchors) or self.model is CalibrationModel.RASCH


def _model(name: str) -> CalibrationModel:
    try:
        return CalibrationModel(name)
    except ValueError:
        known = ", ".join(CalibrationModel)
        raise InvalidInput(f"must be one of {known}", field="model") from None
