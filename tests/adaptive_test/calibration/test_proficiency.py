import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.special import expit

from holdfast.kit.errors import InvalidInput
from holdfast.programs.adaptive_test.psychometrics.laplace import answer_step
from holdfast.programs.adaptive_test.psychometrics.proficiency import (
    ConceptPrior,
    after_answer,
    after_practice,
    after_test,
    beginning,
    likelihood_of,
    with_concepts,
)

finite = st.floats(-3, 3)


def density(grid, state, slopes, intercept, guessing, correct):
    """The posterior on a grid of two abilities, unnormalised, as logarithms."""
    z = grid @ slopes + intercept
    p = guessing + (1 - guessing) * expit(z)
    away = grid - state.mean
    prior = -0.5 * np.einsum("...i,ij,...j->...", away, np.linalg.inv(state.covariance), away)
    return prior + np.log(p if correct else 1 - p)


@settings(max_examples=40, deadline=None)
@given(
    first=st.floats(0.3, 2.5),
    second=st.floats(-1, 2.5),
    intercept=finite,
    guessing=st.floats(0, 0.4),
    correct=st.booleans(),
    correlation=st.floats(0, 0.9),
    m=finite,
)
def test_one_answer_ends_at_the_mode(first, second, intercept, guessing, correct, correlation, m):
    state = beginning(["x", "y"], ConceptPrior(m, 1.2, correlation))
    slopes = np.array([first, second])
    after = after_answer(state, {"x": first, "y": second}, intercept, correct=correct, guessing=guessing)
    grid = after.mean + np.stack(np.meshgrid(*[np.linspace(-0.02, 0.02, 5)] * 2), axis=-1)
    values = density(grid, state, slopes, intercept, guessing, correct)
    assert np.unravel_index(np.argmax(values), values.shape) == (2, 2)


@settings(max_examples=30, deadline=None)
@given(st.floats(0.3, 2.5), finite, st.booleans())
def test_without_guessing_the_covariance_is_that_of_the_curvature(slope, intercept, correct):
    state = beginning(["x", "y"], ConceptPrior(0, 1, 0.5))
    after = after_answer(state, {"x": slope, "y": 0.4}, intercept, correct=correct)
    a, h = np.array([slope, 0.4]), 1e-3
    steps = [np.array([1, 0]) * h, np.array([0, 1]) * h]
    hessian = np.zeros((2, 2))
    for i in range(2):
        for j in range(2):
            corners = [(s * t, after.mean + s * steps[i] + t * steps[j]) for s in (1, -1) for t in (1, -1)]
            total = sum(g * density(x, state, a, intercept, 0.0, correct) for g, x in corners)
            hessian[i, j] = total / (4 * h * h)
    assert np.allclose(np.linalg.inv(-hessian), after.covariance, atol=1e-4)


@settings(max_examples=30, deadline=None)
@given(st.integers(0, 999))
def test_right_never_lowers_and_wrong_never_raises(seed):
    rng = np.random.default_rng(seed)
    state = beginning(["x", "y", "z"], ConceptPrior(0, 1, 0.4))
    for _ in range(6):
        slopes = {"x": rng.uniform(0, 2), "y": rng.uniform(0, 2), "z": 0.1}
        intercept, guessing = rng.normal(), rng.uniform(0, 0.3)
        up = after_answer(state, slopes, intercept, correct=True, guessing=guessing)
        down = after_answer(state, slopes, intercept, correct=False, guessing=guessing)
        a = np.array(list(slopes.values()))
        assert a @ up.mean >= a @ state.mean >= a @ down.mean
        assert (np.diag(up.covariance) <= np.diag(state.covariance) + 1e-12).all()
        assert np.linalg.eigvalsh(up.covariance).min() > 0
        state = up if rng.random() < 0.5 else down


def test_extreme_answers_stay_finite():
    for intercept in (-800.0, 800.0):
        for correct in (True, False):
            for guessing in (0.0, 0.25):
                state = beginning(["x"], ConceptPrior(0, 5))
                after = after_answer(state, {"x": 4.0}, intercept, correct=correct, guessing=guessing)
                assert np.isfinite(after.mean).all() and np.isfinite(after.covariance).all()
                assert after.covariance[0, 0] > 0


def test_many_students_at_once_are_the_same_as_one_by_one():
    rng = np.random.default_rng(1)
    mean, root = rng.normal(size=(50, 3)), rng.normal(size=(50, 3, 3))
    covariance = root @ root.transpose(0, 2, 1) + np.eye(3)
    slopes, intercept = rng.uniform(0, 2, (50, 3)), rng.normal(size=50)
    guessing, correct = rng.uniform(0, 0.3, 50) * (rng.random(50) < 0.5), rng.random(50) < 0.5
    means, covariances = answer_step(
        mean, covariance, slopes, intercept=intercept, guessing=guessing, correct=correct
    )
    for i in range(50):
        item = {"intercept": intercept[i], "guessing": guessing[i], "correct": correct[i]}
        one = answer_step(mean[i], covariance[i], slopes[i], **item)
        assert np.allclose(one[0], means[i]) and np.allclose(one[1], covariances[i])


def test_a_correlated_prior_carries_knowledge_over():
    slopes = {"fractions": 1.5}
    alone, linked = (
        after_answer(beginning(["fractions", "decimals"], ConceptPrior(0, 1, r)), slopes, 0.0, correct=True)
        for r in (0.0, 0.6)
    )
    assert alone.mean[1] == 0 and alone.confidence[1] == 0
    assert linked.mean[1] == pytest.approx(0.6 * linked.mean[0]) and linked.confidence[1] > 0


def test_a_concept_that_comes_later_is_as_if_it_had_been_there():
    prior = ConceptPrior(0.2, 1.1, 0.5)
    early, late = beginning(["x", "y", "z"], prior), beginning(["x", "y"], prior)
    for correct in (True, True, False):
        slopes = {"x": 1.2, "y": 0.5}
        early = after_answer(early, slopes, 0.3, correct=correct)
        late = after_answer(late, slopes, 0.3, correct=correct)
    late = with_concepts(late, ["x", "z"])
    assert late.concepts == early.concepts
    assert np.allclose(late.mean, early.mean) and np.allclose(late.covariance, early.covariance)
    assert with_concepts(late, ["z"]) is late


def test_practice_widens_only_what_was_practised():
    state = after_practice(beginning(["x", "y"]), {"x": 0.25})
    assert np.diag(state.covariance).tolist() == [1.25, 1.0]
    assert state.confidence.tolist() == [0.0, 0.0]


def test_confidence_and_mastery():
    state = beginning(["x"])
    assert state.mastery(0.0) == pytest.approx([0.5]) and state.confidence.tolist() == [0.0]
    for _ in range(30):
        state = after_answer(state, {"x": 1.5}, 0.0, correct=True)
    assert state.confidence[0] > 0.5 and state.mastery(0.0)[0] > 0.99
    assert state.standard_deviation[0] == pytest.approx(np.sqrt(state.covariance[0, 0]))


def test_a_tests_prior_is_not_counted_twice():
    """Joining an EAP to the very prior it was made with gives the EAP back."""
    state = beginning(["x", "y"], ConceptPrior(0.3, 0.9, 0.5))
    merged = after_test(state, {"x": 1.0}, likelihood_of(1.1, 0.4, prior_mean=0.3, prior_sd=0.9))
    assert merged.mean[0] == pytest.approx(1.1)
    assert merged.standard_deviation[0] == pytest.approx(0.4)
    assert merged.mean[1] == pytest.approx(0.3 + 0.5 * 0.8)


def test_a_test_that_said_nothing_changes_nothing():
    state = beginning(["x"], ConceptPrior(0, 1))
    assert after_test(state, {"x": 1.0}, likelihood_of(0.0, 1.0, prior_mean=0, prior_sd=1)).mean[0] == 0
    wider = likelihood_of(0.4, 1.2, prior_mean=0, prior_sd=1)
    assert wider.information == 0
    assert after_test(state, {"x": 1.0}, wider).covariance[0, 0] == 1


@pytest.mark.parametrize(
    "wrong",
    [
        lambda _: beginning([]),
        lambda _: beginning(["x", "x"]),
        lambda _: ConceptPrior(0, 0),
        lambda _: ConceptPrior(0, 1, 1.0),
        lambda s: s.position("nowhere"),
        lambda s: after_practice(s, {"x": -1.0}),
        lambda s: after_practice(s, {"q": 1.0}),
        lambda s: after_answer(s, {"x": 0.0}, 0.0, correct=True),
        lambda s: after_answer(s, {"x": np.nan}, 0.0, correct=True),
        lambda s: after_answer(s, {"x": 1.0}, 0.0, correct=True, guessing=1.0),
        lambda s: after_test(s, {"x": 0.0}, likelihood_of(0, 0.5, prior_mean=0, prior_sd=1)),
        lambda _: likelihood_of(0, 0, prior_mean=0, prior_sd=1),
    ],
)
def test_refusals(wrong):
    with pytest.raises(InvalidInput):
        wrong(beginning(["x", "y"]))
