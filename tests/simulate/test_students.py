"""Who simulated students are: names, talent, and what an arm does to it."""

from __future__ import annotations

import unicodedata

from hypothesis import given
from hypothesis import strategies as st

from holdfast.core.people import clean_name
from holdfast.operations.simulated_students.names import NAMINGS, student_name
from holdfast.operations.simulated_students.skill import (
    ABILITY_PER_EFFECT,
    forgets,
    mistakes_dose,
    recognises,
    slowness,
    student_of,
    temptations,
)

SEEDS = st.integers(0, 2**40)


@given(SEEDS, st.integers(1, 10_000))
def test_the_same_seed_and_number_are_the_same_student(seed: int, number: int):
    assert student_of(seed, number) == student_of(seed, number)


def test_another_number_or_seed_is_another_student():
    students = [student_of(seed, number) for seed in (1, 2) for number in range(1, 101)]

    assert len({student.talent for student in students}) == 200


def test_talent_is_about_standard_normal():
    talents = [student_of(3, number).talent for number in range(1, 4001)]

    mean = sum(talents) / len(talents)
    variance = sum((talent - mean) ** 2 for talent in talents) / len(talents)
    assert abs(mean) < 0.06
    assert 0.9 < variance < 1.1


def test_every_name_that_can_be_drawn_passes_registration():
    for naming in NAMINGS:
        for given_name in naming.given:
            for family in naming.family:
                parts = (family, given_name) if naming.family_first else (given_name, family)
                name = naming.joint.join(parts)
                assert clean_name(name) == unicodedata.normalize("NFC", name)


def test_names_come_in_many_scripts():
    names = [student_name(student_of(5, number).draws("name")) for number in range(300)]

    scripts = {unicodedata.name(name[0]).split()[0] for name in names}
    assert {"LATIN", "CYRILLIC", "GREEK", "ARABIC", "HEBREW", "DEVANAGARI", "CJK", "HANGUL"} <= scripts


def test_the_arms_are_an_effect_apart_and_other_arms_are_left_alone():
    student = student_of(8, 1)

    a, b = student.allocated("A", 0.5), student.allocated("B", 0.5)

    assert abs((a.ability - b.ability) - 0.5 * ABILITY_PER_EFFECT) < 1e-12
    assert student.allocated("C", 0.5).ability == student.talent
    assert student.allocated(None, 0.5).ability == student.talent
    assert (a.talent, a.name) == (b.talent, b.name)


@given(st.floats(-4, 4), st.floats(0.01, 3), st.floats(0, 1))
def test_more_ability_means_fewer_and_smaller_faults(ability: float, more: float, weight: float):
    better = ability + more

    assert forgets(better, weight) < forgets(ability, weight)
    assert mistakes_dose(better) < mistakes_dose(ability)
    assert temptations(better) < temptations(ability)
    assert recognises(better) > recognises(ability)
    assert slowness(better, student_of(1, 1).draws("pace")) <= slowness(
        ability, student_of(1, 1).draws("pace")
    )


@given(st.floats(-4, 4), st.floats(0, 0.9), st.floats(0.05, 0.1))
def test_what_matters_more_is_forgotten_less(ability: float, weight: float, more: float):
    assert forgets(ability, weight + more) < forgets(ability, weight)
