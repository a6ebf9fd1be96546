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
from dataclasses import asdict, dataclass, field
from datetime import datetime
from pathlib import Path
from typing import Any

import orjson

from holdfast.kit.errors import InvalidInput
from holdfast.research.analysis import analyse
from holdfast.research.analysis.results import Results
from holdfast.research.codebook import TABLES
from holdfast.research.dataset import Dataset
from holdfast.research.export.data_files import (
    WORKBOOK,
    Format,
    Made,
    Progress,
    Wish,
    formats_in,
    telling_full_disk,
    write_data_files,
)
from holdfast.research.export.manifest import read_manifest, versions, write_manifest
from holdfast.research.export.readme import readme, reconciliation
from holdfast.research.export.staging import MANIFEST, staged
from holdfast.research.figures.drawing import draw_figures
from holdfast.research.plan.default import default_plan
from holdfast.research.plan.document import read_plan, write_plan
from holdfast.research.plan.model import Plan, Registration
from holdfast.research.report.writing import FIGURES, HTML, PDF, TEXT, write_report

PARQUET, RESULTS, PLAN, README, INTAKE = "parquet", "results.json", "plan.toml", "README.txt", "intake.json"
SCRIPTS = ("analysis.R", "analysis.py")
_SHARES = {"collect": 0.3, "analyse": 0.15, "files": 0.35, "figures": 0.15, "manifest": 0.05}
WHOLE = 1000


@dataclass(frozen=True, slots=True)
class Order:
    """What a bundle is to be.

    Attributes:
        title: of the study.
        identified: with names and e-mail addresses; with_text: with what was said.
        formats: beside Parquet; bom: CSV begins with a byte order mark.
    """

    title: str
    identified: bool = False
    with_text: bool = False
    formats: frozenset[Format] = field(default_factory=lambda: formats_in("all"))
    bom: bool = False


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


Analysis = Callable[[Dataset, Progress], "Results | None"]


def complete(work: Path, order: Order, analysis: Analysis, course: Course) -> dict[str, Any]:
    """Everything after the dataset, in a directory whose ``parquet`` stands; the manifest's facts."""
    dataset = Dataset(work / PARQUET)
    results = _analysed(work, dataset, analysis, course)
    with telling_full_disk(work):
        return _written(work, dataset, order, results, course)


def _analysed(work: Path, dataset: Dataset, analysis: Analysis, course: Course) -> Results | str:
    """The results, or why there are none."""
    told = course.phase("analyse")
    told(0, 1, "analysis")
    try:
        results = analysis(dataset, told)
    except InvalidInput as error:
        return str(error)
    if results is None:
        return "no analysis was asked for"
    (work / RESULTS).write_text(results.to_json(), encoding="utf-8", newline="\n")
    (work / PLAN).write_text(results.plan.toml, encoding="utf-8", newline="\n")
    return results
