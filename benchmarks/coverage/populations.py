"""Where the simulated scores come from, with what is true of them."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from math import erf, exp, pi, sqrt

import numpy as np
from numpy.typing import NDArray

Sampler = Callable[[np.random.Generator, tuple[int, ...]], NDArray[np.float64]]


@dataclass(frozen=True)
class Population:
    """A distribution of scores with its mean."""

    name: str
    draw: Sampler = field(repr=False)
    mean: float
    sd: float | None = None


def normal(mean: float, sd: float) -> Population:
    return Population(f"normal {mean:g}, {sd:g}", lambda rng, size: rng.normal(mean, sd, size), mean, sd)


def ceiling(mean: float, sd: float) -> Population:
    """Normal, cut at 100."""
    z = (100 - mean) / sd
    below, density = (1 + erf(z / sqrt(2))) / 2, exp(-z * z / 2) / sqrt(2 * pi)
    true = mean * below - sd * density + 100 * (1 - below)
    return Population(
        f"normal {mean:g}, {sd:g} cut at 100",
        lambda rng, size: np.minimum(rng.normal(mean, sd, size), 100),
        true,
    )


def skewed(shape: float, scale: float) -> Population:
    """100 less a gamma variable."""
    return Population(
        f"100 - gamma({shape:g}, {scale:g})",
        lambda rng, size: 100 - rng.gamma(shape, scale, size),
        100 - shape * scale,
    )


def decisions(number: int, chance: float) -> Population:
    """The share of right decisions: few values, many ties."""
    return Population(
        f"{number} decisions, {chance:g} right",
        lambda rng, size: rng.binomial(number, chance, size) * 100 / number,
        100 * chance,
    )


def middle_difference(first: Population, second: Population) -> float:
    """The median of X - Y, what Hodges and Lehmann estimate, from four million pairs."""
    rng = np.random.default_rng(7)
    return float(np.median(first.draw(rng, (4_000_000,)) - second.draw(rng, (4_000_000,))))


def superiority(first: Population, second: Population) -> float:
    """P(X > Y) + P(X = Y) / 2, from four million pairs."""
    rng = np.random.default_rng(8)
    x, y = first.draw(rng, (4_000_000,)), second.draw(rng, (4_000_000,))
    return float(np.mean(x > y) + np.mean(x == y) / 2)
