"""What one action does at once: a treatment is given, an assessment shows something, words are heard."""

from __future__ import annotations

from math import isfinite

from holdfast.kit.errors import InvalidInput
from holdfast.programs.simulation.engine.course import Course
from holdfast.programs.simulation.engine.dosing import Prescription, prescribe
from holdfast.programs.simulation.engine.facts import (
    Action,
    DecisionRated,
    FindingRevealed,
    MedicationEvent,
    TreatmentGiven,
)
from holdfast.programs.simulation.engine.physiology import start_effect
from holdfast.programs.simulation.engine.predicates import follow_key, phrase_key
from holdfast.programs.simulation.engine.rules import Rules
from holdfast.programs.simulation.engine.run_state import Moment, Reading, TreatmentRecord
from holdfast.programs.simulation.engine.safety import DANGEROUS, NO_EFFECT, NOT_GIVEN, Remark, remarks
from holdfast.programs.simulation.engine.vitals import readings, with_values


def check(action: Action) -> None:
    """Refuse an amount that is no amount.

    Raises:
        InvalidInput: the dose is negative, infinite or not a number.
    """
    if action.dose is not None and not (isfinite(action.dose) and action.dose >= 0):
        raise InvalidInput("A dose is a number of at least 0.", field="dose")


def listen(rules: Rules, course: Course, action: Action) -> None:
    """Take note of the phrases the scenario listens for; others are nothing to it."""
    for key in map(phrase_key, action.phrases):
        if key in rules.listened:
            course.phrases.setdefault(key, course.now())
            _note_sequence(rules, course, "mentioned", key)


def assess(rules: Rules, course: Course, action: Action) -> None:
    """Reveal a finding and what it measures. A finding that the scenario does not have shows nothing."""
    finding = rules.findings.get(action.target)
    if finding is None:
        return
    now_s = course.elapsed_s
    values = readings(course.segments, now_s)
    text = finding.text.get(course.patient_state, finding.text["default"])
    measured = {sign.value: values[sign.value] for sign in finding.measures}
    course.measured.update((sign, Reading(value, now_s)) for sign, value in measured.items())
    course.findings.setdefault(action.target, course.now())
    _note_sequence(rules, course, "assessed", action.target)
    course.occurrences.append(
        FindingRevealed(
            now_s, action.target, finding.name, finding.category.value, with_values(text, values), measured
        )
    )


def treat(rules: Rules, course: Course, action: Action) -> None:
    """Give a treatment: record it, judge its safety, start its effect."""
    if action.target not in rules.treatments:
        reason = "This scenario does not know it; nothing was given."
        name = action.target or action.text
        _say(course, name, name, [Remark("warning", "unknown_drug", reason)])
        return
    treatment = rules.treatments[action.target].treatment
    order = prescribe(treatment, action, rules.weight_kg)
    said = remarks(rules, course, action.target, order)
    kinds = {remark.kind for remark in said if remark.severity == "error"}
    given, works = kinds.isdisjoint(NOT_GIVEN), kinds.isdisjoint(NO_EFFECT)
    _record(rules, course, action.target, order if given else None, safe=not kinds, works=works)
    course.occurrences.append(
        TreatmentGiven(
            course.elapsed_s,
            action.target,
            treatment.name,
            order.dose,
            order.unit,
            order.route,
            treatment.impact.value,
            safe=not kinds,
            says=treatment.patient_says if works else None,
            effect=treatment.clinical_effect if works else None,
        )
    )
    _say(course, action.target, treatment.name, said)
    _harm(rules, course, action.target, said)
    if works:
        start_effect(rules, course, action.target)


def _record(
    rules: Rules, course: Course, name: str, order: Prescription | None, *, safe: bool, works: bool
) -> None:
    now = course.now()
    old = course.treatments.get(name) or TreatmentRecord(0, now, None, 0, None, {})
    totals = old.totals
    if order and order.base is not None and order.amount is not None:
        totals = totals | {order.base: round(totals.get(order.base, 0.0) + order.amount, 6)}
    course.treatments[name] = TreatmentRecord(
        attempts=old.attempts + 1,
        first=old.first,
        last_s=course.elapsed_s if works else old.last_s,
        safe=old.safe + safe,
        first_safe=old.first_safe or (now if safe else None),
        totals=totals,
    )
    _note_sequence(rules, course, "attempted", name)
    if safe:
        _note_sequence(rules, course, "given", name)


def _note_sequence(rules: Rules, course: Course, kind: str, fact: str) -> None:
    """Keep the first time that a fact came after a predecessor, where some rule asks for the pair."""
    for predecessor in rules.follows.get((kind, fact), ()):
        key = follow_key(kind, fact, predecessor)
        if key not in course.followed and _happened_before(course, predecessor):
            course.followed[key] = course.now()


def _happened_before(course: Course, name: str) -> bool:
    record = course.treatments.get(name)
    moments: tuple[Moment | None, ...] = (record.first if record else None, course.findings.get(name))
    return any(moment is not None and moment.order < course.order for moment in moments)


def _say(course: Course, target: str, name: str, said: list[Remark]) -> None:
    for remark in said:
        if remark.severity == "error":
            course.errors += 1
        else:
            course.warnings += 1
        course.occurrences.append(
            MedicationEvent(course.elapsed_s, remark.severity, remark.kind, target, name, remark.reason)
        )


def _harm(rules: Rules, course: Course, name: str, said: list[Remark]) -> None:
    """Remember the harm; where no decision point is about the treatment, rate one of its own."""
    danger = next((r for r in said if r.severity == "error" and r.kind in DANGEROUS), None)
    if danger is None:
        return
    course.last_harm_s = course.elapsed_s
    decision = f"safety.{name}"
    rule = rules.treatments[name]
    if rule.judged or decision in course.rated:
        return
    course.rated[decision] = "dangerous"
    title = f"Safety: {rule.treatment.name}"
    course.occurrences.append(DecisionRated(course.elapsed_s, decision, title, "dangerous", danger.reason))
