"""Calibration: item parameters from many persons' responses, by marginal maximum likelihood.

Here belongs what turns a matrix of persons and items into item parameters with standard errors on a
stated scale: reading and refusing responses, the marginal likelihood with exact derivatives, its
maximisation, and the report of it. Scoring one person with known items is ``ability``'s; whether the
model holds is ``fit``'s; moving finished parameters between scales is ``linking``'s.
"""

from holdfast.programs.adaptive_test.psychometrics.calibration.calibrating import calibrate
from holdfast.programs.adaptive_test.psychometrics.calibration.plan import (
    CalibrationModel,
    CalibrationPlan,
    FixedItem,
    NormalPrior,
)
from holdfast.programs.adaptive_test.psychometrics.calibration.quadrature import (
    Quadrature,
    equally_spaced,
    gauss_hermite,
)
from holdfast.programs.adaptive_test.psychometrics.calibration.result import (
    Calibration,
    Convergence,
    GroupEstimate,
)

__all__ = [
    "Calibration",
    "CalibrationModel",
    "CalibrationPlan",
    "Convergence",
    "FixedItem",
    "GroupEstimate",
    "NormalPrior",
    "Quadrature",
    "calibrate",
    "equally_spaced",
    "gauss_hermite",
]
