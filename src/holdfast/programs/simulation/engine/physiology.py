"""What moves the patient: states and their transitions, treatment effects, the drawn complication.

Which target a vital sign follows, strongest first: the treatment effect that began last and states
the sign; the present or latest earlier state that states it; its value on arrival. A sign turns
(a new `Segment` sets out from its present value) only when what it follows changes.
"""

from __future__ import annotations

from holdfast.programs.simulation.engine.course import Course
from holdfast.programs.simulation.engine.facts import StateChanged
from holdfast.programs.simulation.engine.rules import Rules
from holdfast.programs.simulation.engine.run_state import InForce, Segment
from holdfast.programs.simulation.engine.vitals import readings, value_at


def arrive(rules: Rules) -> dict[str, Segment]:
    """The segments at time 0, in the state ``initial``."""
    segments = {}
    for sign, value in rules.arrival.items():
        state = "initial" if ("initial", sign) in rules.rests else ""
        target, tau_s = rules.rests[state, sign]
        segments[sign] = Segment(0.0, value, target, tau_s, state)
    return segments


def start_effect(rules: Rules, course: Course, name: str) -> None:
    """Put the effect of a treatment given now in waiting.

    A repeated dose restarts an effect that has begun when its own onset comes; before the onset of
    the first dose it only prolongs it (or each repetition would put the effect off).
    """
    effect = rules.treatments[name].treatment.effect
    if effect is None:
        return
    begins_s = round(course.elapsed_s + effect.onset_s, 3)
    ends_s = None if effect.duration_s is None else round(begins_s + effect.duration_s, 3)
    waiting = next((e for e in course.effects if e.treatment == name and not e.begun), None)
    others = tuple(e for e in course.effects if e is not waiting)
    earliest_s = waiting.begins_s if waiting else begins_s
    course.effects = (*others, InForce(name, earliest_s, ends_s, begun=False))


def move(rules: Rules, course: Course) -> None:
    """Let everything happen that is due now: complication, effects, then at most one transition.

    A change of state by complication or effect takes the place of the transition.
    """
    before = course.patient_state
    _complicate(rules, course)
    _end_effects(rules, course)
    _begin_effects(rules, course)
    if course.patient_state != before:
        return
    for holds, transition in rules.transitions[before]:
        if holds(course):
            _enter(rules, course, transition.to, transition.reason)
            return


def next_event_s(course: Course) -> float | None:
    """When the next effect begins or ends, or the complication is due; none when nothing is."""
    times = [e.ends_s if e.begun else e.begins_s for e in course.effects]
    known = [at_s for at_s in (*times, course.complication_s) if at_s is not None]
    return min(known, default=None)


def _enter(rules: Rules, course: Course, state: str, reason: str) -> None:
    vitals = readings(course.segments, course.elapsed_s)
    previous = course.patient_state
    course.occurrences.append(
        StateChanged(course.elapsed_s, previous, state, reason, dict(vitals), dict(course.entry_vitals))
    )
    course.patient_state = state
    course.state_since_s = course.elapsed_s
    course.entry_vitals = vitals
    course.entered.setdefault(state, course.now())
    for sign in rules.stated[state]:
        course.segments[sign] = course.segments[sign]._replace(state=state)
    _steer(rules, course)


def _complicate(rules: Rules, course: Course) -> None:
    """The bad turn; it never makes a patient better who is as ill or worse by then."""
    complication = rules.complication
    if complication is None or course.complication_s is None or course.complication_s > course.elapsed_s:
        return
    course.complication_s = None
    if rules.states[complication.to].severity > rules.states[course.patient_state].severity:
        _enter(rules, course, complication.to, complication.reason)


def _end_effects(rules: Rules, course: Course) -> None:
    now_s = course.elapsed_s
    lasting = tuple(e for e in course.effects if not e.begun or e.ends_s is None or e.ends_s > now_s)
    if len(lasting) < len(course.effects):
        course.effects = lasting
        _steer(rules, course)


def _begin_effects(rules: Rules, course: Course) -> None:
    due = [e for e in course.effects if not e.begun and e.begins_s <= course.elapsed_s]
    if not due:
        return
    names = {e.treatment for e in due}
    others = [e for e in course.effects if e.treatment not in names]
    course.effects = (*others, *(e._replace(begun=True) for e in due))
    _steer(rules, course)
    for begun in due:
        treatment = rules.treatments[begun.treatment].treatment
        state = treatment.effect.to_state if treatment.effect else None
        if state and state != course.patient_state:
            reason = treatment.clinical_effect or f"{treatment.name} takes effect."
            _enter(rules, course, state, reason)


def _steer(rules: Rules, course: Course) -> None:
    """Turn every sign whose target or time constant has changed."""
    held: dict[str, tuple[float, float]] = {}
    for in_force in course.effects:
        if in_force.begun:
            held.update(rules.effect_targets[in_force.treatment])
    now_s = course.elapsed_s
    for sign, segment in course.segments.items():
        target, tau_s = held.get(sign) or rules.rests[segment.state, sign]
        if (target, tau_s) != (segment.target, segment.tau_s):
            start = value_at(segment, now_s)
            course.segments[sign] = Segment(now_s, start, target, tau_s, segment.state)
