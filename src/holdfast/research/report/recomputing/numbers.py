"""Every number of a report by name: what the scripts compare their own against."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterator

from holdfast.research.analysis.results import OutcomeResult, Results
from holdfast.research.report.recomputing.conduct import of_conduct
from holdfast.research.report.recomputing.course import of_course
from holdfast.research.report.recomputing.naming import Named, of_arm, of_statistic, parts

_OF_MEMBER = ("p", "p_adjusted", "rejected", "estimate", "low", "high", "level")


def report_numbers(results: Results) -> list[Named]:
    """The numbers with their names, ``outcome/population/statistic/part``; without what does not exist."""
    found = [*_outcomes(results), *_family(results), *of_course(results), *of_conduct(results)]
    return list(dict(found).items())


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
            for which, arm in zip(("control", "treated"), population.arms, strict=True):
                yield from of_arm(
                    f"{place}/{which}",
                    arm,
                    lowest=outcome.low is not None,
                    highest=outcome.high is not None,
                )
            for one in population.statistics:
                yield from of_statistic(f"{place}/{one.name}", one)
        yield from _missing(outcome)


def _missing(outcome: OutcomeResult) -> Iterator[Named]:
    for arm, reason, students in outcome.missing:
        yield f"{outcome.name}/missing/{arm}/{reason}", float(students)


def _family(results: Results) -> Iterator[Named]:
    for one in results.family.members:
        yield from parts(f"family/{one.outcome}", one, _OF_MEMBER)
