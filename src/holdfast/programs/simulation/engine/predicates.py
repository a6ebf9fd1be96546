"""Conditions turned into predicates over a run, once per scenario, because they are asked often.

Choices where `Condition` leaves room:

* a fact is its first time; with ``after`` it is its first time after the *first* time of every
  predecessor, so that an assessment made before and again after a treatment counts. A treatment
  named under ``after`` has happened when it was attempted. Naming a treatment after itself asks
  for a second administration;
* inside one message the order of the actions decides what came first;
* a vital limit is compared with what a monitor would print;
* ``harm_within_s`` counts harmful and absolutely contraindicated treatments that were really given;
* ``patient_has`` means all of the names.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from math import inf

from holdfast.programs.simulation.engine.course import Course
from holdfast.programs.simulation.engine.run_state import Moment
from holdfast.programs.simulation.scenario.conditions import Condition, VitalLimit

Predicate = Callable[[Course], bool]
Lookup = Callable[[Course], Moment | None]


def phrase_key(phrase: str) -> str:
    """What a phrase is kept under: any case, single spaces."""
    return " ".join(phrase.casefold().split())


def follow_key(kind: str, fact: str, predecessor: str) -> str:
    """What the first time of a fact after a predecessor is kept under."""
    return f"{kind}:{fact}>{predecessor}"


def predicate(condition: Condition, patient_conditions: frozenset[str]) -> Predicate:
    """The condition as a function of a run."""
    tests = list(_tests(condition, patient_conditions))
    if len(tests) == 1:
        return tests[0]
    if len(tests) == 2:
        # Nearly every condition is of one or two tests, and a generator is slow beside them.
        first, second = tests
        return lambda course: first(course) and second(course)
    return lambda course: all(test(course) for test in tests)


def named_pairs(condition: Condition) -> Iterator[tuple[str, str, str]]:
    """Each (kind, fact, predecessor) that an ``after`` in this condition names."""
    for predecessor in condition.after:
        for kind, names, _ in _facts(condition):
            yield from ((kind, name, predecessor) for name in names)
    for inner in condition.nested():
        yield from named_pairs(inner)


def _tests(condition: Condition, patient_conditions: frozenset[str]) -> Iterator[Predicate]:
    yield from _present(condition)
    if condition.patient_has:
        has = patient_conditions.issuperset(condition.patient_has)
        yield lambda _: has
    for kind, names, every in _facts(condition):
        yield _fact_test([_lookup(condition, kind, name) for name in names], condition.by_s, every=every)
    if condition.vital:
        yield _vital_test(condition.vital)
    yield from (predicate(inner, patient_conditions) for inner in condition.all_of)
    if condition.any_of:
        yield _either([predicate(inner, patient_conditions) for inner in condition.any_of])
    if condition.negated:
        inner = predicate(condition.negated, patient_conditions)
        yield lambda course: not inner(course)


def _present(condition: Condition) -> Iterator[Predicate]:
    """State, time and counters: cheap, so they are asked first."""
    if condition.state:
        states = frozenset(condition.state)
        yield lambda course: course.patient_state in states
    if condition.was_in_state:
        past = frozenset(condition.was_in_state)
        yield lambda course: not past.isdisjoint(course.entered)
    if (least := condition.elapsed_at_least_s) is not None:
        yield lambda course: course.elapsed_s >= least
    if (most := condition.elapsed_at_most_s) is not None:
        yield lambda course: course.elapsed_s <= most
    if (lasted := condition.state_for_at_least_s) is not None:
        yield lambda course: round(course.elapsed_s - course.state_since_s, 3) >= lasted
    if (harm := condition.harm_within_s) is not None:
        yield (
            lambda course: (
                course.last_harm_s is not None and round(course.elapsed_s - course.last_harm_s, 3) <= harm
            )
        )
    if (errors := condition.errors_at_least) is not None:
        yield lambda course: course.errors >= errors


def _facts(condition: Condition) -> Iterator[tuple[str, tuple[str, ...], bool]]:
    """Kind, names, and whether all of them are asked for; only what the condition states."""
    facts = (
        ("given", condition.given, True),
        ("given", condition.given_any, False),
        ("attempted", condition.attempted, True),
        ("assessed", condition.assessed, True),
        ("assessed", condition.assessed_any, False),
        ("mentioned", tuple(phrase_key(phrase) for phrase in condition.mentioned), False),
    )
    return (fact for fact in facts if fact[1])


def _lookup(condition: Condition, kind: str, name: str) -> Lookup:
    if condition.after:
        return _followed([follow_key(kind, name, predecessor) for predecessor in condition.after])
    return _FIRST_TIMES[kind](name)


def _given(name: str) -> Lookup:
    def first(course: Course) -> Moment | None:
        record = course.treatments.get(name)
        return record.first_safe if record else None

    return first


def _attempted(name: str) -> Lookup:
    def first(course: Course) -> Moment | None:
        record = course.treatments.get(name)
        return record.first if record else None

    return first


_FIRST_TIMES: dict[str, Callable[[str], Lookup]] = {
    "given": _given,
    "attempted": _attempted,
    "assessed": lambda name: lambda course: course.findings.get(name),
    "mentioned": lambda name: lambda course: course.phrases.get(name),
}


def _followed(keys: list[str]) -> Lookup:
    if len(keys) == 1:
        only = keys[0]
        return lambda course: course.followed.get(only)

    def latest(course: Course) -> Moment | None:
        moments = [course.followed.get(key) for key in keys]
        known = [moment for moment in moments if moment is not None]
        return max(known) if len(known) == len(moments) else None

    return latest


def _fact_test(lookups: list[Lookup], by_s: float | None, *, every: bool) -> Predicate:
    limit = inf if by_s is None else by_s

    def all_known(course: Course) -> bool:
        for lookup in lookups:
            moment = lookup(course)
            if moment is None or moment.at_s > limit:
                return False
        return True

    def any_known(course: Course) -> bool:
        for lookup in lookups:
            moment = lookup(course)
            if moment is not None and moment.at_s <= limit:
                return True
        return False

    return all_known if every else any_known


def _vital_test(limit: VitalLimit) -> Predicate:
    sign = limit.sign.value
    low = -inf if limit.at_least is None else limit.at_least
    high = inf if limit.at_most is None else limit.at_most
    return lambda course: low <= course.vital(sign) <= high


def _either(tests: list[Predicate]) -> Predicate:
    return lambda course: any(test(course) for test in tests)
