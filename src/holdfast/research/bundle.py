"""A bundle from its dataset to its manifest: which stage writes what, and each stage by itself.

The parts are made elsewhere (``export``, ``analysis``, ``report``, ``figures``); here stands their order.
Nothing is published before every file was read back; a stage that is run alone makes the bundle anew
beside the old one and swaps the two, so that there is never a mixture of both.
"""

from __future__ import annotations

import os
import shutil
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import polars as pl

from holdfast.kit.errors import InvalidInput
from holdfast.research.analysis.analysing import Analysis as Analysed
from holdfast.research.analysis.results import Results
from holdfast.research.codebook import TABLES
from holdfast.research.dataset import Dataset
from holdfast.research.export.arms import arms_of, with_arms
from holdfast.research.export.data_files import (
    DIRECTORIES,
    WORKBOOK,
    Made,
    Progress,
    Wish,
    described,
    refresh_workbook,
    telling_full_disk,
    write_data_files,
)
from holdfast.research.export.manifest import read_manifest, write_manifest
from holdfast.research.export.notices import Notice
from holdfast.research.export.readme import readme
from holdfast.research.export.staging import MANIFEST, staged
from holdfast.research.figures.drawing import draw_figures
from holdfast.research.order import PARQUET, Course, Order, facts_of, kind_of, order_of, wish_of
from holdfast.research.report.writing import FIGURES, HTML, PDF, TEXT, write_report

RESULTS, PLAN, README = "results.json", "plan.toml", "README.txt"
DRAWS = "resampling_draws.csv"
"""What permutations and bootstraps drew, so that another program can check them."""
REPORT = (TEXT, HTML, PDF, "analysis.R", "analysis.py", "report_numbers.csv")

Analysis = Callable[[Dataset], Analysed]
"""What analyses a dataset: `analysing.analyse` with a plan."""


def complete(
    work: Path, order: Order, analysis: Analysis, course: Course, known: Mapping[str, Any]
) -> dict[str, Any]:
    """Everything after the dataset, in a directory whose ``parquet`` stands; the manifest's facts.

    Args:
        work: the directory.
        order: what is made.
        analysis: analyses the dataset.
        course: is told how far it is.
        known: further facts for the manifest, such as what was registered.

    Raises:
        DoesNotReadBack: a file does not hold what it should.
        InvalidInput: the disk is full.
    """
    facts = {**facts_of(work, order), **known}
    results = None
    with telling_full_disk(work):
        try:
            results = _analysed(work, analysis, course)
        except InvalidInput as error:  # such as data with a single arm: the dataset is there all the same
            facts["analysis"] = {"refused": str(error)}
        else:
            facts["analysis"] = _of(results)
        made = _data_files(work, results, wish_of(facts, order), course)
        if results is not None and order.report:
            _reported(work, results, course)
        return _sealed(work, facts, made, course)


def _data_files(work: Path, results: Results | None, wish: Wish, course: Course) -> Made:
    _remove(work, WORKBOOK, *DIRECTORIES)
    return write_data_files(work, with_arms(TABLES, results), results, wish, course.phase("files"))


def _analysed(work: Path, analysis: Analysis, course: Course) -> Results:
    told = course.phase("analyse")
    told(0, 1, "analysis")
    found = analysis(Dataset(work / PARQUET))
    results = found.results
    found.draws_table().write_csv(work / DRAWS, line_terminator="\r\n")
    (work / RESULTS).write_text(results.to_json(), encoding="utf-8", newline="\n")
    (work / PLAN).write_text(results.plan.toml, encoding="utf-8", newline="\n")
    return results


def _reported(work: Path, results: Results, course: Course) -> None:
    draws = pl.read_csv(work / DRAWS) if (work / DRAWS).exists() else None
    _remove(work, DRAWS)  # it is written anew; until then it may be the earlier bundle's too
    write_report(results, Dataset(work / PARQUET), work, draws=draws, progress=course.phase("figures"))


def _of(results: Results) -> dict[str, Any]:
    plan = results.plan
    return {"plan_sha256": plan.sha256, "plan_status": plan.status, "seed": results.seed}


def _sealed(work: Path, facts: dict[str, Any], made: Made, course: Course) -> dict[str, Any]:
    """README and manifest, when all other files stand; the facts with what was written."""
    course.phase("manifest")(0, 1, "manifest")
    order = order_of(facts)
    facts["tables"] = {
        each.table.name: {"rows": each.rows, "columns": [v.name for v in each.table.variables]}
        for each in made.tables
    }
    facts["notices"] = [notice.to_json() for notice in made.notices]
    facts["rows"] = made.rows
    there = {path.name for path in work.iterdir()}
    text = readme(facts, made.tables, made.notices, kind_of(order), there)
    (work / README).write_text(text, encoding="utf-8")
    write_manifest(work, facts, made.rows)
    course.phase("manifest")(1, 1, "manifest")
    return facts


def analyse_bundle(bundle: Path, analysis: Analysis, progress: Progress) -> Results:
    """Analyse the dataset of a bundle again; the workbook's tests follow, report and figures go.

    Raises:
        InvalidInput: no bundle, or its data allow no analysis.
    """
    with _anew(bundle) as (work, facts):
        before = _results_in(work)
        _remove(work, RESULTS, PLAN, DRAWS, *REPORT, FIGURES)
        course = Course(progress)
        results = _analysed(work, analysis, course)
        facts["analysis"] = _of(results)
        wish = wish_of(facts, order_of(facts))
        if arms_of(results) == arms_of(before):
            made = _new_workbook(work, results, wish, facts, course)
        else:  # the arms have other names, and their labels stand in every file
            made = _data_files(work, results, wish, course)
        _sealed(work, facts, made, course)
    return results


def _new_workbook(work: Path, results: Results, wish: Wish, facts: Mapping[str, Any], course: Course) -> Made:
    """The workbook alone is written anew; what is known of the other files stays."""
    made = refresh_workbook(work, with_arms(TABLES, results), results, wish, course.phase("files"))
    made.rows = {**facts["rows"], **made.rows}
    kept = [Notice(**one) for one in facts["notices"] if one["file"] != WORKBOOK]
    made.notices = [*kept, *made.notices]
    return made


def report_bundle(bundle: Path, progress: Progress) -> list[str]:
    """Write report and figures of a bundle again, from its results; the names of the files.

    Raises:
        InvalidInput: no bundle, or one without results.
    """
    with _anew(bundle) as (work, facts):
        results = results_of(work)
        _remove(work, *REPORT, FIGURES)
        course = Course(progress)
        _reported(work, results, course)
        _reseal(work, facts, course)
        return [name for name in (*REPORT, FIGURES) if (work / name).exists()]


def draw_bundle(bundle: Path, progress: Progress) -> list[str]:
    """Draw the figures of a bundle again; the names of the files, and why a figure is left out.

    Raises:
        InvalidInput: no bundle, or one without results.
    """
    with _anew(bundle) as (work, facts):
        _remove(work, FIGURES)
        course = Course(progress)
        drawn = draw_figures(
            results_of(work), Dataset(work / PARQUET), work / FIGURES, course.phase("figures")
        )
        _reseal(work, facts, course)
    names = [path.name for one in drawn.saved for path in one.files.values()]
    return names + [f"{title}: {reason}" for title, reason in drawn.left_out]


def _reseal(work: Path, facts: dict[str, Any], course: Course) -> None:
    notices = [Notice(**one) for one in facts["notices"]]
    tables = with_arms(TABLES, _results_in(work))
    _sealed(work, facts, Made(described(work / PARQUET, tables), facts["rows"], notices), course)


def results_of(bundle: Path) -> Results:
    """The results that stand in a bundle.

    Raises:
        InvalidInput: there are none.
    """
    try:
        return Results.from_json((bundle / RESULTS).read_text(encoding="utf-8"))
    except OSError as error:
        message = f"holds no {RESULTS}: run holdfast research analyse first"
        raise InvalidInput(message, field=str(bundle)) from error


def _results_in(bundle: Path) -> Results | None:
    """The results that stand in a bundle, if there are any that this version reads."""
    try:
        return results_of(bundle)
    except InvalidInput:
        return None


@contextmanager
def _anew(bundle: Path) -> Iterator[tuple[Path, dict[str, Any]]]:
    """A copy of a bundle that takes its place at the end; files are shared until they are replaced."""
    facts = read_manifest(bundle)
    facts = {name: value for name, value in facts.items() if name not in {"format", "files"}}
    with staged(bundle, replace=True) as work:
        shutil.copytree(bundle, work, copy_function=_linked, dirs_exist_ok=True)
        _remove(work, README, MANIFEST)
        yield work, facts


def _linked(source: str, target: str) -> str:
    try:
        os.link(source, target)
    except OSError:  # no links on this file system
        shutil.copy2(source, target)
    return target


def _remove(work: Path, *names: str) -> None:
    for name in names:
        path = work / name
        if path.is_dir():
            shutil.rmtree(path)
        else:
            path.unlink(missing_ok=True)
