"""How many students: against known figures, against scipy, and with classes and losses."""

import math

import pytest
from scipy import stats

from holdfast.kit.errors import InvalidInput
from holdfast.research.plan.power import Design, plan_means, plan_proportions


def _power(n1, n2, d, alpha=0.05):
    df, shift = n1 + n2 - 2, d / math.sqrt(1 / n1 + 1 / n2)
    edge = stats.t.ppf(1 - alpha / 2, df)
    return stats.nct.sf(edge, df, shift) + stats.nct.cdf(-edge, df, shift)


def test_the_seeds_own_twenty_students():
    assert plan_means(Design(), effect=0.5, students=(10, 10)).power == pytest.approx(0.185, abs=5e-4)
    assert plan_means(Design(), power=0.8, students=(10, 10)).effect == pytest.approx(1.32, abs=5e-3)
    assert plan_means(Design(), effect=0.5, power=0.8).recruited == (64, 64)


@pytest.mark.parametrize(("n", "d"), [((12, 30), 0.6), ((30, 12), 0.6), ((50, 50), 0.2)])
def test_power_is_that_of_the_noncentral_t(n, d):
    assert plan_means(Design(), effect=d, students=n).power == pytest.approx(_power(*n, d), abs=1e-6)


def test_unequal_allocation_gives_the_second_arm_its_share():
    found = plan_means(Design(ratio=2.0), effect=0.5, power=0.8)
    control, second = found.recruited
    assert second == 2 * control
    assert _power(control, second, 0.5) >= 0.8 > _power(control - 1, 2 * (control - 1), 0.5)


def test_classes_and_losses_need_more_students():
    alone = plan_means(Design(), effect=0.5, power=0.8).recruited[0]
    classes = plan_means(Design(class_size=20, icc=0.05), effect=0.5, power=0.8)
    assert classes.design_effect == pytest.approx(1.95)
    assert classes.recruited == (160, 160) and classes.classes == (8, 8)
    assert classes.recruited[0] >= alone * 1.95
    lost = plan_means(Design(attrition=0.2), effect=0.5, power=0.8)
    assert lost.recruited == (80, 80) and lost.observed == (64, 64)


@pytest.mark.parametrize(
    ("classes", "size", "icc", "d"), [(8, 20, 0.05, 0.5), (4, 30, 0.2, 0.8), (3, 5, 0, 1.0)]
)
def test_power_of_classes_is_that_of_a_t_test_of_their_means(classes, size, icc, d):
    design = Design(class_size=size, icc=icc)
    found = plan_means(design, effect=d, students=(classes * size, classes * size)).power
    # A class mean varies by icc + (1 - icc) / size; the test has 2 fewer degrees of freedom than classes.
    shift = d / math.sqrt(2 * (icc + (1 - icc) / size) / classes)
    df = 2 * classes - 2
    edge = stats.t.ppf(0.975, df)
    assert found == pytest.approx(stats.nct.sf(edge, df, shift) + stats.nct.cdf(-edge, df, shift), abs=1e-6)


def test_what_was_asked_for_holds_when_it_is_turned_round():
    design = Design(class_size=10, icc=0.1, attrition=0.15)
    planned = plan_means(design, effect=0.6, power=0.9)
    assert plan_means(design, effect=0.6, students=planned.recruited).power >= 0.9
    assert plan_means(design, power=0.9, students=planned.recruited).effect <= 0.6


def test_proportions():
    found = plan_proportions(Design(), 0.6, second=0.8, power=0.8)
    assert found.recruited == (82, 82)  # R: power.prop.test(p1=.6, p2=.8, power=.8): n = 81.22
    assert found.effect == pytest.approx(0.2)
    again = plan_proportions(Design(), 0.6, second=0.8, students=(82, 82))
    assert again.power >= 0.8
    risen = plan_proportions(Design(), 0.6, power=0.8, students=(82, 82))
    assert risen.effect == pytest.approx(0.2, abs=0.002)


@pytest.mark.parametrize(
    ("design", "more"),
    [
        ({}, {"effect": 0.5}),
        ({}, {"effect": 0.5, "power": 0.8, "students": (10, 10)}),
        ({}, {"effect": 0.0, "power": 0.8}),
        ({}, {"effect": math.nan, "power": 0.8}),
        ({}, {"effect": 0.5, "power": 1.0}),
        ({}, {"effect": 0.5, "students": (1, 10)}),
        ({"alpha": 0.0}, {"effect": 0.5, "power": 0.8}),
        ({"icc": 1.0}, {"effect": 0.5, "power": 0.8}),
        ({"class_size": 0.5}, {"effect": 0.5, "power": 0.8}),
        ({"attrition": 1.0}, {"effect": 0.5, "power": 0.8}),
        ({"ratio": 0.0}, {"effect": 0.5, "power": 0.8}),
        ({"class_size": 50, "icc": 0.9}, {"effect": 0.5, "students": (20, 20)}),
        ({"class_size": 5, "sd_ratio": 2.0}, {"effect": 0.5, "power": 0.8}),
        ({"class_size": 5}, {"effect": 1e-9, "power": 0.8}),
    ],
)
def test_what_makes_no_sense_is_refused(design, more):
    with pytest.raises(InvalidInput):
        plan_means(Design(**design), **more)
