"""Rules survive storage; what does not fit is named by its field."""

import json

import pytest

from adaptive_test.psychometrics.banks import bank
from holdfast.kit.errors import InvalidInput
from holdfast.programs.adaptive_test.psychometrics.ability import Method, Prior
from holdfast.programs.adaptive_test.psychometrics.engine import Engine
from holdfast.programs.adaptive_test.psychometrics.rules import Rules, Start
from holdfast.programs.adaptive_test.psychometrics.selection.content import Quota
from holdfast.programs.adaptive_test.psychometrics.selection.criteria import Criterion
from holdfast.programs.adaptive_test.psychometrics.selection.exposure import MaximumRate
from holdfast.programs.adaptive_test.psychometrics.stopping import Classification, Stopping

EVERYTHING = Rules(
    stopping=Stopping(3, 30, 0.3, 0.01, Classification((-1.0, 1.0), 0.9), 900.0),
    method=Method.WLE,
    prior=Prior(0.2, 1.1),
    criterion=Criterion.MEPV,
    among=5,
    exposure=MaximumRate(0.3, 50),
    admission={"q1": 0.4},
    quotas=(Quota("algebra", 1, 5), Quota("geometry")),
    pretest_positions=(4, 9),
    start=Start(-0.5, 2, 10),
)


def test_rules_come_back_from_json():
    for rules in (EVERYTHING, Rules()):
        stored = json.loads(json.dumps(rules.to_json()))
        assert Rules.from_json(stored) == rules
        assert Rules.from_json(stored).digest == rules.digest
    assert Rules.from_json({}) == Rules()
    assert EVERYTHING.digest != Rules().digest


@pytest.mark.parametrize(
    ("given", "field"),
    [
        ({"speed": 3}, "speed"),
        ({"stopping": {"minimun": 3}}, "stopping.minimun"),
        ({"stopping": {"minimum": 2.5}}, "stopping.minimum"),
        ({"stopping": {"maximum": True}}, "stopping.maximum"),
        ({"stopping": {"standard_error": float("inf")}}, "stopping.standard_error"),
        ({"stopping": {"standard_error": "small"}}, "stopping"),
        ({"stopping": [1]}, "stopping"),
        ({"stopping": {"classification": {}}}, "stopping"),
        ({"method": "guess"}, "method"),
        ({"criterion": "best"}, "criterion"),
        ({"prior": {"sd": 0}}, "prior.sd"),
        ({"prior": {"mean": 9}}, "prior.mean"),
        ({"among": 0}, "among"),
        ({"exposure": {"rate": 2}}, "exposure.rate"),
        ({"quotas": [{"area": "a", "minimum": -1}]}, "quotas"),
        ({"admission": {"q1": 1.5}}, "admission"),
        ({"pretest_positions": [0]}, "pretest_positions"),
        ({"start": {"ability": 9}}, "start.ability"),
        ({"start": {"among": 1000}}, "start.among"),
    ],
)
def test_what_does_not_fit_is_named(given, field):
    with pytest.raises(InvalidInput) as refused:
        Rules.from_json(given)
    assert refused.value.field == field


def test_rules_for_another_bank_are_refused():
    with pytest.raises(InvalidInput, match="'q99' is not in the bank"):
        Engine(bank(10), Rules(admission={"q99": 0.5}))
