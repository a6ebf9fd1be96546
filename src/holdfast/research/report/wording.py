"""How numbers are written in a report: the same precision everywhere, by the rules of the APA.

Exact p to three digits without a leading zero, ``< .001`` below that and never ``.000``; means and
differences to two decimals, counts whole; what does not exist is a dash, never a zero.
"""

from __future__ import annotations

from collections.abc import Iterable

from holdfast.research.analysis.results import ArmSummary, Statistic, Value
from holdfast.research.report.content import literal

NONE = "\u2013"
MINUS = "\u2212"
FIRM = "\u00a0"
"""A space at which no line is broken."""


def number(value: Value, digits: int = 2) -> str:
    """A number with so many decimals; very large and very small ones keep three significant digits."""
    if value is None or isinstance(value, str):
        return NONE if value is None else literal(value)
    if isinstance(value, bool):
        return "yes" if value else "no"
    size = abs(value)
    extreme = size >= 1e6 or 0 < size < 0.5 * 10**-digits
    return _signed(f"{value:.3g}" if extreme else f"{value:,.{digits}f}")


def whole(value: float | None) -> str:
    """A count."""
    return NONE if value is None else _signed(f"{value:,.0f}")


def percent(part: float, total: float) -> str:
    """A share in percent, to one decimal; a dash of nothing."""
    return f"{100 * part / total:.1f}{FIRM}%" if total else NONE


def p_value(p: float | None) -> str:
    """``.034``, ``< .001`` or ``> .999``."""
    if p is None:
        return NONE
    if p < 0.001:
        return "< .001"
    if p > 0.999:
        return "> .999"
    return f"{p:.3f}".removeprefix("0")


def p_equals(p: float | None) -> str:
    """``*p* = .034`` or ``*p* < .001``."""
    text = p_value(p)
    return f"*p* {text}" if text[0] in "<>" else f"*p* = {text}"


def degrees(df: float | None) -> str:
    """Degrees of freedom: whole when they are, else to one decimal."""
    if df is None:
        return ""
    return f"{df:.0f}" if abs(df - round(df)) < 1e-9 else f"{df:.1f}"


def interval(low: float | None, high: float | None, digits: int = 2) -> str:
    """``[-1.11, 14.17]``; an end that does not exist is infinite."""
    if low is None and high is None:
        return NONE
    left = f"{MINUS}∞" if low is None else number(low, digits)
    right = "∞" if high is None else number(high, digits)
    return f"[{left}, {right}]"


def level(share: float | None) -> str:
    """``95 %``."""
    return NONE if share is None else f"{100 * share:.4g}{FIRM}%"


def with_interval(one: Statistic, digits: int = 2) -> str:
    """The estimate with its interval: ``6.53, 95 % CI [-1.11, 14.17]``."""
    if one.estimate is None:
        return NONE
    if one.low is None and one.high is None:
        return number(one.estimate, digits)
    return f"{number(one.estimate, digits)}, {level(one.level)} CI {interval(one.low, one.high, digits)}"


def statistic_and_p(one: Statistic, symbol: str) -> str:
    """``*t*(21.1) = 1.78, *p* = .090``."""
    shown = f"({degrees(one.df)})" if one.df is not None else ""
    statistic = f"*{symbol}*{shown} = {number(one.statistic)}, " if one.statistic is not None else ""
    return f"{statistic}{p_equals(one.p)}"


def mean_sd(arm: ArmSummary) -> str:
    """``*M* = 70.02, *SD* = 9.55, *n* = 12``."""
    return f"*M* = {number(arm.mean)}, *SD* = {number(arm.sd)}, *n* = {whole(arm.observed)}"


def several(count: int, singular: str, plural: str) -> str:
    """``1 deviation`` or ``2 deviations``."""
    return f"{count:,} {singular if count == 1 else plural}"


def listed(words: Iterable[str]) -> str:
    """``a, b and c``."""
    items = list(words)
    if len(items) < 2:
        return "".join(items)
    return f"{', '.join(items[:-1])} and {items[-1]}"


def sentence(text: str) -> str:
    """With a capital and a full stop."""
    text = text.strip()
    if not text:
        return ""
    return text[0].upper() + text[1:] + ("" if text.endswith((".", "!", "?")) else ".")


def _signed(text: str) -> str:
    stripped = text.lstrip("-")
    is_zero = not any(digit in stripped for digit in "123456789")
    return stripped if is_zero or not text.startswith("-") else MINUS + stripped
