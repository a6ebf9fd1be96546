"""Every number of a report by name: what the scripts compare their own against."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterator

from holdfast.research.analysis.results import ArmSummary, OutcomeResult, Results, Statistic, Value

Named = tuple[str, float]

_OF_ARM = (
    "students", "observed", "missing", "mean", "sd", "median", "q1", "q3", "low", "high", "skewness",
    "mean_low", "mean_high", "total", "exposure", "yes", "at_low", "at_high",
)  # fmt: skip
_OF_STATISTIC = ("estimate", "low", "high", "statistic", "df", "p")


def report_numbers(results: Results) -> list[Named]:
    """The numbers with their names, ``outcome/population/statistic/part``; without what does not exist."""
    return [*_outcomes(results), *_family(results), *_safety(results), *_flow(results)]


def numbers_csv(results: Results) -> str:
    """``name,value`` with every digit."""
    out = io.StringIO()
    writer = csv.writer(out, lineterminator="\r\n")
    writer.writerow(("name", "value"))
    writer.writerows((name, repr(value)) for name, value in report_numbers(results))
    return out.getvalue()


def _outcomes(results: Results) -> Iterator[Named]:
    for outcome in results.outcomes:
        for population in outcome.populations:
            place = f"{outcome.name}/{population.population}"
            for which, arm in zip(("control", "treated"), population.arms, strict=False):
                yield from _arm(f"{place}/{which}", outcome, arm)
            for one in population.statistics:
                yield from _statistic(f"{place}/{one.name}", one)


def _arm(place: str, outcome: OutcomeResult, arm: ArmSummary) -> Iterator[Named]:
    unused = {
        *(() if outcome.low is not None else ("at_low",)),
        *(() if outcome.high is not None else ("at_high",)),
    }
    for part in _OF_ARM:
        if part not in unused:
            yield from _number(f"{place}/{part}", getattr(arm, part))


def _statistic(place: str, one: Statistic) -> Iterator[Named]:
    for part in _OF_STATISTIC:
        yield from _number(f"{place}/{part}", getattr(one, part))
    for part in sorted(one.extra):
        yield from _number(f"{place}/{part}", one.extra[part])


def _family(results: Results) -> Iterator[Named]:
    for one in results.family.members:
        for part in ("p", "p_adjusted", "low", "high", "level"):
            yield from _number(f"family/{one.outcome}/{part}", getattr(one, part))


def _safety(results: Results) -> Iterator[Named]:
    for row in results.safety:
        for cell in row.cells:
            for part in ("students", "with_event", "events", "exposure"):
                yield from _number(f"safety/{row.column}/{cell.arm}/{part}", getattr(cell, part))
        if row.comparison is not None:
            yield from _statistic(f"safety/{row.column}/rate_ratio", row.comparison)


def _flow(results: Results) -> Iterator[Named]:
    for arm in results.flow.arms:
        for part in ("allocated", "analysed", "per_protocol"):
            yield from _number(f"flow/{arm.arm}/{part}", getattr(arm, part))


def _number(name: str, value: Value) -> Iterator[Named]:
    if isinstance(value, bool | int | float):
        yield name, float(value)
