"""How well a student's proficiency is followed: the Gaussian per concept beside Elo, on simulated learners.

600 learners, six concepts correlated 0.4, 120 answers each to items of known parameters that load on one or
two concepts; once nobody learns, once each practice adds 0.02. Figures: log loss of predicting answers after
the twentieth, root mean square error over concepts after 20 and after 120 answers, and the share of true
values inside the 95 % interval at the end.
"""

from __future__ import annotations

from collections.abc import Sequence


def main(argv: Sequence[str]) -> int:
    """Run it; 0 when the reading holds that the product rests on."""
    from benchmarks.proficiency.run import main as run  # noqa: PLC0415  # SciPy loads slowly

    return run(argv)
