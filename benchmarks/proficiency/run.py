"""Run, print, judge."""

from __future__ import annotations

from argparse import ArgumentParser
from collections.abc import Sequence

from benchmarks.proficiency.learners import course
from benchmarks.proficiency.trackers import Figures, everyone

GROWTH = 0.02
FULL, NOISY = "Gaussian, full, correlated prior", "same + noise .01"
DIAGONAL, ELOS = "Gaussian, diagonal", ("Elo K=.4", "Elo U(n)=1/(1+.05n)")


def main(argv: Sequence[str]) -> int:
    """Two courses, one table, and whether the reading holds."""
    parser = ArgumentParser(prog="python -m benchmarks proficiency")
    parser.add_argument("--seed", type=int, default=1)
    seed = parser.parse_args(argv).seed
    static, learning = everyone(course(seed, 0.0)), everyone(course(seed, GROWTH))
    _print(static, learning)
    failed = [claim for claim, holds in _claims(static, learning).items() if not holds]
    for claim in failed:
        print(f"does not hold: {claim}")
    return 1 if failed else 0


def _claims(static: dict[str, Figures], learning: dict[str, Figures]) -> dict[str, bool]:
    """What the product's choice of proficiency rests on."""
    best_elo = min(static[name].log_loss for name in ELOS)
    return {
        "the Gaussian predicts better than Elo": static[DIAGONAL].log_loss < best_elo,
        "a correlated prior helps early": static[FULL].early_rmse < 0.97 * static[DIAGONAL].early_rmse,
        "static intervals are honest": abs((static[FULL].cover or 0) - 0.95) < 0.02,
        "without noise, intervals fail under learning": (learning[FULL].cover or 1) < 0.9,
        "with noise they hold": 0.9 <= (learning[NOISY].cover or 0) <= 0.98,
        "noise costs little when nobody learns": static[NOISY].log_loss - static[FULL].log_loss < 0.001,
    }


def _print(static: dict[str, Figures], learning: dict[str, Figures]) -> None:
    head = "logloss  RMSE@20 RMSE@120 cover"
    print(f"{'':34}{'static: ' + head:42}{'learning: ' + head}")
    for name, figures in static.items():
        print(f"{name:34}{_row(figures):42}{_row(learning[name])}")


def _row(figures: Figures) -> str:
    cover = "-" if figures.cover is None else f"{figures.cover:.3f}"
    return f"        {figures.log_loss:.4f}   {figures.early_rmse:.3f}   {figures.late_rmse:.3f}   {cover}"
