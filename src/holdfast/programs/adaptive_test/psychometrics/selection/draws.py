"""Uniform numbers from a stored draw, the same in a live session, in a replay and in a simulation.

A draw is one whole number of 63 bits, made by the caller and stored with the choice. Numbers are taken
from it by position (splitmix64: Steele, Lea and Flood 2014), so that nothing depends on how many were
taken before.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from holdfast.programs.adaptive_test.psychometrics.curves import FloatArray

_GOLDEN = 0x9E3779B97F4A7C15
_FIRST, _SECOND = 0xBF58476D1CE4E5B9, 0x94D049BB133111EB
_MASK = (1 << 64) - 1
_UNIT = 2.0**-53

CHOICE, PRETEST = 0, 1
"""Positions in a draw: which of the best items; which pretest item. Per-item numbers start at `PER_ITEM`."""

PER_ITEM = 16

U64Array = NDArray[np.uint64]


def uniform(draw: int, position: int) -> float:
    """One number of a draw, at least 0 and below 1."""
    z = (draw + (position + 1) * _GOLDEN) & _MASK
    z = ((z ^ (z >> 30)) * _FIRST) & _MASK
    z = ((z ^ (z >> 27)) * _SECOND) & _MASK
    return ((z ^ (z >> 31)) >> 11) * _UNIT


def uniforms(draws: NDArray[np.int64] | int, positions: NDArray[np.int64] | int) -> FloatArray:
    """The same for arrays that broadcast together."""
    # As arrays of at least one dimension, since NumPy warns of the intended overflow for single numbers.
    draw = np.atleast_1d(np.asarray(draws)).astype(np.uint64)
    position = np.atleast_1d(np.asarray(positions)).astype(np.uint64)
    z: U64Array = draw + (position + np.uint64(1)) * np.uint64(_GOLDEN)
    z = (z ^ (z >> np.uint64(30))) * np.uint64(_FIRST)
    z = (z ^ (z >> np.uint64(27))) * np.uint64(_SECOND)
    found = ((z ^ (z >> np.uint64(31))) >> np.uint64(11)).astype(np.float64) * _UNIT
    return found.reshape(np.broadcast_shapes(np.shape(draws), np.shape(positions)))
