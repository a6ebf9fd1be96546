"""The numbers of how a study went: its flow, checks, baseline and unwanted outcomes."""

from __future__ import annotations

from collections.abc import Iterator

from holdfast.research.analysis.results import ArmFlow, BaselineRow, Results
from holdfast.research.report.recomputing.naming import Named, number, of_counts, of_statistic, parts

TWICE = "in several cohorts, counted once"
_OF_FLOW = ("allocated", "received", "completed", "analysed", "per_protocol")
_REASONS = ("not_received", "lost", "not_analysed", "not_per_protocol")
_OF_BASELINE = ("present", "missing", "mean", "sd", "median", "q1", "q3", "count", "share")


def of_conduct(results: Results) -> Iterator[Named]:
    """Intake, flow, checks, baseline and safety."""
    yield "intake/found", float(results.study.found)
    yield from _flow(results)
    yield from _checks(results)
    for row in results.baseline:
        yield from _baseline(row)
    yield from _safety(results)


def _flow(results: Results) -> Iterator[Named]:
    flow = results.flow
    yield from parts("flow", flow, ("assessed", "randomised"))
    yield from of_counts("flow/other_arms", flow.other_arms)
    yield from of_counts("flow/excluded", (one for one in flow.excluded if one.reason == TWICE))
    for arm in flow.arms:
        yield from _arm(arm)


def _arm(arm: ArmFlow) -> Iterator[Named]:
    place = f"flow/arm/{arm.arm}"
    yield from parts(place, arm, _OF_FLOW)
    if arm.allocated:
        yield f"{place}/share_completed", arm.completed / arm.allocated
        yield f"{place}/share_analysed", arm.analysed / arm.allocated
    for name in _REASONS:
        counts = getattr(arm, name)
        yield f"{place}/{name}/total", float(sum(one.count for one in counts))
        yield from of_counts(f"{place}/{name}", counts)


def _checks(results: Results) -> Iterator[Named]:
    for check in results.checks:
        place = f"checks/{check.name}"
        yield from number(f"{place}/passed", check.passed)
        yield from of_counts(place, check.counts)
        if check.statistic is not None:
            yield from of_statistic(place, check.statistic)


def _baseline(row: BaselineRow) -> Iterator[Named]:
    place = f"baseline/{row.column}/{row.category or row.name}"
    for cell in row.cells:
        yield from parts(f"{place}/{cell.arm}", cell, _OF_BASELINE)
    yield from number(f"{place}/standardised_difference", row.standardised_difference)


def _safety(results: Results) -> Iterator[Named]:
    for row in results.safety:
        for cell in row.cells:
            place = f"safety/{row.column}/{cell.arm}"
            yield from parts(place, cell, ("students", "with_event", "events", "exposure"))
            if cell.students:
                yield f"{place}/share_with_event", cell.with_event / cell.students
        if row.comparison is not None:
            yield from of_statistic(f"safety/{row.column}/rate_ratio", row.comparison)
