"""What a calibration found: parameters with standard errors, and how it was found."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from holdfast.kit.errors import InvalidInput
from holdfast.programs.adaptive_test.psychometrics.calibration.plan import CalibrationModel
from holdfast.programs.adaptive_test.psychometrics.models import ItemParameters

FloatArray = NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class Convergence:
    """How the search ended.

    Attributes:
        converged: the distance is within the tolerance and the information is positive definite.
        distance: from the maximum of the likelihood, in standard errors of the direction that is furthest.
        gradient: the largest absolute component at the end.
        em_steps: steps of EM.
        newton_steps: steps of Newton's method.
        quadrature: the rule that was used.
        quadrature_shift: how far, in standard errors, a finer rule would move the parameters; none where the
            plan kept a rule.
        message: in words.
    """

    converged: bool
    distance: float
    gradient: float
    em_steps: int
    newton_steps: int
    quadrature: str
    quadrature_shift: float | None
    message: str


@dataclass(frozen=True, slots=True)
class GroupEstimate:
    """The population of a group; a fixed value has the standard error 0."""

    name: str
    persons: int
    mean: float
    sd: float
    mean_se: float
    sd_se: float


@dataclass(frozen=True, slots=True, eq=False)
class Calibration:
    """The parameters of every item on one scale (logistic, D = 1), with what is known of their error.

    Attributes:
        model: of the free items.
        items: names; all arrays are in this order.
        discrimination: a; negative where the item works against the test.
        difficulty: b, in a (theta - b).
        guessing: c; 0 in models without.
        discrimination_se: standard error of a; 0 where fixed; NaN where there is none.
        difficulty_se: standard error of b.
        guessing_se: standard error of c.
        covariances: of (a, b, c) of each item, items x 3 x 3.
        covariance: of all a, all b, all c, the groups' means and the groups' SDs, in blocks of that order.
        anchored: which items kept given parameters.
        answers: how many answers each item has.
        groups: populations; the first is the reference.
        log_likelihood: marginal, without any prior.
        log_posterior: with the prior on guessing.
        parameters: how many were estimated.
        persons: with at least one answer.
        patterns: distinct ones.
        without_answers: persons who were left out.
        convergence: how the search ended.
        warnings: what a reader must know before these parameters are used.
    """

    model: CalibrationModel
    items: tuple[str, ...]
    discrimination: FloatArray
    difficulty: FloatArray
    guessing: FloatArray
    discrimination_se: FloatArray
    difficulty_se: FloatArray
    guessing_se: FloatArray
    covariances: FloatArray
    covariance: FloatArray
    anchored: NDArray[np.bool_]
    answers: NDArray[np.int64]
    groups: tuple[GroupEstimate, ...]
    log_likelihood: float
    log_posterior: float
    parameters: int
    persons: int
    patterns: int
    without_answers: int
    convergence: Convergence
    warnings: tuple[str, ...]

    @property
    def aic(self) -> float:
        """Akaike's criterion: 2 parameters - 2 log-likelihood."""
        return 2 * self.parameters - 2 * self.log_likelihood

    @property
    def bic(self) -> float:
        """Schwarz's criterion, with persons as the number of observations."""
        return float(np.log(self.persons)) * self.parameters - 2 * self.log_likelihood

    @property
    def item_parameters(self) -> ItemParameters:
        """The parameters as every other part of the test reads them.

        Raises:
            InvalidInput: the search did not converge, or an item does not rise with ability.
        """
        if not self.convergence.converged:
            raise InvalidInput(self.convergence.message, field="responses")
        falling = np.flatnonzero(self.discrimination <= 0)
        if len(falling):
            name = self.items[falling[0]]
            raise InvalidInput(f"item {name} does not rise with ability", field="responses", item=name)
        return ItemParameters.logistic(b=self.difficulty, a=self.discrimination, c=self.guessing)

    def rows(self) -> list[dict[str, Any]]:
        """One row per item for a table or a file."""
        return [
            {
                "item": name,
                "a": float(self.discrimination[index]),
                "b": float(self.difficulty[index]),
                "c": float(self.guessing[index]),
                "a_se": float(self.discrimination_se[index]),
                "b_se": float(self.difficulty_se[index]),
                "c_se": float(self.guessing_se[index]),
                "answers": int(self.answers[index]),
                "anchored": bool(self.anchored[index]),
            }
            for index, name in enumerate(self.items)
        ]
