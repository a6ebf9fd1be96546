"""The scripts beside a report reach its numbers without Holdfast, and fail when one is another."""

import re
import runpy
import shutil
import subprocess
import sys
import warnings
from datetime import UTC, datetime

import numpy as np
import polars as pl
import pytest

from fixtures.made_study import csv_tables, made_dataset
from holdfast.research.analysis.analysing import carried_out
from holdfast.research.figures.drawing import Figures
from holdfast.research.plan.default import default_plan
from holdfast.research.plan.document import write_plan
from holdfast.research.plan.model import Looks, RecordedLook, Registration
from holdfast.research.report.as_text import as_text
from holdfast.research.report.recomputing.numbers import report_numbers
from holdfast.research.report.recomputing.writing import write_scripts
from holdfast.research.report.writing_up import write_up

RSCRIPT = shutil.which("Rscript")
WHEN = datetime(2026, 10, 1, tzinfo=UTC)
BEGUN = (2, 0, 3, 1)
COHORTS = ("autumn", 'l\'été, "A"', "=sum", "中文")
DECIMALS = re.compile(r"(?<![\w.,])\d*\.\d{2,}(?![\w.])")


def _study(place, students, cohorts):
    """Ties, classes within arms, a third arm; who crossed, did not start, stands there twice, has no arm."""
    dataset = made_dataset(place / "parquet", students, covariates=True, seed=students)
    order, had = pl.col("enrolment_order"), pl.col("challenge_points_enabled")
    unstarted = (pl.col("scenarios_completed") == 0) & (order % 2 == 0)
    place_of = [at * cohorts // students for at in range(students)]
    known = cohorts == len(BEGUN)  # else the data do not tell how cohorts followed one another
    overview = dataset.read("students_overview").with_columns(
        cohort=pl.Series([COHORTS[at] for at in place_of]),
        cohort_order=pl.Series([BEGUN[at] if known else None for at in place_of], dtype=pl.Int64),
        cluster=pl.format("class {}{}", "ab_group", order // 8),
        challenge_points_enabled=pl.when(order % 11 == 3).then(~had).when(order % 13 != 5).then(had),
        session_id=pl.when(~unstarted).then("session_id"),
        ab_group=pl.when(order % 17 == 14).then(pl.lit("C")).when(order % 19 != 16).then("ab_group"),
    )
    if cohorts > 1:
        overview = pl.concat([overview, overview[:2].with_columns(cohort=pl.lit("later"))])
    overview.write_parquet(place / "parquet" / "students_overview.parquet")
    tied = dataset.read("performance_metrics").with_columns((pl.col("overall_score") / 5).round() * 5)
    tied.write_parquet(place / "parquet" / "performance_metrics.parquet")
    return dataset


def _plan(looks=None, **how):
    plan = default_plan(("A", "B"), {"A": True, "B": False}, ratio={"B": 2.0})
    family = [one.model_copy(update={"family": True}) for one in plan.outcomes]
    family[0] = family[0].model_copy(update={"margin": 5.0})
    usual = {"covariates": ("ability",), "cluster": "cluster", "permutations": 999, "bootstraps": 999}
    changed = {
        "analysis": plan.analysis.model_copy(update={**usual, "seed_figures": True, **how}),
        "outcomes": tuple(family),
        "looks": looks or Looks(),
    }
    return plan.model_copy(update=changed)


def _looked_at(plan, *observed):
    looks = tuple(RecordedLook(WHEN, plan.sha256, one, one / plan.looks.students) for one in observed)
    return Registration(
        "autumn",
        plan.sha256,
        write_plan(plan),
        WHEN,
        "r@example.com",
        WHEN,
        after_first_outcome=False,
        looks=looks,
    )


PLANNED = _plan(Looks(kind="planned", fractions=(0.3, 0.6, 1.0), students=90), alpha=0.04)
FIRST = Looks(kind="planned", fractions=(0.5, 1.0), students=800)
STUDIES = {
    "6 students": (6, 1, _plan(), None),
    "24, looks at any time, classes allocated": (
        24, 1, _plan(Looks(kind="open-ended"), allocated_by_cluster=True), None,
    ),
    "60, planned looks, cohorts": (60, 4, PLANNED, _looked_at(PLANNED, 20, 38)),
    "400, a first look, classes allocated, no adjustment": (
        400, 2, _plan(FIRST, allocated_by_cluster=True, multiplicity="none"), None,
    ),
}  # fmt: skip


@pytest.fixture(scope="module", params=STUDIES)
def bundle(request, tmp_path_factory):
    students, cohorts, plan, registration = STUDIES[request.param]
    return _bundle(tmp_path_factory.mktemp("bundle"), students, cohorts, plan, registration)[0]


def _bundle(place, students, cohorts, plan, registration=None):
    dataset = _study(place, students, cohorts)
    analysis = carried_out(dataset, plan, registration)
    csv_tables(dataset, place / "csv")
    write_scripts(analysis.results, place, analysis.draws_table())
    return place, analysis.results


@pytest.fixture(scope="module")
def tiny(tmp_path_factory):
    return _bundle(tmp_path_factory.mktemp("tiny"), 12, 1, _plan(minimum_per_arm=3))[0]


def _run(place, language):
    command = [sys.executable, "analysis.py"] if language == "python" else [RSCRIPT, "analysis.R"]
    return subprocess.run(command, cwd=place, capture_output=True, text=True, timeout=120, check=False)


def _here(place, capsys):
    """The Python script in this process, which has NumPy and SciPy already; its status and what it says."""
    with np.errstate(), warnings.catch_warnings():
        warnings.simplefilter("default")
        with pytest.raises(SystemExit) as ended:
            runpy.run_path(str(place / "analysis.py"), run_name="__main__")
    return ended.value.code, capsys.readouterr().out


needs_r = pytest.mark.skipif(RSCRIPT is None, reason="Rscript is not installed")
LANGUAGES = ["python", pytest.param("r", marks=needs_r)]


def _all_reached(said):
    found = re.match(r"(\d+) numbers of the report, (\d+) computed again here, 0 of them differ", said)
    assert found and found[1] == found[2] and int(found[1]) > 300, said


def test_python_reaches_every_number(bundle, capsys):
    code, said = _here(bundle, capsys)
    assert code == 0, said
    _all_reached(said)


def test_cohorts_stand_in_the_order_in_which_they_began_where_the_data_tell(tmp_path):
    students, cohorts, plan, registration = STUDIES["60, planned looks, cohorts"]
    found = _bundle(tmp_path / "told", students, cohorts, plan, registration)[1].longitudinal
    assert [one.cohort for one in found.cohorts] == [COHORTS[at] for at in (1, 3, 0, 2)]
    assert "first enrolment" in found.trend.note
    found = _bundle(tmp_path / "untold", 400, 2, _plan())[1].longitudinal
    assert [one.cohort for one in found.cohorts] == sorted(COHORTS[:2])
    assert "order of name" in found.trend.note


@needs_r
def test_r_reaches_every_number(bundle):
    done = _run(bundle, "r")
    assert done.returncode == 0, done.stdout + done.stderr
    _all_reached(done.stdout)


@pytest.mark.parametrize("language", LANGUAGES)
def test_another_number_is_noticed(tiny, tmp_path, language):
    copy = tmp_path / "bundle"
    shutil.copytree(tiny, copy)
    numbers = copy / "report_numbers.csv"
    lines = numbers.read_text("utf-8").splitlines()
    changed = {"overall_score/intention_to_treat/welch/p", "checks/sample_ratio/p", "flow/randomised"}
    for at, line in enumerate(lines):
        name, value = line.rsplit(",", 1)
        if name in changed:
            lines[at] = f"{name},{float(value) * 1.00001!r}"
    lines.append("overall_score/intention_to_treat/welch/unheard_of,1.0")
    numbers.write_text("\r\n".join(lines) + "\r\n", encoding="utf-8")
    done = _run(copy, language)
    assert done.returncode == 1
    assert done.stdout.count("DIFFERS") == len(changed)
    assert all(f"DIFFERS  {name} " in done.stdout for name in changed)
    assert "not computed again here:\n  overall_score/intention_to_treat/welch/unheard_of" in done.stdout


@pytest.mark.parametrize(
    ("study", "names"),
    {
        "24, looks at any time, classes allocated": (
            "overall_score/intention_to_treat/confidence_sequence/low",
            "looks/sequence/e_value",
            "overall_score/intention_to_treat/cr2/df",
            "overall_score/intention_to_treat/cluster_means/p",
            "checks/contamination/not known",
            "flow/other_arms/arm C, which the plan does not compare",
        ),
        "60, planned looks, cohorts": (
            "looks/present/threshold",
            "longitudinal/pooled/estimate",
            "longitudinal/trend/p",
            "cohorts/中文/welch/se",
            "flow/excluded/in several cohorts, counted once",
            "flow/arm/A/not_per_protocol/challenge points not as the arm says",
            "checks/attrition/p",
            "baseline/value/ability/standardised_difference",
            "safety/medication_errors/A/with_event",
            "overall_score/intention_to_treat/hodges_lehmann/estimate",
            "family/completion/p_adjusted",
        ),
    }.items(),
)
def test_the_text_of_the_report_has_no_other_numbers(tmp_path, study, names):
    students, cohorts, plan, registration = STUDIES[study]
    results = _bundle(tmp_path, students, cohorts, plan, registration)[1]
    numbers = dict(report_numbers(results))
    assert not set(names) - set(numbers)
    written = {
        f"{abs(size):.{digits}f}"
        for value in numbers.values()
        for size in (value, 100 * value)
        for digits in range(2, 7)
    }
    written |= {one.removeprefix("0") for one in written} | {".001", ".999"}
    lines = as_text(write_up(results, Figures((), ()))).splitlines()
    stated = [
        line for line in lines if "Bayes" not in line and "seconds" not in line and ": " not in line[:30]
    ]
    assert not [(one, line) for line in stated for one in DECIMALS.findall(line) if one not in written]


def test_the_scripts_know_nothing_of_holdfast(tiny):
    for script in ("analysis.py", "analysis.R"):
        code = (tiny / script).read_text("utf-8")
        assert "import holdfast" not in code and "@STUDY@" not in code and "library(" not in code
