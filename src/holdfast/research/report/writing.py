"""The report's files beside one another: text, HTML and PDF, from the results and the figures."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path

import polars as pl

from holdfast.research.analysis.results import Results
from holdfast.research.figures.drawing import Figures, draw_figures
from holdfast.research.figures.material import Tables
from holdfast.research.report.as_html import as_html
from holdfast.research.report.as_pdf import as_pdf
from holdfast.research.report.as_text import as_text
from holdfast.research.report.recomputing.writing import write_scripts
from holdfast.research.report.writing_up import write_up

TEXT = "ab_testing_report.txt"
HTML = "report.html"
PDF = "report.pdf"
FIGURES = "figures"

Progress = Callable[[int, int, str], None]


def write_report(
    results: Results,
    tables: Tables,
    directory: Path,
    *,
    figures: Figures | None = None,
    draws: pl.DataFrame | None = None,
    progress: Progress | None = None,
) -> list[Path]:
    """Write the report and the scripts that recompute it into the directory; the paths.

    Figures are drawn into ``figures`` beside them unless they are given. `draws` are what permutations and
    bootstraps drew (``Analysis.draws_table()``), without which the scripts cannot reach their figures. The
    same results, tables and versions give the same bytes: the only time in a file is that of the snapshot.
    """
    directory.mkdir(parents=True, exist_ok=True)
    drawn = figures or draw_figures(results, tables, directory / FIGURES, progress)
    document = write_up(results, drawn)
    files = {one.name: one.files for one in drawn.saved}
    paths = [directory / name for name in (TEXT, HTML, PDF)]
    paths[0].write_text(as_text(document), encoding="utf-8", newline="\n")
    paths[1].write_text(as_html(document, files), encoding="utf-8", newline="\n")
    paths[2].write_bytes(as_pdf(document, files, _moment(results.study.snapshot)))
    return [*paths, *write_scripts(results, directory, draws)]


def _moment(snapshot: str) -> datetime | None:
    try:
        found = datetime.fromisoformat(snapshot)
    except ValueError:
        return None
    found = found.replace(microsecond=0)  # a PDF tells whole seconds
    return found if found.tzinfo else found.replace(tzinfo=UTC)
