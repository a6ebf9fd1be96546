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
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from typing import Any

import polars as pl

from holdfast.kit.errors import InvalidInput
from holdfast.research.analysis.analysing import Analysis as Analysed
from holdfast.research.analysis.results import Results
from holdfast.research.codebook import TABLES
from holdfast.research.dataset import Dataset
from holdfast.research.export.data_files import (
    WORKBOOK,
    Made,
    Progress,
    Wish,
    described,
    refresh_workbook,
    telling_full_disk,
    write_data_files,
)
from holdfast.research.export.formats import Format, formats_in
from holdfast.research.export.manifest import read_manifest, versions, write_manifest
from holdfast.research.export.notices import Notice
from holdfast.research.export.readme import readme, reconciliation
from holdfast.research.export.staging import MANIFEST, staged
from holdfast.research.figures.drawing import draw_figures
from holdfast.research.report.writing import FIGURES, HTML, PDF, TEXT, write_report

PARQUET, RESULTS, PLAN, README = "parquet", "results.json", "plan.toml", "README.txt"
DRAWS = "resampling_draws.csv"
"""What permutations and bootstraps drew, so that another program can check them."""
REPORT = (TEXT, HTML, PDF, "analysis.R", "analysis.py", "report_numbers.csv")
WHOLE = 1000
_SHARES = {"collect": 0.3, "analyse": 0.15, "files": 0.35, "figures": 0.15, "manifest": 0.05}

DEIDENTIFIED = (
    "De-identified: students stand under keyed pseudonyms, dates are shifted by a secret number of weeks "
    "for each student. Rare combinations may still tell who somebody is."
)
Analysis = Callable[[Dataset], Analysed]
"""What analyses a dataset: `analysing.analyse` with a plan."""


@dataclass(frozen=True, slots=True)
class Order:
    """What a bundle is to be.

    Attributes:
        title: of the study.
        identified: with names and e-mail addresses; with_text: with what was said.
        formats: beside Parquet; bom: CSV begins with a byte order mark.
        report: with report and figures.
    """

    title: str
    identified: bool = False
    with_text: bool = False
    formats: frozenset[Format] = field(default_factory=lambda: formats_in("all"))
    bom: bool = False
    report: bool = True


class Course:
    """How far the whole is: each phase has its share, whatever it counts by itself."""

    def __init__(self, progress: Progress) -> None:
        self._progress = progress

    def phase(self, name: str) -> Progress:
        """The progress of one phase, told as part of the whole."""
        names = list(_SHARES)
        before = sum(_SHARES[each] for each in names[: names.index(name)])

        def tell(done: int, total: int, what: str) -> None:
            share = before + _SHARES[name] * (done / total if total else 1)
            self._progress(round(share * WHOLE), WHOLE, what)

        return tell


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
    facts = {**_facts(work, order), **known}
    results = None
    with telling_full_disk(work):
        try:
            results = _analysed(work, analysis, course)
        except InvalidInput as error:  # such as data with a single arm: the dataset is there all the same
            facts["analysis"] = {"refused": str(error)}
        else:
            facts["analysis"] = _of(results)
        made = write_data_files(work, TABLES, results, _wish(facts, order), course.phase("files"))
        if results is not None and order.report:
            _reported(work, results, course)
        return _sealed(work, facts, made, course)


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


def _facts(work: Path, order: Order) -> dict[str, Any]:
    intake = intake_of(work)
    return {
        "title": order.title,
        "identified": order.identified,
        "with_text": order.with_text,
        "source": intake["source"],
        "snapshot_time": intake["snapshot"],
        "intake": intake,
        "options": {"formats": sorted(order.formats), "bom": order.bom},
        "versions": versions(),
    }


def _of(results: Results) -> dict[str, Any]:
    plan = results.plan
    return {"plan_sha256": plan.sha256, "plan_status": plan.status, "seed": results.seed}


def intake_of(bundle: Path) -> dict[str, Any]:
    """Where the records of a bundle's dataset went."""
    return Dataset(bundle / PARQUET).intake.to_json()


def _wish(facts: Mapping[str, Any], order: Order) -> Wish:
    kind = " ".join(_kind(order))
    about = [("Study", order.title), ("State of the data", str(facts["snapshot_time"])), ("Contents", kind)]
    for line in reconciliation(facts["intake"]):
        what, _, count = line.strip().rpartition(" ")
        about.append((f"Records {what.strip()}", count))
    about += [(f"Version of {name}", str(number)) for name, number in facts["versions"].items()]
    return Wish(
        moment=datetime.fromisoformat(facts["snapshot_time"]),
        formats=order.formats,
        facts={
            "name": order.title,
            "description": f"Learning sessions, exported by Holdfast. {kind}",
            "version": str(facts["versions"]["holdfast"]),
            "created": str(facts["snapshot_time"]),
        },
        about=tuple(about),
        bom=order.bom,
    )


def _kind(order: Order) -> list[str]:
    """Who can be recognised in it, in sentences."""
    if order.identified:
        return ["Identified: it holds names, e-mail addresses and true dates; it is not for sharing."]
    said = [DEIDENTIFIED]
    if order.with_text:
        said.append("What was said is included; names and e-mail addresses are masked as far as known.")
    else:
        said.append("What was said is left out.")
    return said


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
    text = readme(facts, made.tables, made.notices, _kind(order), there)
    (work / README).write_text(text, encoding="utf-8")
    write_manifest(work, facts, made.rows)
    course.phase("manifest")(1, 1, "manifest")
    return facts


def order_of(facts: Mapping[str, Any]) -> Order:
    """The order that a manifest's facts were made by."""
    formats = formats_in(",".join(facts["options"]["formats"]) or "none")
    return Order(
        title=facts["title"],
        identified=facts["identified"],
        with_text=facts["with_text"],
        formats=formats,
        bom=facts["options"]["bom"],
    )


def analyse_bundle(bundle: Path, analysis: Analysis, progress: Progress) -> Results:
    """Analyse the dataset of a bundle again; the workbook's tests follow, report and figures go.

    Raises:
        InvalidInput: no bundle, or its data allow no analysis.
    """
    with _anew(bundle) as (work, facts):
        _remove(work, RESULTS, PLAN, DRAWS, *REPORT, FIGURES)
        course = Course(progress)
        results = _analysed(work, analysis, course)
        facts["analysis"] = _of(results)
        order = order_of(facts)
        made = refresh_workbook(work, TABLES, results, _wish(facts, order), course.phase("files"))
        made.rows = {**facts["rows"], **made.rows}
        kept = [Notice(**one) for one in facts["notices"] if one["file"] != WORKBOOK]
        made.notices = [*kept, *made.notices]
        _sealed(work, facts, made, course)
    return results


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
    _sealed(work, facts, Made(described(work / PARQUET, TABLES), facts["rows"], notices), course)


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
