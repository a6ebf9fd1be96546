"""The scripts beside a report reach its numbers without Holdfast, and fail when one is another."""

import shutil
import subprocess
import sys

import pytest

from fixtures.made_study import csv_tables, made_dataset
from holdfast.research.analysis.analysing import carried_out
from holdfast.research.plan.default import default_plan
from holdfast.research.report.recomputing.writing import write_scripts

RSCRIPT = shutil.which("Rscript")


@pytest.fixture(scope="module")
def bundle(tmp_path_factory):
    place = tmp_path_factory.mktemp("bundle")
    dataset = made_dataset(place / "parquet", 37, covariates=True, seed=7)
    plan = default_plan(("A", "B"), {"A": True, "B": False})
    how = {"covariates": ("ability",), "cluster": "cluster", "seed_figures": True}
    margin = plan.outcomes[0].model_copy(update={"margin": 5.0})
    plan = plan.model_copy(
        update={
            "analysis": plan.analysis.model_copy(update=how),
            "outcomes": (margin, *plan.outcomes[1:]),
        }
    )
    analysis = carried_out(dataset, plan)
    csv_tables(dataset, place / "csv")
    write_scripts(analysis.results, place, analysis.draws_table())
    return place


def _run(place, language):
    command = [sys.executable, "analysis.py"] if language == "python" else [RSCRIPT, "analysis.R"]
    return subprocess.run(command, cwd=place, capture_output=True, text=True, timeout=120, check=False)


LANGUAGES = [
    "python",
    pytest.param("r", marks=pytest.mark.skipif(RSCRIPT is None, reason="Rscript is not installed")),
]


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_number_is_reached(bundle, language):
    done = _run(bundle, language)
    assert done.returncode == 0, done.stdout + done.stderr
    first = next(line for line in done.stdout.splitlines() if "numbers of the report" in line)
    numbers, again = [int(word) for word in first.replace(",", "").split() if word.isdigit()][:2]
    assert numbers > 1000 and numbers - again <= (0 if language == "r" else 14), done.stdout


@pytest.mark.parametrize("language", LANGUAGES)
def test_another_number_is_noticed(bundle, tmp_path, language):
    copy = tmp_path / "bundle"
    shutil.copytree(bundle, copy)
    numbers = copy / "report_numbers.csv"
    lines = numbers.read_text().splitlines()
    at = next(
        at for at, line in enumerate(lines) if line.startswith("overall_score/intention_to_treat/welch/p,")
    )
    name, value = lines[at].split(",")
    lines[at] = f"{name},{float(value) * 1.00001!r}"
    numbers.write_text("\r\n".join(lines) + "\r\n")
    done = _run(copy, language)
    assert done.returncode == 1
    assert done.stdout.count("DIFFERS") == 1 and name in done.stdout


def test_the_scripts_know_nothing_of_holdfast(bundle):
    for script in ("analysis.py", "analysis.R"):
        code = (bundle / script).read_text("utf-8")
        assert "import holdfast" not in code and "@STUDY@" not in code and "library(" not in code
