"""What several cohorts registered, taken together: one plan is followed, and every difference is told."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import groupby
from typing import Any

from holdfast.kit.clock import iso
from holdfast.kit.errors import InvalidInput
from holdfast.research.analysis.results import Deviation
from holdfast.research.plan.model import Plan, RecordedLook, Registration
from holdfast.research.planned import registration_from_json, registration_to_json


@dataclass(frozen=True, slots=True)
class OfCohort:
    """What one cohort of a bundle registered, if anything; ``cohort`` is its name in the bundle."""

    cohort: str
    registration: Registration | None


def followed(found: Sequence[OfCohort]) -> Registration | None:
    """The registration whose plan is followed when none is given; none when nothing is registered.

    Raises:
        InvalidInput: cohorts registered different plans, and nobody said which one counts.
    """
    registered = [one for one in found if one.registration is not None]
    plans = {one.registration.sha256 for one in registered if one.registration is not None}
    if len(plans) > 1:
        names = ", ".join(one.cohort for one in registered)
        raise InvalidInput(f"{names} registered different plans; give the one to follow", field="plan")
    return registered[0].registration if registered else None


def joint(found: Sequence[OfCohort], plan: Plan) -> Registration | None:
    """One registration for all cohorts, as strict as the weakest of theirs.

    None when one of them has none: what is said of all must hold for each. The plan is that of a cohort
    that registered another one than is followed, if there is such a cohort; it was registered when the
    last one was, and after the first outcome when one was. A look counts with all students whose outcomes
    were known by then, so far as looks tell.
    """
    there = [one.registration for one in found if one.registration is not None]
    if len(there) < len(found) or not there:
        return None
    if len(there) == 1:
        return there[0]
    other = next((one for one in there if one.sha256 != plan.sha256), there[0])
    first = [one.first_outcome_at for one in there if one.first_outcome_at is not None]
    return replace(
        other,
        cohort=", ".join(one.cohort for one in found),
        registered_at=max(one.registered_at for one in there),
        registered_by=", ".join(sorted({one.registered_by for one in there})),
        first_outcome_at=min(first, default=None),
        after_first_outcome=any(one.after_first_outcome for one in there),
        looks=tuple(_looks(there, plan)),
    )


def _looks(found: Sequence[Registration], plan: Plan) -> Iterator[RecordedLook]:
    """Looks in their order, each with what was known of all cohorts by then."""
    known: dict[int, int] = {}
    looks = sorted(
        ((look, place) for place, one in enumerate(found) for look in one.looks),
        key=lambda pair: pair[0].looked_at,
    )
    for moment, together in groupby(looks, key=lambda pair: pair[0].looked_at):
        pairs = list(together)
        known |= {place: look.observed for look, place in pairs}
        total = sum(known.values())
        share = total / plan.looks.students if plan.looks.students else None
        yield RecordedLook(moment, pairs[-1][0].plan_sha256, total, share)


def differing(found: Sequence[OfCohort], plan: Plan) -> tuple[Deviation, ...]:
    """What holds for some of several cohorts only; nothing for one cohort, whose own record says it."""
    if len(found) < 2 or all(one.registration is None for one in found):
        return ()
    return tuple(_differing(found, plan))


def _differing(found: Sequence[OfCohort], plan: Plan) -> Iterator[Deviation]:
    for one in found:
        what, registration = f"cohort {one.cohort}", one.registration
        if registration is None:
            yield Deviation("not_registered", what, "registered before the first outcome", "not registered")
            continue
        if registration.sha256 != plan.sha256:
            yield Deviation("changed", f"{what}: plan", registration.sha256, plan.sha256)
        if registration.after_first_outcome:
            late = iso(registration.registered_at)
            yield Deviation("registered_late", what, "before the first outcome", late)


def to_json(found: Sequence[OfCohort]) -> list[dict[str, Any]]:
    """As a manifest keeps it, so that a bundle can be analysed again without the database."""
    return [{"cohort": one.cohort, "registration": registration_to_json(one.registration)} for one in found]


def from_json(document: Sequence[Mapping[str, Any]]) -> tuple[OfCohort, ...]:
    """What `to_json` made."""
    return tuple(OfCohort(one["cohort"], registration_from_json(one["registration"])) for one in document)
