"""Medication safety: what is wrong with giving this treatment, so, to this patient, now.

Each mistake counts once. What makes the treatment itself wrong is one mistake: an absolute
contraindication (all reasons together), or else a harmful impact. Beside it stand at most one error
of amount (range, or else the total), one of route and one of interval; a dangerous drug that is given
in too small an amount or too soon is not also blamed for that. An unmet requirement means that
nothing was given, so nothing else is said. Procedures and positions go through the same checks.

Errors: dose, route, interval, total, absolute contraindication, harmful, unmet requirement. Warnings:
unknown drug (the scenario cannot judge it), relative contraindication, a treatment that worsens,
an unstated dose of a medication, the scenario's own warning text.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import NamedTuple

from holdfast.programs.simulation.engine.course import Course
from holdfast.programs.simulation.engine.dosing import Prescription, above, below, bounds
from holdfast.programs.simulation.engine.facts import MedicationProblem, Severity
from holdfast.programs.simulation.engine.rules import Rules, TreatmentRules
from holdfast.programs.simulation.scenario.care import Dose, TreatmentKind
from holdfast.programs.simulation.scenario.conditions import Condition
from holdfast.programs.simulation.scenario.vocabulary import Impact

NOT_GIVEN: frozenset[MedicationProblem] = frozenset({"requirement_missing"})
NO_EFFECT: frozenset[MedicationProblem] = frozenset({"requirement_missing", "wrong_route", "dose_too_low"})
DANGEROUS: frozenset[MedicationProblem] = frozenset({"contraindicated", "harmful"})


class Remark(NamedTuple):
    """One thing that is wrong or needs care."""

    severity: Severity
    kind: MedicationProblem
    reason: str


def remarks(rules: Rules, course: Course, name: str, order: Prescription) -> list[Remark]:
    """Everything to be said about giving the treatment `name` now, errors first."""
    treatment = rules.treatments[name]
    if treatment.requires and not treatment.requires(course):
        return [Remark("error", "requirement_missing", _missing(rules, course, name))]
    danger = _danger(treatment, course)
    said = [danger] if danger else []
    said += _order_errors(rules, course, name, order)
    if danger:
        said = [remark for remark in said if remark.kind not in ("dose_too_low", "too_soon")]
    return said + list(_warnings(treatment, course, order))


def _danger(rule: TreatmentRules, course: Course) -> Remark | None:
    reasons = [reason for test, reason in rule.absolute if test(course)]
    if reasons:
        return Remark("error", "contraindicated", " ".join(reasons))
    if rule.treatment.impact is Impact.HARMFUL:
        default = f"{rule.treatment.name} harms this patient."
        return Remark("error", "harmful", rule.treatment.reason or default)
    return None


def _order_errors(rules: Rules, course: Course, name: str, order: Prescription) -> Iterator[Remark]:
    label = rules.treatments[name].treatment.name
    if not order.route_allowed:
        yield Remark("error", "wrong_route", f"{label} is not given by this route: {order.route}.")
    limits, amount = order.limits, order.amount
    if limits is None or amount is None or order.base is None:
        return
    record = course.treatments.get(name)
    before = record.totals.get(order.base, 0.0) if record else 0.0
    error = _amount_error(label, limits, amount, rules.weight_kg)
    if error := error or _total_error(label, limits, before + amount, rules.weight_kg):
        yield error
    if record and record.last_s is not None and limits.repeat_after_s is not None:
        passed_s, least_s = round(course.elapsed_s - record.last_s, 3), limits.repeat_after_s
        if passed_s < least_s:
            text = f"{label} was given {passed_s:.0f} s ago; the shortest interval is {least_s:.0f} s."
            yield Remark("error", "too_soon", text)


def _total_error(label: str, limits: Dose, total: float, weight_kg: float) -> Remark | None:
    most = limits.maximum_total
    if most is None or not above(total, bounds(limits, most, weight_kg)):
        return None
    text = f"With this dose the total of {label} exceeds {_amount(most, limits)}."
    return Remark("error", "total_exceeded", text)


def _amount_error(label: str, limits: Dose, amount: float, weight_kg: float) -> Remark | None:
    span = f"{limits.minimum:g} to {_amount(limits.maximum, limits)}"
    if below(amount, bounds(limits, limits.minimum, weight_kg)):
        return Remark("error", "dose_too_low", f"This dose of {label} is below the range of {span}.")
    if above(amount, bounds(limits, limits.maximum, weight_kg)):
        return Remark("error", "dose_too_high", f"This dose of {label} is above the range of {span}.")
    return None


def _warnings(rule: TreatmentRules, course: Course, order: Prescription) -> Iterator[Remark]:
    treatment = rule.treatment
    reasons = [reason for test, reason in rule.relative if test(course)]
    if reasons:
        yield Remark("warning", "contraindicated", " ".join(reasons))
    if treatment.impact is Impact.WORSENS:
        default = f"{treatment.name} does not help this patient."
        yield Remark("warning", "not_indicated", treatment.reason or default)
    if order.assumed and order.limits and treatment.kind is TreatmentKind.MEDICATION:
        standard = _amount(order.limits.standard, order.limits)
        yield Remark("warning", "caution", f"No usable dose was stated; {standard} was assumed.")
    if treatment.warning:
        yield Remark("warning", "caution", treatment.warning)


def _amount(value: float, limits: Dose) -> str:
    return f"{value:g} {limits.unit.replace('_per_', '/')}"


def _missing(rules: Rules, course: Course, name: str) -> str:
    treatment = rules.treatments[name].treatment
    absent = _absent(rules, course, treatment.requires) if treatment.requires else []
    needs = ", ".join(absent) or "something that is not in place"
    return f"{treatment.name} could not be given: it needs {needs} first."


def _absent(rules: Rules, course: Course, requires: Condition) -> list[str]:
    """The names of the treatments and findings that the requirement names and that are not there."""
    absent = []
    for name in sorted(requires.treatments()):
        record = course.treatments.get(name)
        if record is None or record.first_safe is None:
            absent.append(rules.treatments[name].treatment.name)
    absent += [rules.findings[n].name for n in sorted(requires.findings()) if n not in course.findings]
    return absent
