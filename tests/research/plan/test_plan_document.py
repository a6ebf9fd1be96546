"""``plan.toml``: read, written, hashed, and told what is wrong with it by line and field."""

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from holdfast.kit.errors import InvalidInput
from holdfast.research.plan.default import default_plan
from holdfast.research.plan.document import read_plan, write_plan
from holdfast.research.plan.model import Arm
from holdfast.research.plan.named import NAMED

SMALL = """
title = "A small study"
[[arms]]
code = "B"
[[arms]]
code = "A"
label = "with challenge points"
[[outcomes]]
name = "overall_score"
rank = "primary"
[analysis]
alpha = 0.01
"""


def test_a_named_outcome_brings_its_definition():
    outcome = read_plan(SMALL).outcomes[0]
    assert (outcome.table, outcome.column, outcome.kind) == ("performance_metrics", "overall_score", "score")
    assert "missing, not zero" in outcome.definition
    assert "not performed are in neither numerator nor denominator" in outcome.definition


def test_every_named_outcome_can_stand_in_a_plan():
    for name in NAMED:
        plan = read_plan(SMALL.replace("overall_score", name))
        assert plan.outcomes[0].name == name


def test_the_default_plan_reads_back_and_makes_the_arm_without_challenge_points_the_control():
    plan = default_plan(("A", "B"), {"A": True, "B": False})
    assert read_plan(write_plan(plan)) == plan
    assert plan.codes == ("B", "A")
    assert plan.population.challenge_points == "A"
    assert default_plan(("X", "Y"), {"X": False, "Y": True}).codes == ("X", "Y")
    assert default_plan(("X", "Y")).population.challenge_points is None


def test_the_hash_is_of_the_meaning():
    plan = read_plan(SMALL)
    spaced = "# a remark\n" + SMALL.replace("alpha = 0.01", "alpha    =  1e-2  # strict")
    assert read_plan(spaced).sha256 == plan.sha256
    assert read_plan(SMALL.replace("0.01", "0.02")).sha256 != plan.sha256
    assert read_plan(write_plan(plan)).sha256 == plan.sha256


@given(st.text(min_size=1, max_size=40).filter(lambda text: text.strip()))
def test_any_label_survives_the_file(label):
    try:
        arms = (Arm(code="A", label=label), Arm(code="B"))
    except ValueError:
        return  # NUL and lone surrogates are refused
    plan = default_plan().model_copy(update={"arms": arms})
    assert read_plan(write_plan(plan)) == plan


@pytest.mark.parametrize(
    ("old", "new", "field", "words"),
    [
        ("alpha = 0.01", "alpha = 2.0", "plan.analysis.alpha", "line 12"),
        ("alpha = 0.01", "alpha = nan", "plan", ""),
        ("alpha = 0.01", 'alpha = "0.05"', "plan.analysis.alpha", "line 12"),
        ("alpha = 0.01", "alpka = 0.01", "plan.analysis.alpka", "line 12"),
        ("alpha = 0.01", "permutations = 10", "plan.analysis.permutations", "line 12"),
        ("alpha = 0.01", "minimum_per_arm = 1", "plan.analysis.minimum_per_arm", "line 12"),
        ("alpha = 0.01", "allocated_by_cluster = true", "plan.analysis", "needs a cluster"),
        ("alpha = 0.01", 'covariates = ["x", "x"]', "plan.analysis.covariates", "twice"),
        ('code = "A"', 'code = "B"', "plan.arms", "twice"),
        ('code = "A"', 'code = ""', "plan.arms.1.code", "line 6"),
        ('[[arms]]\ncode = "B"', "", "plan.arms", "at least 2"),
        ('rank = "primary"', 'rank = "secondary"', "plan.outcomes", "one must be primary"),
        ('rank = "primary"', 'rank = "main"', "plan.outcomes.0.rank", "line 10"),
        ('"overall_score"', '"something"', "plan.outcomes.0.kind", "required"),
        ('"overall_score"', '"Robert\'); DROP"', "plan.outcomes.0.name", "line 9"),
        ('rank = "primary"', 'rank = "primary"\nmargin = -1.0', "plan.outcomes.0.margin", "line 11"),
        ('rank = "primary"', 'rank = "primary"\nlow = 100.0', "plan.outcomes.0", "below high"),
        ("[analysis]", '[looks]\nkind = "planned"\n[analysis]', "plan.looks", "number of students"),
        ("[analysis]", "[looks]\nfractions = [1.0]\n[analysis]", "plan.looks", "only planned"),
        ("[analysis]", '[population]\nchallenge_points = "C"\n[analysis]', "plan.population", "no arm"),
        ('title = "A small study"', "title = ", "plan", "line 2"),
        ('title = "A small study"', "", "plan.title", "required"),
        ('title = "A small study"', 'title = "A"\nversion = 2', "plan.version", "line 3"),
        ("[analysis]", "[analysis", "plan", "not TOML"),
    ],
)
def test_what_is_wrong_is_told_by_line_and_field(old, new, field, words):
    assert old in SMALL
    with pytest.raises(InvalidInput) as caught:
        read_plan(SMALL.replace(old, new, 1))
    assert str(caught.value.field).startswith(field)
    assert words in caught.value.message


def test_a_count_needs_an_exposure_and_a_rate_no_margin():
    count = SMALL.replace("overall_score", "medication_errors")
    assert read_plan(count).outcomes[0].exposure == "scenarios_completed"
    with pytest.raises(InvalidInput, match="margin is for scores"):
        read_plan(count.replace('rank = "primary"', 'rank = "primary"\nmargin = 1.0'))
    custom = SMALL.replace(
        'name = "overall_score"', 'name = "own"\nkind = "count"\ntable = "t"\ncolumn = "c"'
    )
    with pytest.raises(InvalidInput, match="needs an exposure"):
        read_plan(custom)


def test_planned_looks_must_rise_and_end_with_everything():
    looks = '[looks]\nkind = "planned"\nstudents = 100\nfractions = {}\n[analysis]'
    good = read_plan(SMALL.replace("[analysis]", looks.format("[0.5, 1.0]")))
    assert good.looks.fractions == (0.5, 1.0)
    for wrong in ("[0.5, 0.5, 1.0]", "[1.0]", "[0.5, 0.9]", "[0.0, 1.0]", "[0.5, 1.5]"):
        with pytest.raises(InvalidInput):
            read_plan(SMALL.replace("[analysis]", looks.format(wrong)))


def test_a_plan_without_end_is_refused():
    with pytest.raises(InvalidInput, match="larger"):
        read_plan("#" * 200_000)


def test_the_plan_in_the_documentation_is_one():
    page = (Path(__file__).parents[3] / "docs" / "analysis-plan.md").read_text(encoding="utf-8")
    plan = read_plan(page.split("```toml\n", 1)[1].split("```", 1)[0])
    assert [outcome.name for outcome in plan.ordered if outcome.in_family] == ["overall_score", "own_outcome"]
    assert all(f"`{name}`" in page for name in NAMED)
