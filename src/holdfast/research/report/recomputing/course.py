"""The numbers of a study over time: its looks and its cohorts."""

from __future__ import annotations

from collections.abc import Iterator

from holdfast.research.analysis.results import Results
from holdfast.research.report.recomputing.naming import Named, of_arm, of_statistic, parts


def of_course(results: Results) -> Iterator[Named]:
    """The present look, the confidence sequence, and every cohort with the summary over them."""
    yield from _looks(results)
    yield from _cohorts(results)


def earlier_shares(results: Results) -> list[float] | None:
    """The information at the looks before this one.

    None when one of them was taken under another plan: the results then hold another plan's share of
    it, and the present threshold cannot be reached from them.
    """
    found = []
    for look in results.looks.looks:
        if look.present:
            continue
        if look.fraction is None or look.plan_sha256 != results.plan.sha256:
            return None
        found.append(look.fraction)
    return found


def _looks(results: Results) -> Iterator[Named]:
    if results.looks.kind == "planned":
        known = earlier_shares(results) is not None
        names = ("fraction", "p", "alpha_spent", *(("threshold", "crossed") if known else ()))
        for look in results.looks.looks:
            if look.present:
                yield from parts("looks/present", look, names)
    if results.looks.sequence is not None:
        yield from of_statistic("looks/sequence", results.looks.sequence)


def _cohorts(results: Results) -> Iterator[Named]:
    found = results.longitudinal
    if found is None:
        return
    outcome = results.outcome(found.outcome) or results.primary
    for one in found.cohorts:
        place = f"cohorts/{one.cohort}"
        for which, arm in zip(("control", "treated"), one.arms, strict=True):
            lowest, highest = outcome.low is not None, outcome.high is not None
            yield from of_arm(f"{place}/{which}", arm, lowest=lowest, highest=highest)
        yield from of_statistic(f"{place}/welch", one.difference)
    for name, one_of in (
        ("pooled", found.summary),
        ("heterogeneity", found.heterogeneity),
        ("trend", found.trend),
    ):
        yield from of_statistic(f"longitudinal/{name}", one_of)
