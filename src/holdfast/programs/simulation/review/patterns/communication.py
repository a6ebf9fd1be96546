"""How the student spoke: with colleagues about treatments, and with the patient and the family."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence

from holdfast.programs.simulation.engine.facts import Action, TreatmentGiven
from holdfast.programs.simulation.review.patterns.clinical_reasoning import GOOD_ANSWERS
from holdfast.programs.simulation.review.patterns.pattern import (
    Category,
    Kind,
    Pattern,
    Severity,
    Verdict,
    percent,
    share,
    verdict,
)
from holdfast.programs.simulation.review.snapshot import RunSnapshot
from holdfast.programs.simulation.scenario.care import TreatmentKind

SPECIFIC_PARTS = 2
SPECIFIC_STRONG, SPECIFIC_WEAK = 0.7, 0.5
MINIMUM_ORDERS = 2
CENTRED_SHARE = 0.6
CENTRED_ELEMENTS = 2

_DOSED = {TreatmentKind.MEDICATION.value, TreatmentKind.OXYGEN.value, TreatmentKind.FLUID.value}
_DEVICE = re.compile(
    r"\b(mask|non-?rebreather|nebuli[sz]er|nasal (cannula|prongs|atomi[sz]er)|cannula|spacer|inhaler|bvm"
    r"|bag[- ]valve|line|drip|pump|syringe|auto-?injector|pen|needle|catheter)\b",
    re.IGNORECASE,
)
_ROUTE = re.compile(
    r"\b(iv|i\.v\.|im|i\.m\.|io|sc|po|pr|orally|oral|by mouth|intra\w+|sublingual\w*|buccal\w*|nebuli[sz]ed"
    r"|inhaled|rectal\w*|subcutaneous\w*|under the tongue|chewed)(?!\w)",
    re.IGNORECASE,
)
_INTRODUCTION = r"\b(my name is|(i am|i'm) (your|a paramedic|with the ambulance)|we are the ambulance)\b"
_EXPLANATION = (
    r"\b((i'm|i am|we're|we are) going to|(i'll|i will) (now )?give you"
    r"|this (will|may|should) help|because|so that)\b"
)
_REASSURANCE = (
    r"\b((we're|we are) here|(you're|you are) (safe|doing (well|great|fine))|don't worry|stay with me"
    r"|i understand|take your time|calm)\b"
)
_QUESTION = (
    r"\b(is (that|it|this) (all right|alright|ok|okay)|may i|can i|would you (like|mind|prefer)"
    r"|do you (agree|mind|understand|have any questions)|how (are you feeling|do you feel))\b"
)
_ELEMENTS = tuple(
    re.compile(element, re.IGNORECASE) for element in (_INTRODUCTION, _EXPLANATION, _REASSURANCE, _QUESTION)
)
_CURLY_APOSTROPHE = "\u2019"

SPECIFICITY = Kind(
    name="Documentation specificity",
    category=Category.COMMUNICATION,
    priority=15,
    focus="Order treatments completely: drug, dose with unit, route, device.",
)
CENTRED = Kind(
    name="Patient-centred language",
    category=Category.COMMUNICATION,
    priority=16,
    focus="Say who you are, what you are doing and why, and ask how it is for the patient.",
)


def documentation_specificity(runs: Sequence[RunSnapshot]) -> Pattern:
    """Share of drug, oxygen and fluid orders with two of number, route, dose, device; 0.7 / 0.5.

    Read from what the student ordered, not from the standard dose that the engine fills in; a drug that
    the scenario does not know counts as well. Needs two orders.
    """
    orders = [action for run in runs for action in _orders(run)]
    if len(orders) < MINIMUM_ORDERS:
        return SPECIFICITY.absent({"orders": len(orders)})
    specific = sum(_parts(action) >= SPECIFIC_PARTS for action in orders)
    rate = share(specific, len(orders))
    data = {"orders": len(orders), "specific": specific, "share": rate}
    said = f"{percent(rate)} of your drug, oxygen and fluid orders were complete enough to act on."
    match verdict(rate, SPECIFIC_STRONG, SPECIFIC_WEAK):
        case Verdict.HIGH:
            return SPECIFICITY.strength(said, data)
        case Verdict.LOW:
            return SPECIFICITY.weakness(Severity.LOW, said, data)
    return SPECIFICITY.absent(data)


def _orders(run: RunSnapshot) -> Iterator[Action]:
    for _, action in run.actions:
        kind = run.blueprint.treatment_kinds.get(action.target, TreatmentKind.MEDICATION.value)
        if action.kind == "treatment" and kind in _DOSED:
            yield action


def _parts(action: Action) -> int:
    number = action.dose is not None or bool(re.search(r"\d", action.text))
    route = action.route is not None or bool(_ROUTE.search(action.text))
    dose = action.dose is not None and action.unit is not None
    return sum((number, route, dose, bool(_DEVICE.search(action.text))))


def patient_centred_language(runs: Sequence[RunSnapshot]) -> Pattern:
    """At least 0.6 of the occasions to speak well with people were used (strength).

    Occasions are the challenge points about communication (used when answered well) and, so that the
    arm without challenges is seen too, each run in which the student spoke: used when at least two of
    introduction, explanation, reassurance and an open or consenting question were heard, where a
    treatment of the kind communication counts as one of them.
    """
    used = [
        answer.quality in GOOD_ANSWERS
        for run in runs
        for answer in run.answers
        if answer.challenge in run.blueprint.communication_challenges
    ]
    used += [_elements(run) >= CENTRED_ELEMENTS for run in runs if run.statements]
    if not used:
        return CENTRED.absent()
    rate = share(sum(used), len(used))
    data = {"occasions": len(used), "used": sum(used), "share": rate}
    if rate < CENTRED_SHARE:
        return CENTRED.absent(data)
    return CENTRED.strength("You spoke with the patient, not only about the patient.", data)


def _elements(run: RunSnapshot) -> int:
    texts = [statement.text.replace(_CURLY_APOSTROPHE, "'") for statement in run.statements]
    heard = sum(any(element.search(text) for text in texts) for element in _ELEMENTS)
    kinds = {run.blueprint.treatment_kinds.get(fact.treatment) for fact in run.all_of(TreatmentGiven)}
    return heard + (TreatmentKind.COMMUNICATION.value in kinds)
