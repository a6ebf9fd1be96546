"""The seed's model, update and stop rules by name, with the check values of its documents."""

import numpy as np
import pytest

from holdfast.kit.errors import InvalidInput
from holdfast.programs.adaptive_test.psychometrics import seed_rules
from holdfast.programs.adaptive_test.psychometrics.models import ConceptItems, ItemParameters
from holdfast.programs.adaptive_test.psychometrics.stopping import Classification, Stopping

ITEMS = ConceptItems(
    ItemParameters.logistic([0.3, 0.6, 0.3], [1.2, 1.5, 1.2], parameterisation="a*theta-b"),
    np.array([[1, 0, 0, 0, 0], [1, 1, 0, 0, 0], [1, 0, 0, 0, 0]]),
)
START = np.full(5, seed_rules.START)


def test_the_check_values():
    assert seed_rules.probability(ITEMS, START)[:2] == pytest.approx([0.5744, 0.7109], abs=5e-5)
    assert seed_rules.information(ITEMS, START)[0] == pytest.approx(0.3520, abs=5e-5)
    first = seed_rules.update(ITEMS, 0, START, right=True)
    assert first == pytest.approx([0.5125, 0.5, 0.5, 0.5, 0.5], abs=5e-5)
    second = seed_rules.update(ITEMS, 1, START, right=True)
    assert second == pytest.approx([0.5089, 0.5089, 0.5, 0.5, 0.5], abs=5e-5)
    assert seed_rules.update(ITEMS, 0, START, right=False)[0] < 0.5
    steep = ConceptItems(
        ItemParameters.logistic([6.0, 0.0], [2.0, 10.0], parameterisation="a*theta-b"), np.array([[1], [1]])
    )
    assert seed_rules.update(steep, 0, np.array([3.0]), right=True).tolist() == [3.0]
    assert seed_rules.probability(steep, np.array([3.0]))[1] == 0.99


def test_selection_takes_the_first_of_equal_items_and_ends_with_the_pool():
    assert seed_rules.select(ITEMS, START, np.array([True, False, True])) == 0
    assert seed_rules.select(ITEMS, START, np.array([False, False, True])) == 2
    assert seed_rules.select(ITEMS, START, np.zeros(3, dtype=bool)) is None


def test_probabilities_and_proficiencies_keep_within_the_seeds_limits():
    assert seed_rules.probability(ITEMS, np.full(5, -50.0)).tolist() == [0.01] * 3
    assert seed_rules.update(ITEMS, 0, np.full(5, 2.99999), right=False).max() <= 3.0


@pytest.mark.parametrize(
    ("criteria", "answered", "se", "ends"),
    [
        ({}, 19, 1.0, False),
        ({}, 20, 1.0, True),
        ({"type": "precision"}, 4, 0.1, False),
        ({"type": "precision"}, 5, 0.3, True),
        ({"type": "precision"}, 5, 0.31, False),
        ({"type": "precision"}, 20, 1.0, True),
        ({"type": "classification"}, 5, 1.0, False),
        ({"type": "classification", "threshold": 0.6}, 5, 1.0, True),
    ],
)
def test_when_the_seeds_rules_end_a_test(criteria, answered, se, ends):
    assert seed_rules.ends(criteria, answered, np.array([1.4, -1.4]), se) is ends


def test_end_criteria_become_stop_rules():
    assert seed_rules.stopping({"max_questions": 3}) == Stopping.fixed_length(3)
    assert seed_rules.stopping({"type": "precision"}) == Stopping(5, 20, 0.3)
    found = seed_rules.stopping({"type": "classification", "min_questions": 2})
    assert found == Stopping(2, 20, classification=Classification((0.0,), 0.8))


@pytest.mark.parametrize(
    ("criteria", "field"),
    [
        ({"type": "magic"}, "end_criteria.type"),
        ({"min_questions": 30}, "end_criteria.min_questions"),
        ({"max_questions": "20"}, "end_criteria.max_questions"),
        ({"max_questions": 0}, "end_criteria.max_questions"),
        ({"type": "precision", "threshold": -1}, "end_criteria.threshold"),
    ],
)
def test_criteria_that_make_no_sense_are_named(criteria, field):
    with pytest.raises(InvalidInput) as refused:
        seed_rules.stopping(criteria)
    assert refused.value.field == field
