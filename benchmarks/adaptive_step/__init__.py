"""What an adaptive step costs, and how well it measures: Holdfast beside PyPI's mirt and catsim.

A step chooses the next item and estimates ability and its standard error anew. All candidates test the
same examinees on the same banks, and an examinee's answer to an item is the same everywhere, so that
differences in accuracy are the candidates' and not luck. Figures of one run are compared with one another
only.
"""

from __future__ import annotations

from collections.abc import Sequence


def main(argv: Sequence[str]) -> int:
    """Run it; 0 when every figure holds."""
    from benchmarks.adaptive_step.run import main as run  # noqa: PLC0415  # the peers load slowly

    return run(argv)
