"""The files with which anybody recomputes a report: scripts, the numbers to reach, the draws behind some."""

from __future__ import annotations

from pathlib import Path

import polars as pl

from holdfast.research.analysis.results import Results
from holdfast.research.report.recomputing.numbers import numbers_csv
from holdfast.research.report.recomputing.study import python_script, r_script


def write_scripts(results: Results, directory: Path, draws: pl.DataFrame | None = None) -> list[Path]:
    """Write ``analysis.R``, ``analysis.py``, ``report_numbers.csv`` and the draws; their paths.

    They expect the exported tables in ``csv`` beside them. `draws` are ``Analysis.draws_table()``; without
    them permutation and bootstrap figures are not reached again, and the scripts say so.
    """
    directory.mkdir(parents=True, exist_ok=True)
    texts = {
        "analysis.R": r_script(results),
        "analysis.py": python_script(results),
        "report_numbers.csv": numbers_csv(results),
    }
    paths = []
    for name, text in texts.items():
        paths.append(directory / name)
        paths[-1].write_text(text, encoding="utf-8", newline="")
    if draws is not None and draws.height:
        paths.append(directory / "resampling_draws.csv")
        draws.write_csv(paths[-1], line_terminator="\r\n")
    return paths
