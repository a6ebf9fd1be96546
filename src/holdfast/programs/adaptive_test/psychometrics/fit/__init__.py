"""Fit: whether responses are as the model says, by item, by person, by group, over time and in time taken.

Here belongs what asks finished parameters whether they hold: item fit, person fit, differential item
functioning, drift between versions and response times. Nothing here changes a parameter.
"""

from holdfast.programs.adaptive_test.psychometrics.fit.differential import (
    EtsClass,
    LogisticDif,
    MantelHaenszel,
    logistic_dif,
    mantel_haenszel,
)
from holdfast.programs.adaptive_test.psychometrics.fit.drift import ItemDrift, drift
from holdfast.programs.adaptive_test.psychometrics.fit.item_fit import ItemFit, item_fit
from holdfast.programs.adaptive_test.psychometrics.fit.likelihood_ratio import (
    LikelihoodRatioDif,
    likelihood_ratio_dif,
)
from holdfast.programs.adaptive_test.psychometrics.fit.person_fit import AbilityMethod, PersonFit, person_fit
from holdfast.programs.adaptive_test.psychometrics.fit.response_times import (
    ResponseTimes,
    fit_response_times,
    rapid_guesses,
)

__all__ = [
    "AbilityMethod",
    "EtsClass",
    "ItemDrift",
    "ItemFit",
    "LikelihoodRatioDif",
    "LogisticDif",
    "MantelHaenszel",
    "PersonFit",
    "ResponseTimes",
    "drift",
    "fit_response_times",
    "item_fit",
    "likelihood_ratio_dif",
    "logistic_dif",
    "mantel_haenszel",
    "person_fit",
    "rapid_guesses",
]
