"""What a test came to: the seed's derived figures, under their own names. Pure."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True, slots=True)
class Totals:
    """The seed's figures of a test.

    Attributes:
        accuracy: right answers / scored answers, 0 to 1; none when nothing was scored.
        learning_gain: mean over concepts of |final - initial|. It says how far the estimate moved from
            where it began, which is convergence: without any learning it is well above 0.
        test_efficiency: mean Euclidean step of the proficiency vector for each answer.
    """

    accuracy: float | None
    learning_gain: float | None
    test_efficiency: float | None

    def columns(self) -> dict[str, Any]:
        """As they are stored."""
        return {name: getattr(self, name) for name in self.__slots__}


def totals(
    initial: Mapping[str, float], path: Sequence[Mapping[str, float]], *, scored: int, correct: int
) -> Totals:
    """The figures of a test from its first proficiencies and those after each answer.

    Args:
        initial: by concept.
        path: by concept, after each answer in order.
        scored: answers that count.
        correct: those of them that were right.
    """
    if not path:
        return Totals(None, None, None)
    final = path[-1]
    gain = sum(abs(final[name] - initial[name]) for name in initial) / len(initial) if initial else None
    steps = [_distance(before, after) for before, after in zip([initial, *path[:-1]], path, strict=True)]
    return Totals(correct / scored if scored else None, gain, math.fsum(steps) / len(path))


def _distance(before: Mapping[str, float], after: Mapping[str, float]) -> float:
    return math.sqrt(sum((after[name] - before[name]) ** 2 for name in before))
