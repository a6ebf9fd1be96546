"""Ability on one dimension: EAP, MAP, maximum likelihood, Warm's weighted likelihood; standard errors.

Every estimator is finite on every pattern of answers, the empty one included, and says when its estimate
lies at a bound. `posterior` keeps the state of EAP, to which an answer is added; `likelihood` finds global
maxima; `estimating` gives any of them from items and answers alone. Not here: abilities per concept.
"""

from holdfast.programs.adaptive_test.psychometrics.ability.estimate import (
    BOUND,
    Estimate,
    Estimates,
    Method,
    Prior,
)
from holdfast.programs.adaptive_test.psychometrics.ability.estimating import estimate, estimate_all

__all__ = ["BOUND", "Estimate", "Estimates", "Method", "Prior", "estimate", "estimate_all"]
