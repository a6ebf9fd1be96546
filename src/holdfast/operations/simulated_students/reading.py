"""A scenario's conditions read backwards: not whether they hold, but what to do so that they hold."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator
from dataclasses import dataclass, field, replace
from typing import Literal

from holdfast.programs.simulation.scenario.care import Treatment
from holdfast.programs.simulation.scenario.conditions import Condition
from holdfast.programs.simulation.scenario.judgement import RatingRule
from holdfast.programs.simulation.scenario.model import Scenario
from holdfast.programs.simulation.scenario.vocabulary import Impact, Rating, VitalSign

Kind = Literal["treatment", "assessment"]

_USEFULNESS = {Impact.CRITICAL: 0, Impact.APPROPRIATE: 1, Impact.ADVANCED: 2, Impact.NEUTRAL: 3}


@dataclass(frozen=True, slots=True)
class Need:
    """One thing to do.

    Attributes:
        by_s: clinical seconds by which it is to be done, or none.
        from_s: clinical seconds before which it does not count.
        after: what has to be done before it.
    """

    kind: Kind
    target: str
    by_s: float | None = None
    from_s: float = 0.0
    after: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Present:
    """What somebody at the bedside takes for given: the patient's state and what was done.

    Vital signs are those of arrival, and nothing counts as done twice: it is an estimate, made
    without looking at the engine.
    """

    scenario: Scenario
    state: str = "initial"
    done: frozenset[str] = field(default_factory=frozenset)

    def holds(self, condition: Condition) -> bool:
        """Whether a condition holds, as far as one can tell; words, harm and errors are not foreseen."""
        return all(self._parts(condition))

    def _parts(self, c: Condition) -> Iterator[bool]:
        yield not (c.mentioned or c.harm_within_s or c.errors_at_least or c.state_for_at_least_s)
        yield not c.after or set(c.after).isdisjoint((*c.given, *c.given_any, *c.assessed, *c.assessed_any))
        yield self.done.issuperset((*c.given, *c.attempted, *c.assessed))
        yield not c.given_any or not self.done.isdisjoint(c.given_any)
        yield not c.assessed_any or not self.done.isdisjoint(c.assessed_any)
        yield not (c.elapsed_at_least_s and c.elapsed_at_least_s > 0)
        yield not c.state or self.state in c.state
        yield not c.was_in_state or self.state in c.was_in_state
        yield c.vital is None or self._vital(c)
        yield set(c.patient_has) <= set(self.scenario.patient.conditions)
        yield not c.any_of or any(self.holds(part) for part in c.any_of)
        yield all(self.holds(part) for part in c.all_of)
        yield c.negated is None or not self.holds(c.negated)

    def _vital(self, condition: Condition) -> bool:
        limit = condition.vital
        if limit is None:
            return True
        value = self.scenario.vital_signs.stated().get(VitalSign(limit.sign))
        if value is None:
            return False
        return (limit.at_least is None or value >= limit.at_least) and (
            limit.at_most is None or value <= limit.at_most
        )


def dangerous_rules(scenario: Scenario) -> Iterator[RatingRule]:
    """Every rule by which a decision is rated dangerous."""
    for decision in scenario.decision_points:
        yield from (rule for rule in decision.ratings if rule.rating is Rating.DANGEROUS)


def contraindicated(present: Present, treatment: Treatment) -> bool:
    """Whether something absolute speaks against a treatment now."""
    return any(c.severity == "absolute" and present.holds(c.when) for c in treatment.contraindications)


def dangerous(present: Present, name: str) -> bool:
    """Whether doing this, with what is done already, makes a decision dangerous."""
    after = replace(present, done=present.done | {name})
    return any(name in r.when.treatments() and after.holds(r.when) for r in dangerous_rules(present.scenario))


class Reader:
    """Reads conditions as needs.

    Args:
        present: where the patient is and what is done.
        planned: what is going to be done anyway; preferred where there is a choice.
        in_that_state: whether conditions about states and vital signs count as met (when answering to
            a state that was seen) or cannot be met on purpose (when planning on arrival).
    """

    def __init__(self, present: Present, planned: Collection[str] = (), *, in_that_state: bool) -> None:
        self._present = present
        self._planned = frozenset(planned)
        self._in_that_state = in_that_state

    def needs(self, condition: Condition) -> tuple[Need, ...] | None:
        """What to do so that the condition holds; none when nobody would or could do that."""
        if not self._possible(condition):
            return None
        chosen = self._named(condition)
        if chosen is None:
            return None
        found = [self._need(condition, kind, name) for kind, name in chosen]
        parts = [self.needs(part) for part in condition.all_of]
        if condition.any_of:
            parts.append(self._best(condition.any_of))
        for part in parts:
            if part is None:
                return None
            found += part
        return tuple(found)

    def sensible(self, name: str) -> bool:
        """Whether an expert would do this now: not harmful, not contraindicated, not dangerous."""
        treatment = self._present.scenario.treatments.get(name)
        if treatment is None:
            return True
        planned = replace(self._present, done=self._present.done | self._planned)
        return (
            treatment.impact in _USEFULNESS
            and not contraindicated(self._present, treatment)
            and not dangerous(planned, name)
        )

    def _named(self, c: Condition) -> list[tuple[Kind, str]] | None:
        treatments, findings = [*c.given, *c.attempted], list(c.assessed)
        for names, chosen in ((c.given_any, treatments), (c.assessed_any, findings)):
            if names:
                one = self._choice(names)
                if one is None:
                    return None
                chosen.append(one)
        if not all(self.sensible(name) for name in treatments):
            return None
        return [*(("treatment", n) for n in treatments), *(("assessment", n) for n in findings)]

    def _need(self, c: Condition, kind: Kind, name: str) -> Need:
        return Need(kind, name, c.by_s or c.elapsed_at_most_s, c.elapsed_at_least_s or 0.0, c.after)

    def _possible(self, c: Condition) -> bool:
        situational = c.state or c.was_in_state or c.state_for_at_least_s or c.vital
        if situational and not self._in_that_state and not self._present.holds(_situation(c)):
            return False
        if c.errors_at_least or c.harm_within_s or c.mentioned:
            return False
        if not set(c.patient_has) <= set(self._present.scenario.patient.conditions):
            return False
        return c.negated is None or not self._planned & (c.negated.treatments() | c.negated.findings())

    def _choice(self, names: Iterable[str]) -> str | None:
        fit = [name for name in names if self.sensible(name)]
        return min(fit, key=self._preference, default=None)

    def _preference(self, name: str) -> tuple[bool, int]:
        treatment = self._present.scenario.treatments.get(name)
        return name not in self._planned, _USEFULNESS.get(treatment.impact, 4) if treatment else 0

    def _best(self, alternatives: Iterable[Condition]) -> tuple[Need, ...] | None:
        """The alternative that asks for the least that is not planned."""
        readings = [found for part in alternatives if (found := self.needs(part)) is not None]
        return min(readings, key=self._novelty, default=None)

    def _novelty(self, needs: tuple[Need, ...]) -> int:
        names = {need.target for need in needs}.union(*(need.after for need in needs))
        return len(names - self._planned)


def _situation(c: Condition) -> Condition:
    """The part of a condition that is about the patient."""
    stated = {
        "state": c.state,
        "was_in_state": c.was_in_state,
        "state_for_at_least_s": c.state_for_at_least_s,
        "vital": c.vital,
    }
    return Condition(**{name: value for name, value in stated.items() if value})
