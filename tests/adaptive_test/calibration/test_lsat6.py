"""LSAT6 (Bock and Lieberman 1970): the converged values of R's ltm 1.2-0."""

import csv
from pathlib import Path

import numpy as np
import pytest

from holdfast.programs.adaptive_test.psychometrics.calibration import (
    CalibrationPlan,
    calibrate,
    equally_spaced,
    gauss_hermite,
)

A = [0.82565952, 0.72274420, 0.89087453, 0.68836797, 0.65685594]
B = [-3.35881114, -1.37005762, -0.27966623, -1.86638103, -3.12590680]


@pytest.fixture(scope="module")
def lsat6():
    with (Path(__file__).parent / "lsat6.csv").open() as file:
        rows = list(csv.DictReader(file))
    return np.array([[int(x) for x in row["pattern"]] for row in rows]), [int(row["count"]) for row in rows]


@pytest.mark.parametrize(
    "rule", [None, equally_spaced(61, 6), gauss_hermite(61), gauss_hermite(21)], ids=lambda r: r and r.rule
)
def test_two_parameters(lsat6, rule):
    patterns, counts = lsat6
    found = calibrate(patterns, CalibrationPlan(model="2PL", quadrature=rule), counts=counts)
    assert found.convergence.converged
    assert np.abs(found.discrimination - A).max() < 1e-6
    assert np.abs(found.difficulty - B).max() < 1e-6
    assert found.log_likelihood == pytest.approx(-2466.653377, abs=2e-6)
    assert (found.persons, found.patterns, found.parameters) == (1000, 30, 10)


def test_one_slope(lsat6):
    patterns, counts = lsat6
    found = calibrate(patterns, CalibrationPlan(model="1PL"), counts=counts)
    assert np.abs(found.discrimination - 0.75513474).max() < 1e-6
    assert np.ptp(found.discrimination) == 0
    assert found.log_likelihood == pytest.approx(-2466.9376, abs=1e-4)
    assert found.parameters == 6


def test_rasch_is_one_slope_in_other_units(lsat6):
    patterns, counts = lsat6
    one = calibrate(patterns, CalibrationPlan(model="1PL"), counts=counts)
    rasch = calibrate(patterns, CalibrationPlan(model="Rasch"), counts=counts)
    assert rasch.log_likelihood == pytest.approx(one.log_likelihood, abs=1e-8)
    assert rasch.groups[0].sd == pytest.approx(one.discrimination[0], abs=1e-6)
    assert rasch.groups[0].sd_se == pytest.approx(one.discrimination_se[0], rel=1e-5)
    assert np.allclose(rasch.difficulty, one.difficulty * rasch.groups[0].sd, atol=1e-6)


def test_a_row_for_each_person_is_the_same(lsat6):
    patterns, counts = lsat6
    grouped = calibrate(patterns, counts=counts)
    single = calibrate(np.repeat(patterns, counts, axis=0))
    assert np.allclose(single.discrimination, grouped.discrimination, atol=1e-9)
    assert np.allclose(single.difficulty_se, grouped.difficulty_se, atol=1e-9)


def test_too_few_nodes_are_seen(lsat6):
    """The check of the quadrature would not pass whatever it is given."""
    patterns, counts = lsat6
    coarse = calibrate(patterns, CalibrationPlan(quadrature=equally_spaced(5, 4)), counts=counts)
    assert np.abs(coarse.difficulty - B).max() > 1e-3
