"""A bundle from its dataset: complete, the same each time, and its stages by themselves."""

import hashlib
import shutil
import zipfile

import orjson
import polars as pl
import pytest
from python_calamine import CalamineWorkbook

from fixtures.made_study import made_dataset
from holdfast.kit.errors import InvalidInput
from holdfast.research import bundle as bundles
from holdfast.research.analysis.analysing import carried_out
from holdfast.research.bundle import analyse_bundle, complete, report_bundle
from holdfast.research.codebook import TABLES
from holdfast.research.dataset import Dataset
from holdfast.research.export.archive import zipped
from holdfast.research.export.formats import formats_in
from holdfast.research.export.labelled_files import read_labelled
from holdfast.research.export.manifest import differences, read_manifest
from holdfast.research.export.staging import staged
from holdfast.research.order import Course, Order
from holdfast.research.planned import plan_for

SEED_SHEETS = [
    "Student Overview",
    "Overall Performance",
    "Scenario Performance",
    "Pattern Analysis",
    "AB Comparison",
    "Statistical Tests",
    "Critical Actions",
    "Medications",
    "Challenge Points",
    "AAR Transcripts",
]
SEED_CSV = [
    "students_overview",
    "scenario_performance",
    "critical_actions_timeline",
    "medications_administered",
    "challenge_points_usage",
    "performance_metrics",
]


def _quiet(done, total, what):
    assert 0 <= done <= total == 1000
    assert what


def _analysis(dataset):
    plan, default = plan_for(dataset, None, None, "Made study")
    return carried_out(dataset, plan, default_plan=default)


def _make(place, students=24, **wanted):
    arms = wanted.pop("arms", ("A", "B"))
    with staged(place) as work:
        made_dataset(work / "parquet", students, arms=arms)
        order = Order("Made study", **wanted)
        return complete(work, order, _analysis, Course(_quiet), {"registrations": []})


def _hashes(place):
    return {
        path.relative_to(place).as_posix(): hashlib.sha256(path.read_bytes()).hexdigest()
        for path in place.rglob("*")
        if path.is_file()
    }


@pytest.fixture(scope="module")
def made(tmp_path_factory):
    place = tmp_path_factory.mktemp("bundles") / "one"
    _make(place)
    return place


def test_it_holds_what_the_seed_promised_and_every_format(made):
    names = _hashes(made).keys()
    assert {f"csv/{name}.csv" for name in SEED_CSV} <= names
    for table in TABLES:
        formats = ("parquet/{}.parquet", "csv/{}.csv", "spss/{}.sav", "stata/{}.dta")
        assert {form.format(table.name) for form in formats} <= names
    assert {"README.txt", "manifest.json", "plan.toml", "results.json", "resampling_draws.csv"} <= names
    assert {"ab_testing_report.txt", "report.html", "report.pdf"} <= names
    assert {"codebook/codebook.html", "codebook/dataset_description.json", "parquet/intake.json"} <= names
    assert any(name.startswith("figures/") and name.endswith(".svg") for name in names)


def test_the_workbook_has_the_seeds_sheets_and_the_arms_have_names(made):
    book = CalamineWorkbook.from_path(made / "student_data_analysis.xlsx")
    assert [name for name in book.sheet_names if name in SEED_SHEETS] == SEED_SHEETS
    assert book.sheet_names[-2:] == ["Codebook", "About"]
    header, *arms = book.get_sheet_by_name("AB Comparison").to_python()
    assert [arm[0] for arm in arms] == ["A", "B"]
    scores = pl.read_parquet(made / "parquet/performance_metrics.parquet")
    mean = scores.filter(pl.col("ab_group") == "A")["overall_score"].mean()
    assert arms[0][header.index("overall_score_mean")] == pytest.approx(mean, rel=1e-14)
    tests = book.get_sheet_by_name("Statistical Tests").to_python()
    results = bundles.results_of(made)
    confirmed = [row for row in tests if "confirmatory" in row]
    assert len(confirmed) == sum(outcome.confirmatory is not None for outcome in results.outcomes)
    assert results.primary.confirmatory.p in confirmed[0]


def test_the_manifest_tells_every_file_and_a_change_is_seen(made, tmp_path):
    _make(tmp_path / "other", formats=formats_in("csv"), report=False)
    manifest = read_manifest(tmp_path / "other")
    assert manifest["intake"]["found"] == 27
    assert manifest["tables"]["students_overview"]["rows"] == 24
    assert manifest["files"]["csv/students_overview.csv"]["rows"] == 24
    assert manifest["analysis"]["seed"] == 1
    assert len(manifest["analysis"]["plan_sha256"]) == 64
    assert "spss/students_overview.sav" not in manifest["files"]
    assert list(differences(tmp_path / "other")) == []
    (tmp_path / "other/csv/students_overview.csv").write_text("x")
    (tmp_path / "other/csv/messages.csv").unlink()
    (tmp_path / "other/new").touch()
    assert list(differences(tmp_path / "other")) == [
        "csv/messages.csv: is missing",
        "new: is not in the manifest",
        "csv/students_overview.csv: was changed",
    ]


def test_data_with_one_arm_make_a_bundle_that_says_why_it_has_no_analysis(tmp_path):
    facts = _make(tmp_path / "one_arm", arms=("A",), formats=formats_in("none"))
    assert "two arms" in facts["analysis"]["refused"]
    assert "two arms" in (tmp_path / "one_arm/README.txt").read_text()
    assert not (tmp_path / "one_arm/report.html").exists()
    with pytest.raises(InvalidInput, match="analyse first"):
        report_bundle(tmp_path / "one_arm", _quiet)


def _refused(dataset):
    raise InvalidInput("later")


def test_the_stages_one_by_one_make_the_same_bytes_as_the_whole(made, tmp_path):
    place = tmp_path / "staged"
    with staged(place) as work:
        made_dataset(work / "parquet", 24)
        complete(work, Order("Made study"), _refused, Course(_quiet), {"registrations": []})
    assert not (place / "results.json").exists()
    analyse_bundle(place, _analysis, _quiet)
    assert not (place / "report.html").exists()
    assert list(differences(place)) == []
    report_bundle(place, _quiet)
    assert _hashes(place) == _hashes(made)
    assert b"".join(zipped(place)) == b"".join(zipped(made))


def test_the_arms_have_their_names_in_every_format_and_follow_the_plan(made, tmp_path):
    names = {"A": "Group A (with challenge points)", "B": "Group B (without challenge points)"}
    assert _arms(made) == {"sav": names, "dta": {1: f"A: {names['A']}", 2: f"B: {names['B']}"}}
    shutil.copytree(made, tmp_path / "bundle")

    def renamed(dataset):
        plan, _ = plan_for(dataset, None, None, "Made study")
        arms = tuple(arm.model_copy(update={"label": f"Arm {arm.code}"}) for arm in plan.arms)
        return carried_out(dataset, plan.model_copy(update={"arms": arms}))

    analyse_bundle(tmp_path / "bundle", renamed, _quiet)
    assert list(differences(tmp_path / "bundle")) == []
    assert _arms(tmp_path / "bundle")["sav"] == {"A": "Arm A", "B": "Arm B"}
    assert "Arm A" in (tmp_path / "bundle/codebook/codebook.html").read_text("utf-8")
    assert names["A"] not in (tmp_path / "bundle/codebook/codebook.html").read_text("utf-8")


def _arms(bundle):
    """How SPSS and Stata label the arms' codes."""
    files = {"sav": bundle / "spss/performance_metrics.sav", "dta": bundle / "stata/performance_metrics.dta"}
    metas = {ending: read_labelled(path, only_facts=True)[1] for ending, path in files.items()}
    return {ending: meta.variable_value_labels["ab_group"] for ending, meta in metas.items()}


def test_a_bundle_as_an_archive_holds_every_file(made, tmp_path):
    (tmp_path / "x.zip").write_bytes(b"".join(zipped(made)))
    with zipfile.ZipFile(tmp_path / "x.zip") as archive:
        assert archive.testzip() is None
        assert sorted(archive.namelist()) == sorted(_hashes(made))


def test_the_codebook_describes_every_column_of_every_file(made):
    document = orjson.loads((made / "codebook/dataset_description.json").read_bytes())
    described = {one["identifier"] for one in document["variableMeasured"]}
    dataset = Dataset(made / "parquet")
    assert described == {f"{t.name}.{v.name}" for t in dataset.tables for v in t.variables}
    told = pl.read_parquet_metadata(made / "parquet/performance_metrics.parquet")["holdfast.codebook"]
    assert "overall_score" in [variable["name"] for variable in orjson.loads(told)["variables"]]
    page = (made / "codebook/codebook.html").read_text()
    assert "http" not in page.replace("https://schema.org", "")
    assert all(f'id="{table.name}"' in page for table in TABLES)
