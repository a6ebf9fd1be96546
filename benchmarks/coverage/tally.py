"""Counting what held, and the lines that are printed."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from math import sqrt

import numpy as np


@dataclass(frozen=True)
class Rate:
    """A share of replicates, in per cent, with its Monte-Carlo standard error.

    ``refused`` are replicates in which the method gave a reason instead of a number.
    """

    share: float
    replicates: int
    refused: int = 0

    @property
    def error(self) -> float:
        """Binomial, in per cent; with nothing or everything held, that of half a replicate."""
        share = self.share / 100
        return 100 * sqrt(max(share * (1 - share), 0.25 / self.replicates) / self.replicates)

    def __str__(self) -> str:
        note = f", {self.refused} refused" if self.refused else ""
        return f"{self.share:.1f} ± {self.error:.1f}{note}"


def rate(held: Iterable[bool | None]) -> Rate:
    """The share of true among what is not None."""
    seen = list(held)
    there = [h for h in seen if h is not None]
    return Rate(100 * float(np.mean(there)), len(there), len(seen) - len(there))


def table(title: str, columns: list[str], rows: list[list[object]]) -> None:
    """Print a Markdown table."""
    print(f"\n{title}\n")
    print("| " + " | ".join(columns) + " |")
    print("|" + "---|" * len(columns))
    for row in rows:
        print("| " + " | ".join(str(cell) for cell in row) + " |", flush=True)
