"""Numbers and units: what ``0,5 mg``, ``half a milligram`` or ``15 l/min`` amount to.

A comma followed by three digits separates thousands (``1,000``) unless the number begins with zero;
any other comma is a decimal comma. Of a range (``2.5-5 mg``) the higher end counts, because that is
what the order allows. Ratios (``1:1000``), pressures (``120/80``), concentrations (``1 mg/ml``) and
infusion rates (``5 mg/h``) are no doses.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

from holdfast.programs.simulation.interpreter.entries import word_set

LITRE = "litre"
"""A unit of its own until it is known whether oxygen (a flow) or a fluid (a volume) is meant."""

_UNIT_WORDS: dict[tuple[str, float], str] = {
    ("mg", 1): "mg mgs milligram milligrams milligramme milligrammes miligram miligrams",
    ("mcg", 1): "mcg mcgs ug \u03bcg microgram micrograms microgramme microgrammes mikrogram mikrogramov",
    ("g", 1): "g gm gms gr gram grams gramme grammes",
    ("ml", 1): "ml mls millilitre millilitres milliliter milliliters cc",
    ("ml", 10): "cl",
    ("ml", 100): "dl",
    (LITRE, 1): "l lt ltr ltrs litre litres liter liters",
    ("l_per_min", 1): "lpm l_per_min",
    ("units", 1): "unit units iu u",
    ("mmol", 1): "mmol mmols millimole millimoles millimol",
    ("puffs", 1): "puff puffs spray sprays actuation actuations inhalation inhalations",
    ("ml_per_kg", 1): "ml_per_kg",
    ("mg_per_kg", 1): "mg_per_kg",
}
UNITS: dict[str, tuple[str, float]] = {w: unit for unit, text in _UNIT_WORDS.items() for w in text.split()}
"""The unit and the factor for each word for a unit."""

_LONG_UNITS = frozenset(word for word in UNITS if len(word) > 3)
_KILOGRAM = word_set("kg kilo kilos kilogram kilograms")
_MINUTE = word_set("min mins minute minutes")
_RATE = word_set("ml l dl h hr hrs hour hours day s sec second mmol litre liter") | _MINUTE
_PER_KILOGRAM = {"mg": ("mg_per_kg", 1.0), "mcg": ("mg_per_kg", 0.001), "g": ("mg_per_kg", 1000.0)}
_ONES = (
    "zero one two three four five six seven eight nine ten eleven twelve thirteen fourteen fifteen "
    "sixteen seventeen eighteen nineteen"
)
_TENS = "twenty thirty forty fifty sixty seventy eighty ninety"
_SMALL: dict[str, float] = {word: float(n) for n, word in enumerate(_ONES.split())}
_SMALL |= {word: 10.0 * n for n, word in enumerate(_TENS.split(), 2)}
_LARGE = {"hundred": 100.0, "thousand": 1000.0}
_FRACTIONS = {
    "half": 0.5,
    "quarter": 0.25,
    "1\u20442": 0.5,
    "1\u20444": 0.25,
    "3\u20444": 0.75,
}
NUMBER_WORDS = frozenset((*_SMALL, *_LARGE, *_FRACTIONS, "point", "a", "an"))
_THOUSANDS = re.compile(r"[1-9]\d{0,2}(?:,\d{3})+")
_LONGEST_NUMBER = 12


@dataclass(frozen=True, slots=True)
class Quantity:
    """An amount as stated, in a unit of `UNITS`."""

    value: float
    unit: str


def number(word: str) -> float | None:
    """The value of digits with decimal point or comma; none when it is no sensible number."""
    if len(word) > _LONGEST_NUMBER:
        return None
    plain = word.replace(",", "") if _THOUSANDS.fullmatch(word) else word.replace(",", ".")
    try:
        return float(plain)
    except ValueError:
        return None


def quantity_at(words: list[str], index: int) -> tuple[Quantity | None, int]:
    """The quantity that begins at a word and the index after it.

    Returns:
        No quantity and the index after the number when the number is none of a dose; no quantity
        and `index` itself when there is no number at all.
    """
    value, after = _value(words, index)
    if after == index:
        return None, index
    if value is None:
        return None, after
    quantity, end = _with_unit(words, value, after)
    if quantity is None:
        return None, end
    return _range_end(words, quantity, end)


def _range_end(words: list[str], low: Quantity, index: int) -> tuple[Quantity, int]:
    if index + 1 < len(words) and words[index] in {"to", "-", "\u2013"} and words[index + 1][0].isdigit():
        value, after = _value(words, index + 1)
        if value is not None:
            high, end = _with_unit(words, value, after)
            if high is not None and high.unit == low.unit:
                return max(low, high, key=lambda q: q.value), end
    return low, index


def _with_unit(words: list[str], value: float, index: int) -> tuple[Quantity | None, int]:
    unit = UNITS.get(words[index]) if index < len(words) else None
    if unit is None or not 0 < value < 1e9:
        return None, index
    name, factor = unit
    divisor, after = _divisor(words, index + 1)
    if divisor is None:
        return Quantity(value * factor, name), index + 1
    if divisor in _KILOGRAM:
        return _per_kilogram(words, value * factor, name, after)
    if divisor in _MINUTE and name == LITRE:
        return Quantity(value, "l_per_min"), after
    return (None, after) if divisor in _RATE else (Quantity(value * factor, name), index + 1)


def _per_kilogram(words: list[str], value: float, name: str, index: int) -> tuple[Quantity | None, int]:
    divisor, after = _divisor(words, index)
    if divisor in _RATE:
        return None, after
    if name == "ml":
        return Quantity(value, "ml_per_kg"), index
    unit = _PER_KILOGRAM.get(name)
    return (Quantity(value * unit[1], unit[0]) if unit else None), index


def _divisor(words: list[str], index: int) -> tuple[str | None, int]:
    if index >= len(words):
        return None, index
    if words[index] in {"/", "per", "a", "p"} and index + 1 < len(words):
        return words[index + 1], index + 2
    return (words[index], index + 1) if words[index] in _MINUTE else (None, index)


def _value(words: list[str], index: int) -> tuple[float | None, int]:
    word = words[index]
    if word[0].isdigit() and word not in _FRACTIONS:
        return _digits(words, index)
    if word in {"a", "an"}:
        counted = index + 1 < len(words) and words[index + 1] in _LONG_UNITS
        return (1.0, index + 1) if counted else (None, index)
    return _spoken(words, index) if word in NUMBER_WORDS else (None, index)


def _digits(words: list[str], index: int) -> tuple[float | None, int]:
    value = number(words[index])
    after = index + 1
    if after < len(words) and words[after] in _FRACTIONS and words[after][0] == "1" and value is not None:
        return value + _FRACTIONS[words[after]], after + 1
    if after + 1 < len(words) and words[after] in {":", "/"} and words[after + 1][0].isdigit():
        return _ratio(words, value, number(words[after + 1]), after + 2)
    return value, after


def _ratio(words: list[str], upper: float | None, lower: float | None, end: int) -> tuple[float | None, int]:
    """``1/2`` before a unit is a fraction; every other ratio is no amount."""
    fraction = words[end - 2] == "/" and upper is not None and lower is not None and upper < lower <= 10
    return (upper / lower if fraction and upper is not None and lower else None), end


def _spoken(words: list[str], index: int) -> tuple[float | None, int]:
    """A number in words: ``two hundred and fifty``, ``one and a half``, ``two point five``."""
    total = 0.0
    current = 0.0
    at = index
    while at < len(words) and at - index < 10:
        word = words[at]
        if word in _SMALL:
            current += _SMALL[word]
        elif word in _LARGE:
            current = (current or 1.0) * _LARGE[word]
            if word == "thousand":
                total, current = total + current, 0.0
        else:
            break
        at = _skip_and(words, at + 1)
    value, at = _tail(words, total + current, at)
    return value, at


def _skip_and(words: list[str], index: int) -> int:
    """Past an ``and`` that stands inside a number, not between two things."""
    inside = words[index : index + 1] == ["and"] and words[index - 1 : index] == ["hundred"]
    return index + 1 if inside and index + 1 < len(words) and words[index + 1] in _SMALL else index


def _tail(words: list[str], value: float, index: int) -> tuple[float, int]:
    ahead = tuple(words[index : index + 3])
    if ahead[:1] == ("point",) and len(ahead) > 1 and ahead[1] in _SMALL:
        return _decimals(words, value, index + 1)
    if ahead in {("and", "a", "half"), ("and", "a", "quarter")}:
        return value + _FRACTIONS[ahead[2]], index + 3
    if ahead and ahead[0] in _FRACTIONS:
        article = ahead[1:2] in {("a",), ("an",), ("of",)} and ahead[2:3] and ahead[2] in UNITS
        return value + _FRACTIONS[ahead[0]], index + (2 if article else 1)
    return value, index


def _decimals(words: list[str], value: float, index: int) -> tuple[float, int]:
    scale = 0.1
    while index < len(words) and scale > 1e-4 and words[index] in _SMALL and _SMALL[words[index]] < 10:
        value, scale, index = value + _SMALL[words[index]] * scale, scale / 10, index + 1
    return round(value, 6), index
