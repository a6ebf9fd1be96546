"""Looks at the first primary outcome: planned, open-ended, or merely counted."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from holdfast.kit.clock import iso
from holdfast.research.analysis.comparison import Comparison
from holdfast.research.analysis.means import sequence
from holdfast.research.analysis.results import Look, Looks, Role
from holdfast.research.plan.model import Plan, RecordedLook, Registration
from holdfast.research.statistics import looks as rules

NEAR = 0.05
"""Share of the planned students within which a look is at a planned fraction."""


@dataclass(frozen=True, slots=True)
class LookNow:
    """What the present look allows: the alpha at which the family is tested, and the fraction known."""

    alpha: float
    fraction: float | None
    spent: float | None
    earlier: tuple[RecordedLook, ...]


def look_now(plan: Plan, registration: Registration | None, observed: int) -> LookNow:
    """Where a study stands when it is looked at with so many primary outcomes."""
    earlier = _distinct(registration.looks if registration else (), observed)
    if plan.looks.kind != "planned" or not plan.looks.students:
        return LookNow(plan.analysis.alpha, None, None, earlier)
    fraction = min(observed / plan.looks.students, 1.0)
    if fraction <= 0:
        return LookNow(plan.analysis.alpha, 0.0, 0.0, earlier)
    found = rules.planned_looks(_information(plan, earlier, fraction), plan.analysis.alpha)[-1]
    return LookNow(found.p, fraction, found.spent, earlier)


def _information(plan: Plan, earlier: Sequence[RecordedLook], fraction: float) -> list[float]:
    total = plan.looks.students or 1
    before = sorted({min(look.observed / total, 1.0) for look in earlier if look.observed > 0})
    return [*(share for share in before if share < fraction), fraction]


def _distinct(looks: Sequence[RecordedLook], observed: int) -> tuple[RecordedLook, ...]:
    """Looks that saw something else than the present one: the same students again are no new look."""
    kept: list[RecordedLook] = []
    for look in looks:
        if look.observed != observed and all(look.observed != other.observed for other in kept):
            kept.append(look)
    return tuple(kept)


def looks_of(made: Comparison, now: LookNow, at: str, p: float | None) -> Looks:
    """The looks for the report: every earlier one, then this one."""
    plan = made.plan
    planned = plan.looks.kind == "planned"
    past = [
        Look(number, iso(look.looked_at), look.plan_sha256, look.fraction, present=False)
        for number, look in enumerate(now.earlier, start=1)
    ]
    present = Look(
        len(past) + 1,
        at,
        plan.sha256,
        now.fraction,
        present=True,
        p=p,
        threshold=now.alpha if planned else None,
        alpha_spent=now.spent,
        crossed=None if p is None or not planned else p <= now.alpha,
    )
    open_ended = plan.looks.kind == "open-ended" and plan.ordered[0].kind in {"score", "repeated"}
    found = sequence(made, role=Role.CONFIRMATORY) if open_ended else None
    return Looks(plan.looks.kind, _finding(plan, now), (*past, present), found)


def unplanned(plan: Plan, now: LookNow) -> bool:
    """Whether a study with planned looks is looked at more than 5 % of its students away from all of them.

    The spending function allows that, as long as the outcome did not decide when to look.
    """
    share = 0.0 if now.fraction is None else now.fraction
    return plan.looks.kind == "planned" and all(abs(share - one) > NEAR for one in plan.looks.fractions)


def _finding(plan: Plan, now: LookNow) -> str:
    if plan.looks.kind == "open-ended":
        return "Looks at any time: the confidence sequence holds at all of them together; other tests do not."
    if plan.looks.kind == "planned":
        share = 0.0 if now.fraction is None else now.fraction
        finding = (
            f"Planned looks, O'Brien-Fleming spending by Lan and DeMets: at {share:.0%} of the planned "
            f"students the primary p is compared with {now.alpha:.6f}."
        )
        return f"{finding} This is not one of the planned fractions." if unplanned(plan, now) else finding
    if now.earlier:
        return (
            f"The plan has one look at the end, but {len(now.earlier) + 1} different states of the data were "
            "analysed: the error rates of a single look do not hold."
        )
    return "One look at the data, as planned."
