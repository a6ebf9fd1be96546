"""What was done otherwise than planned, and what is known of the plan."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from holdfast.kit.clock import iso
from holdfast.research.analysis.outcome_values import OutcomeValues
from holdfast.research.analysis.people import People
from holdfast.research.analysis.results import Deviation, PlanRecord
from holdfast.research.plan.document import read_plan, write_plan
from holdfast.research.plan.model import Plan, Registration


def plan_record(plan: Plan, registration: Registration | None, *, default: bool = False) -> PlanRecord:
    """What the report says of the plan."""
    text = write_plan(plan)
    if registration is None:
        return PlanRecord(text, plan.sha256, "not_registered", default=default)
    return PlanRecord(
        text,
        plan.sha256,
        "registered" if registration.sha256 == plan.sha256 else "differs",
        registration.sha256,
        iso(registration.registered_at),
        registration.registered_by,
        iso(registration.first_outcome_at) if registration.first_outcome_at else "",
        not registration.after_first_outcome,
        default,
    )


def deviations_of(
    people: People, registration: Registration | None, found: list[OutcomeValues], seed: int
) -> tuple[Deviation, ...]:
    """Every difference between the registered plan and the analysis that the data allowed."""
    plan = people.plan
    return (*_registered(plan, registration, seed), *_in_the_data(people), *_outcomes(found))


def _registered(plan: Plan, registration: Registration | None, seed: int) -> Iterator[Deviation]:
    if registration is None:
        yield Deviation("not_registered", "the plan is not registered", "registered before the first outcome")
    else:
        if registration.after_first_outcome:
            yield Deviation(
                "registered_late",
                "the plan was registered after the first outcome was known",
                "before the first outcome",
                iso(registration.registered_at),
            )
        if registration.sha256 != plan.sha256:
            yield from differences(read_plan(registration.toml), plan)
    if seed != plan.analysis.seed:
        yield Deviation("changed", "analysis.seed", str(plan.analysis.seed), str(seed))


def differences(planned: Plan, done: Plan) -> Iterator[Deviation]:
    """Fields in which two plans differ, by their dotted names."""
    before, after = _flat(planned.model_dump(mode="json")), _flat(done.model_dump(mode="json"))
    for name in sorted(before.keys() | after.keys()):
        if before.get(name) != after.get(name):
            yield Deviation("changed", name, _shown(before.get(name)), _shown(after.get(name)))


def _flat(value: Any, name: str = "") -> dict[str, Any]:
    if isinstance(value, Mapping):
        return {
            key: one for part in value for key, one in _flat(value[part], f"{name}.{part}".strip(".")).items()
        }
    if isinstance(value, list) and value and isinstance(value[0], Mapping):
        named = {str(item.get("name", item.get("code", place))): item for place, item in enumerate(value)}
        return _flat(named, name) | {f"{name}.order": list(named)}
    return {name: value}


def _shown(value: Any) -> str:
    return "nothing" if value is None else str(value)


def _in_the_data(people: People) -> Iterator[Deviation]:
    plan = people.plan
    for column in people.missing:
        yield Deviation("missing_column", column, "used", "the data hold nothing there")
    for code in plan.codes:
        if not people.in_arm(code).any():
            yield Deviation("missing_arm", code, "compared", "no student is in this arm")
    strangers: dict[str, int] = {}
    for arm in people.arms:
        if arm not in plan.codes:
            strangers[arm or "no arm"] = strangers.get(arm or "no arm", 0) + 1
    for code, count in sorted(strangers.items()):
        yield Deviation("unknown_arm", code, "no such arm", f"{count} students, not analysed")
    if people.twice:
        yield Deviation("twice", "students in several cohorts", "each once", f"{people.twice} rows left out")
    if plan.analysis.blocks and people.has("allocation_block") and people.labels("allocation_block") is None:
        yield Deviation("blocks", "allocation_block", "permuted within blocks", "some students have no block")
    if plan.analysis.cluster and people.labels(plan.analysis.cluster) is None:
        yield Deviation("cluster", plan.analysis.cluster, "used", "some students have no class")


def _outcomes(found: list[OutcomeValues]) -> Iterator[Deviation]:
    for one in found:
        if one.problem:
            yield Deviation("missing_outcome", one.outcome.name, "analysed", one.problem)
