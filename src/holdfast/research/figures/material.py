"""What figures are drawn from: frames of the dataset narrowed to the arms that are compared."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Protocol

import numpy as np
import polars as pl

from holdfast.kit.errors import NotFound
from holdfast.research.figures.numbers import Values


class Tables(Protocol):
    """A dataset, as far as figures need it."""

    def scan(self, name: str) -> pl.LazyFrame:
        """One table, not yet read."""


@dataclass(frozen=True, slots=True)
class Arms:
    """The arms in the order in which they are drawn, control first, with what they are called."""

    codes: tuple[str, ...]
    labels: tuple[str, ...]

    def label(self, code: str) -> str:
        """What an arm is called."""
        return self.labels[self.codes.index(code)]


def students(tables: Tables, arms: Arms) -> pl.LazyFrame:
    """``student_id`` and ``ab_group`` of everybody in one of the arms."""
    overview = tables.scan("students_overview").select("student_id", "ab_group")
    return overview.filter(pl.col("ab_group").is_in(arms.codes))


def scores(tables: Tables, arms: Arms) -> pl.DataFrame:
    """``student_id``, ``ab_group`` and ``score`` of all students of the arms with an overall score."""
    measured = tables.scan("performance_metrics").select("student_id", score="overall_score")
    joined = students(tables, arms).join(measured, on="student_id", how="inner")
    return joined.filter(pl.col("score").is_not_null()).sort("student_id").collect()


def by_arm(frame: pl.DataFrame, arms: Arms, column: str = "score") -> dict[str, Values]:
    """The values of a column for each arm, in the frame's order; an arm without any is left out."""
    found = {}
    for code in arms.codes:
        values = frame.filter(pl.col("ab_group") == code)[column].to_numpy()
        if len(values):
            found[code] = np.asarray(values, dtype=np.float64)
    return found


def with_n(arms: Arms, code: str, n: int) -> str:
    """An arm's label with its n, on two lines."""
    return f"{wrapped(arms.label(code))}\nn = {n:,}"


def wrapped(label: str, width: int = 26) -> str:
    """A label in lines of so many characters at most, cut after three lines."""
    lines: list[str] = []
    for word in label.split():
        if lines and len(lines[-1]) + 1 + len(word) <= width:
            lines[-1] += " " + word
        else:
            lines.append(word if len(word) <= width else word[: width - 1] + "…")
    return "\n".join([*lines[:2], "…"] if len(lines) > 3 else lines)


def counts(arms: Arms, found: dict[str, Values]) -> str:
    """The arms with their n, for a caption."""
    return ", ".join(f"{arms.label(code)} n = {len(values):,}" for code, values in found.items())


def columns_there(tables: Tables, name: str, wanted: Sequence[str]) -> bool:
    """Whether the dataset has this table with these columns."""
    try:
        names = tables.scan(name).collect_schema().names()
    except (NotFound, KeyError):
        return False
    return set(wanted) <= set(names)
