"""What cannot be calibrated is refused, and the message names the item."""

import numpy as np
import pytest

from adaptive_test.calibration.slow_marginal import simulate
from holdfast.kit.errors import InvalidInput
from holdfast.programs.adaptive_test.psychometrics.calibration import (
    CalibrationPlan,
    FixedItem,
    NormalPrior,
    calibrate,
    equally_spaced,
)

NAMES = ["north", "south", "east", "west"]


@pytest.fixture
def responses():
    return simulate(np.random.default_rng(1), np.ones(4), np.zeros(4), persons=200)


def refused(responses, *, plan=None, item=None, field="responses", **arguments):
    with pytest.raises(InvalidInput) as caught:
        calibrate(responses, plan, items=arguments.pop("items", NAMES), **arguments)
    assert caught.value.field == field
    if item:
        assert item in caught.value.message and caught.value.details["item"] == item
    return caught.value.message


@pytest.mark.parametrize(("value", "how"), [(1, "right"), (0, "wrong")])
def test_an_item_without_variance(responses, value, how):
    responses[:, 2] = value
    assert how in refused(responses, item="east")


def test_an_item_without_variance_may_be_an_anchor(responses):
    responses[:, 2] = 1
    plan = CalibrationPlan(anchors={"east": FixedItem(1.0, -6.0), "west": FixedItem(1.0, 0.0)})
    assert calibrate(responses, plan, items=NAMES).convergence.converged


def test_an_item_with_too_few_answers(responses):
    responses[29:, 3] = np.nan
    assert "29 answers" in refused(responses, item="west")
    assert (
        calibrate(responses, CalibrationPlan(model="1PL", minimum_responses=29), items=NAMES).persons == 200
    )


def test_an_item_nobody_answered(responses):
    responses[:, 0] = np.nan
    assert "0 answers" in refused(responses, item="north")


def test_a_disconnected_design(responses):
    responses[:100, 2:] = np.nan
    responses[100:, :2] = np.nan
    message = refused(responses, plan=CalibrationPlan(model="Rasch"), item="east")
    assert "disconnected" in message and "west" in message
    anchored = CalibrationPlan(model="Rasch", anchors={"north": FixedItem(1.0, 0.0)})
    assert "anchor" in refused(responses, plan=anchored, item="east")


def test_a_disconnected_design_of_equivalent_groups(responses):
    responses[:100, 2:] = np.nan
    responses[100:, :2] = np.nan
    plan = CalibrationPlan(model="Rasch", equivalent_groups=True)
    assert calibrate(responses, plan, items=NAMES).convergence.converged
    two = [0] * 100 + [1] * 100
    refused(responses, plan=plan, item="east", groups=two)


@pytest.mark.parametrize("bad", [2, -2, 0.5, np.inf])
def test_a_value_that_is_no_response(responses, bad):
    responses[4, 1] = bad
    assert "person 5" in refused(responses, item="south")


def test_missing_has_three_forms(responses):
    responses[::3, 1] = np.nan
    by_nan = calibrate(responses)
    by_number = calibrate(np.where(np.isnan(responses), -1, responses).astype(int))
    by_mask = calibrate(np.ma.masked_invalid(responses))
    assert by_nan.difficulty.tolist() == by_number.difficulty.tolist() == by_mask.difficulty.tolist()


@pytest.mark.parametrize("shape", [(0, 4), (4, 0), (4,)])
def test_an_empty_matrix(shape):
    with pytest.raises(InvalidInput, match="matrix"):
        calibrate(np.zeros(shape))


def test_words_are_no_matrix():
    with pytest.raises(InvalidInput, match="matrix"):
        calibrate([["a", "b"]])


def test_too_few_items(responses):
    refused(responses[:, :2], field="items", items=NAMES[:2])


def test_names(responses):
    refused(responses, items=["a", "b", "c"], field="items")
    refused(responses, items=["a", "b", "c", "b"], field="items", item="b")
    refused(responses, plan=CalibrationPlan(anchors={"up": FixedItem(1, 0)}), field="anchors", item="up")


def test_counts_and_groups(responses):
    refused(responses, field="counts", counts=np.zeros(200))
    refused(responses, field="counts", counts=np.ones(3))
    refused(responses, field="groups", groups=["a"])
    responses[:50] = np.nan
    refused(responses, field="groups", groups=["a"] * 50 + ["b"] * 150)


@pytest.mark.parametrize(
    "make",
    [
        lambda: CalibrationPlan(model="4PL"),
        lambda: CalibrationPlan(minimum_responses=1),
        lambda: CalibrationPlan(tolerance=0),
        lambda: CalibrationPlan(maximum_iterations=0),
        lambda: CalibrationPlan(free_mean=True),
        lambda: CalibrationPlan(free_sd=True),
        lambda: CalibrationPlan(model="1PL", anchors={"a": FixedItem(1, 0), "b": FixedItem(2, 0)}),
        lambda: CalibrationPlan(model="Rasch", anchors={"a": FixedItem(2, 0)}),
        lambda: FixedItem(-1, 0),
        lambda: FixedItem(1, np.nan),
        lambda: FixedItem(1, 0, 1.0),
        lambda: NormalPrior(0, 0),
        lambda: equally_spaced(3),
        lambda: equally_spaced(61, 0),
    ],
)
def test_a_plan_that_contradicts_itself(make):
    with pytest.raises(InvalidInput):
        make()


def test_persons_without_answers_are_left_out_and_counted(responses):
    whole = calibrate(responses)
    more = calibrate(np.concatenate([responses, np.full((7, 4), np.nan)]))
    assert more.without_answers == 7 and "7 persons" in " ".join(more.warnings)
    assert more.log_likelihood == whole.log_likelihood


def test_a_search_that_is_cut_off_says_so(responses):
    found = calibrate(responses, CalibrationPlan(maximum_iterations=1))
    assert not found.convergence.converged
    assert "not converged" in found.warnings[0]
    with pytest.raises(InvalidInput, match="not converged"):
        _ = found.item_parameters


def test_an_item_that_works_against_the_test_is_named():
    rng = np.random.default_rng(8)
    responses = simulate(rng, np.array([1.5, 1.5, 1.5, -1.0]), np.zeros(4), persons=1000)
    found = calibrate(responses, items=NAMES)
    assert found.convergence.converged and found.discrimination[3] < 0
    assert any("west" in warning for warning in found.warnings)
    with pytest.raises(InvalidInput, match="west"):
        _ = found.item_parameters
