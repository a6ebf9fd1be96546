"""How many students share what may be known of them from elsewhere (k-anonymity, Sweeney 2002)."""

from __future__ import annotations

from collections.abc import Sequence

import polars as pl

from holdfast.research.dataset import SmallCells

SMALL = 5
"""Fewer than so many stand out: the usual threshold of statistical offices and of NHS Digital."""

QUASI_IDENTIFIERS = ("cohort", "ab_group", "cluster", "session_complete", "scenarios_completed")
"""What somebody who was there may know of a student, and a de-identified dataset still tells."""


def small_cells(
    overview: pl.LazyFrame, variables: Sequence[str] = QUASI_IDENTIFIERS, below: int = SMALL
) -> SmallCells:
    """Count the combinations of some variables of the overview, and those that few students share."""
    cells = overview.group_by(variables).len().collect()["len"]
    small = cells.filter(cells < below)
    return SmallCells(
        variables=tuple(variables),
        below=below,
        cells=cells.len(),
        small_cells=small.len(),
        students_in_small_cells=int(small.sum()),
        smallest=int(cells.min()) if cells.len() else None,  # type: ignore[arg-type]
    )
