"""How a number of a report is called in ``report_numbers.csv``: places separated by ``/``, the part last."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from holdfast.research.analysis.results import ArmSummary, Count, Statistic, Value

Named = tuple[str, float]

_OF_ARM = (
    "students", "observed", "missing", "mean", "sd", "median", "q1", "q3", "low", "high", "skewness",
    "mean_low", "mean_high", "total", "exposure", "yes", "at_low", "at_high",
)  # fmt: skip
_OF_STATISTIC = ("estimate", "low", "high", "statistic", "df", "p")


def number(name: str, value: Value) -> Iterator[Named]:
    """One number, or nothing where there is none."""
    if isinstance(value, bool | int | float):
        yield name, float(value)


def parts(place: str, of: object, names: Iterable[str]) -> Iterator[Named]:
    """Some fields of a result."""
    for name in names:
        yield from number(f"{place}/{name}", getattr(of, name))


def of_arm(place: str, arm: ArmSummary, *, lowest: bool, highest: bool) -> Iterator[Named]:
    """One arm; who stands at the ends of the scale only where the outcome declares that end."""
    unused = {*(() if lowest else ("at_low",)), *(() if highest else ("at_high",))}
    yield from parts(place, arm, (one for one in _OF_ARM if one not in unused))


def of_statistic(place: str, one: Statistic) -> Iterator[Named]:
    """One statistic with everything beside it."""
    yield from parts(place, one, _OF_STATISTIC)
    for name in sorted(one.extra):
        yield from number(f"{place}/{name}", one.extra[name])


def of_counts(place: str, counts: Iterable[Count]) -> Iterator[Named]:
    """Counts by their reason, and by arm where they have one."""
    for one in counts:
        inside = f"{place}/{one.arm}" if one.arm else place
        yield f"{inside}/{one.reason}", float(one.count)
