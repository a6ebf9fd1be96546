"""Randomness with a recorded seed: the same seed and purpose give the same draws, on any machine."""

from __future__ import annotations

import random
import secrets


def new_seed() -> int:
    """A fresh seed to be stored beside what it decides: 63 bits, so that it fits a bigint."""
    return secrets.randbits(63)


def stream(seed: int, purpose: str) -> random.Random:
    """A generator for one purpose; other purposes of the same seed do not disturb it."""
    return random.Random(f"{purpose}:{seed}")
