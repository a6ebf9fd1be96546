"""The step machine: item paths against plain loops, rebuilding, pretest items, replay."""

import dataclasses
import json

import numpy as np
import pytest

from adaptive_test.psychometrics import slow
from adaptive_test.psychometrics.banks import bank, parameters, tuples
from holdfast.kit.errors import InvalidInput
from holdfast.programs.adaptive_test.psychometrics import models
from holdfast.programs.adaptive_test.psychometrics.ability import Method, Prior, estimate
from holdfast.programs.adaptive_test.psychometrics.bank import Bank, Status
from holdfast.programs.adaptive_test.psychometrics.engine import Engine
from holdfast.programs.adaptive_test.psychometrics.models import ItemParameters
from holdfast.programs.adaptive_test.psychometrics.opening import Opening
from holdfast.programs.adaptive_test.psychometrics.replay import Recorded, replay
from holdfast.programs.adaptive_test.psychometrics.rules import Rules, Start
from holdfast.programs.adaptive_test.psychometrics.selection.content import Quota
from holdfast.programs.adaptive_test.psychometrics.selection.criteria import Criterion
from holdfast.programs.adaptive_test.psychometrics.selection.exposure import MaximumRate
from holdfast.programs.adaptive_test.psychometrics.steps import Answer, Choice
from holdfast.programs.adaptive_test.psychometrics.stopping import Classification, Stop, Stopping, StopReason


def right_always(_item):
    return True


def play(engine, right, draw=11, **opening):
    """A whole test; `right` says by item id whether it is answered right."""
    state = engine.begin(engine.open(draw, **opening))
    chance, choices, states = np.random.default_rng(draw), [], [state]
    while isinstance(choice := engine.decide(state, int(chance.integers(2**62))), Choice):
        choices.append(choice)
        state = engine.answer(state, Answer(choice.item, right(choice.item), choice.scored))
        states.append(state)
    return states, choices, choice


@pytest.mark.parametrize("model", [1, 2, 3, 4])
def test_paths_are_those_of_plain_loops(model):
    for seed in range(3):
        pool = bank(60, seed, model, areas=tuple("abc"[k % 3] for k in range(60)))
        items = tuples(pool.parameters)
        theta = np.random.default_rng(seed).normal()
        answers = np.random.default_rng(seed + 1).random(60) < models.probability(pool.parameters, theta)
        quotas = {"a": (3, 4), "b": (0, 5), "c": (5, 9)}
        rules = Rules(
            stopping=Stopping.fixed_length(15), quotas=tuple(Quota(k, *v) for k, v in quotas.items())
        )
        states, choices, stop = play(Engine(pool, rules), lambda item: bool(answers[int(item[1:])]))  # noqa: B023
        path, thetas, errors = slow.path(items, pool.areas, quotas, answers, 15)
        assert [choice.position for choice in choices] == path
        assert [s.estimate.theta for s in states[1:]] == pytest.approx(thetas, abs=1e-9)
        assert [s.estimate.se for s in states[1:]] == pytest.approx(errors, abs=1e-9)
        assert stop.reason is StopReason.FIXED_LENGTH


def test_a_choice_carries_its_reasons():
    pool = bank(30, areas=("algebra",) * 15 + ("geometry",) * 15)
    rules = Rules(stopping=Stopping.fixed_length(4), quotas=(Quota("algebra", 0, 1),))
    _, choices, _ = play(Engine(pool, rules), right_always)
    assert [choice.place for choice in choices] == [1, 2, 3, 4]
    last = choices[-1]
    information = models.information(pool.parameters, last.reason.ability)
    assert last.reason.value == pytest.approx(information[last.position])
    assert last.reason.areas == {"algebra": 1}
    assert last.reason.closed == ("algebra",)
    assert last.reason.eligible == 15 - 2
    stored = json.loads(json.dumps(last.to_json()))
    assert set(stored) == {"item", "position", "place", "scored", "reason", "draw", "digest", "engine"}
    assert stored["reason"]["criterion"] == "information"


@pytest.mark.parametrize("method", list(Method))
@pytest.mark.parametrize("criterion", list(Criterion))
def test_a_session_rebuilt_from_its_answers_goes_on_the_same(method, criterion):
    rules = Rules(
        stopping=Stopping(maximum=8), method=method, criterion=criterion, among=3, exposure=MaximumRate(0.5)
    )
    engine = Engine(bank(60, model=3), rules)
    states, choices, _ = play(engine, lambda item: int(item[1:]) % 3 > 0, prior=Prior(0.3, 1.2))
    opening = Opening.from_json(json.loads(json.dumps(states[0].opening.to_json())), 60)
    for place, choice in enumerate(choices):
        answers = [Answer(c.item, int(c.item[1:]) % 3 > 0) for c in choices[:place]]
        again = engine.resume(opening, answers)
        assert again.estimate == states[place].estimate
        assert again.change == states[place].change
        assert engine.decide(again, choice.draw) == choice


def test_the_estimate_is_that_of_the_stateless_form():
    for method in Method:
        engine = Engine(bank(40, model=3), Rules(stopping=Stopping.fixed_length(10), method=method))
        states, choices, _ = play(engine, lambda item: int(item[1:]) % 2 == 0)
        answered = engine.bank.parameters[[choice.position for choice in choices]]
        right = [int(choice.item[1:]) % 2 == 0 for choice in choices]
        assert states[-1].estimate == pytest.approx(estimate(answered, right, method), abs=1e-10)


def test_where_the_estimate_is_at_a_bound_the_posterior_chooses():
    engine = Engine(bank(300), Rules(method=Method.MLE, stopping=Stopping.fixed_length(3)))
    states, choices, _ = play(engine, right_always)
    assert states[2].estimate.theta == 6.0
    assert choices[2].reason.ability == states[2].posterior.theta < 2.0


def test_the_first_items_have_their_own_rule():
    rules = Rules(stopping=Stopping.fixed_length(5), start=Start(ability=1.0, positions=2, among=8))
    _, choices, _ = play(Engine(bank(100), rules), right_always)
    assert [choice.reason.among for choice in choices] == [8, 8, 1, 1, 1]
    assert choices[0].reason.ability == 1.0


def test_drafts_and_retired_items_are_never_shown_and_pretest_items_never_scored():
    kinds = [Status.ACTIVE] * 10 + [Status.DRAFT] * 5 + [Status.RETIRED] * 5 + [Status.PRETEST] * 3
    calibrated = parameters(20)
    unknown = [np.nan] * 3
    items = ItemParameters.logistic(np.r_[calibrated.b, unknown], np.r_[calibrated.a, unknown])
    pool = Bank("v1", tuple(f"q{k}" for k in range(23)), items, tuple(kinds))
    rules = Rules(stopping=Stopping.fixed_length(6), pretest_positions=(2, 4, 5, 7))
    engine = Engine(pool, rules)
    states, choices, stop = play(engine, right_always, seen=["q20"])
    assert [choice.scored for choice in choices] == [True, False, True, False, True, True, True, True]
    assert {choice.item for choice in choices if not choice.scored} == {"q21", "q22"}
    assert all(choice.position < 10 for choice in choices if choice.scored)
    assert stop.reason is StopReason.FIXED_LENGTH
    assert states[2].estimate == states[1].estimate
    with pytest.raises(InvalidInput, match="cannot be scored"):
        engine.answer(states[0], Answer("q21", right=True, scored=True))


def test_an_active_item_without_parameters_is_refused():
    with pytest.raises(InvalidInput, match="'q1' is active but has no calibrated parameters"):
        Bank("v1", ("q0", "q1"), ItemParameters.logistic([0.0, np.nan]))


def test_a_pretest_item_with_an_active_enemy_is_not_shown():
    kinds = (Status.ACTIVE,) * 9 + (Status.PRETEST,)
    engine = Engine(bank(10, status=kinds, enemies=[{"q0", "q9"}]), Rules(pretest_positions=(1,)))
    assert not engine.open(1).pretest.any()


def test_an_exhausted_pool_ends_the_test():
    states, choices, stop = play(Engine(bank(3), Rules()), right_always)
    assert len(choices) == 3
    assert stop == Stop(StopReason.POOL_EXHAUSTED, {"scored": 3})


def test_precision_and_classification_stop_early():
    many = bank(500)
    rules = Rules(stopping=Stopping(minimum=3, maximum=100, standard_error=0.4))
    states, _, stop = play(Engine(many, rules), lambda item: int(item[1:]) % 2 == 0)
    assert stop.reason is StopReason.STANDARD_ERROR
    assert states[-1].estimate.se <= 0.4 < states[-2].estimate.se
    rules = Rules(stopping=Stopping(minimum=1, maximum=100, classification=Classification((-1.0,), 0.95)))
    _, _, stop = play(Engine(many, rules), right_always)
    assert stop.reason is StopReason.CLASSIFICATION


def test_answers_that_do_not_fit_are_refused():
    engine = Engine(bank(5), Rules())
    state = engine.begin(engine.open(1))
    with pytest.raises(InvalidInput, match="is not in the bank"):
        engine.answer(state, Answer("q9", right=True))
    with pytest.raises(InvalidInput, match="was answered before"):
        engine.resume(state.opening, [Answer("q1", right=True), Answer("q1", right=True)])
    with pytest.raises(InvalidInput) as refused:
        Engine(bank(5, seed=1), Rules()).begin(state.opening)
    assert refused.value.field == "bank"
    with pytest.raises(InvalidInput) as refused:
        Engine(bank(5), Rules(among=2)).begin(state.opening)
    assert refused.value.field == "rules"


def recorded(choices, right):
    return [Recorded(c.item, c.scored, c.draw, c.digest, c.engine, right(c.item)) for c in choices]


def test_a_replay_verifies_a_session_and_finds_what_was_changed():
    areas = tuple("ab"[k % 2] for k in range(80))
    kinds = (Status.ACTIVE,) * 70 + (Status.PRETEST,) * 10
    rules = Rules(
        stopping=Stopping.fixed_length(8),
        among=4,
        quotas=(Quota("a", 3, 4),),
        exposure=MaximumRate(0.5),
        pretest_positions=(3,),
    )
    engine = Engine(bank(80, areas=areas, status=kinds), rules)
    states, choices, _ = play(engine, right_always, seen=["q3"])
    opening, kept = states[0].opening, recorded(choices, right_always)
    assert replay(engine, opening, kept) == []
    pending = [*kept[:4], kept[4]._replace(right=None)]
    assert replay(engine, opening, pending) == []
    other = next(i for i in engine.bank.ids if i not in {record.item for record in kept})
    changes = {
        "item": kept[1]._replace(item=other),
        "digest": kept[1]._replace(digest="0" * 32),
        "engine": kept[1]._replace(engine="0"),
    }
    for name, changed in changes.items():
        found = replay(engine, opening, [kept[0], changed])
        assert [(d.place, d.what) for d in found] == [(2, name)]
    wider = dataclasses.replace(opening, eligible=engine.bank.active)
    assert any(d.what == "digest" for d in replay(engine, wider, kept))
    lied = [kept[0]._replace(right=False), *kept[1:]]
    assert any(d.what == "item" for d in replay(engine, opening, lied))
