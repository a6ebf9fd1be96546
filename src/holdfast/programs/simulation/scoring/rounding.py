"""How scores are rounded: to one decimal place, halves upwards, without binary surprises."""

from __future__ import annotations

from fractions import Fraction


def to_tenth(numerator: float, denominator: float = 1) -> float:
    """`numerator / denominator` to one decimal place; a half goes up, so 1.25 becomes 1.3.

    Raises:
        ZeroDivisionError: when the denominator is 0; the caller decides what an empty score is.
    """
    exact = Fraction(numerator) / Fraction(denominator)
    return int((exact * 10 + Fraction(1, 2)) // 1) / 10
