"""What went wrong with medications, and what was done about it."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence

from holdfast.programs.simulation.review.patterns.pattern import (
    Category,
    Kind,
    Pattern,
    Severity,
    Verdict,
    follow_ups,
    percent,
    share,
    verdict,
)
from holdfast.programs.simulation.review.snapshot import RunSnapshot

REPEATED = 2
RECOVER_WITHIN_S = 120.0
RECOVERY_STRONG, RECOVERY_WEAK = 0.7, 0.4

_TYPE = {
    "contraindicated": "contraindication",
    "harmful": "contraindication",
    "dose_too_high": "dosing",
    "dose_too_low": "dosing",
    "total_exceeded": "dosing",
    "too_soon": "timing",
    "requirement_missing": "timing",
    "wrong_route": "route",
}
_OTHER = "choice of drug"
_CORRECTING_WORDS = {"stop", "stopping", "discontinue", "mistake", "wrong", "error", "antidote", "correct"}

ERROR_TYPE = Kind(
    name="Medication error type",
    category=Category.ERROR_PATTERNS,
    priority=1,
    focus="Before each drug say it aloud: drug, dose, route, contraindications, last given when.",
)
RECOVERY = Kind(
    name="Error recovery",
    category=Category.ERROR_PATTERNS,
    priority=3,
    focus="After an error: say so, look at the patient at once, correct what can be corrected.",
)


def medication_error_type(runs: Sequence[RunSnapshot]) -> Pattern:
    """Medication errors by contraindication, dosing, timing, route; HIGH at 2 or more of one kind.

    A drug that was merely the wrong choice (unknown here, or not indicated) is a kind of its own. A
    missing precondition counts as timing: the drug came before what it needs.
    """
    counts = Counter(_TYPE.get(error.kind, _OTHER) for run in runs for error in run.errors)
    if not counts:
        return ERROR_TYPE.absent()
    commonest, number = max(counts.items(), key=lambda entry: (entry[1], entry[0]))
    drugs = sorted({error.name for run in runs for error in run.errors})
    times = "once" if number == 1 else f"{number} times"
    said = f"Medication safety: a {commonest} error happened {times} ({', '.join(drugs)})."
    data = {"byType": dict(sorted(counts.items())), "drugs": drugs}
    return ERROR_TYPE.weakness(Severity.HIGH if number >= REPEATED else Severity.MODERATE, said, data)


def error_recovery(runs: Sequence[RunSnapshot]) -> Pattern:
    """Share of medication errors that were acted on within 2 min; 0.7 strength, below 0.4 weakness.

    No rule was published; this one is Holdfast's. Acting on an error is an examination of the patient, a
    safe treatment, or words that stop or correct ("stop the infusion", "that was the wrong dose").
    """
    judged = [
        acted
        for run in runs
        for acted in follow_ups(run, run.error_times, _corrections(run), RECOVER_WITHIN_S)
    ]
    if not judged:
        return RECOVERY.absent()
    rate = share(sum(judged), len(judged))
    data = {"errors": len(judged), "recovered": sum(judged), "share": rate}
    said = f"You acted within two minutes on {percent(rate)} of your medication errors."
    match verdict(rate, RECOVERY_STRONG, RECOVERY_WEAK):
        case Verdict.HIGH:
            return RECOVERY.strength(said, data)
        case Verdict.LOW:
            return RECOVERY.weakness(Severity.HIGH, said, data)
    return RECOVERY.absent(data)


def _corrections(run: RunSnapshot) -> list[float]:
    looked = [fact.at_s for fact in run.examinations]
    treated = [fact.at_s for fact in run.treatments if fact.safe]
    said = [
        s.at_s for s in run.statements if _CORRECTING_WORDS & set(s.text.lower().replace(",", " ").split())
    ]
    return looked + treated + said
