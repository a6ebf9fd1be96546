"""The documented baseline: each skill judged from features by criteria that a teacher can read.

A criterion maps a feature's value linearly from 0 at its low anchor to 1 at its high anchor; a skill's score
is the weighted mean of its known criteria. The anchors are set by judgement, not by norms: they say what a
rich or a poor sample of talk or play looks like, and a score compares a student with them, not with peers.

Confidence = known weight x amount x agreement: the share of the criteria's weight that is known; the amount
of material, n / (n + half), with half at 150 words and at 40 events; and 1 less twice the weighted standard
deviation of the criteria's scores, held within .3 and 1. Held within .05 and .95.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from math import sqrt

from holdfast.programs.skills.assessment import Assessed, Judgement, NotEnough
from holdfast.programs.skills.evidence import find_evidence
from holdfast.programs.skills.features.measured import Measured
from holdfast.programs.skills.features.table import BY_NAME, Extraction, Kind
from holdfast.programs.skills.inputs import GameSession, Transcript
from holdfast.programs.skills.skill import Skill, level_of

FEWEST_WORDS = 40
FEWEST_EVENTS = 10
"""Below these a kind of input does not count."""
LEAST_KNOWN = 0.4
"""The share of the criteria's weight that must be known."""
HALF_WORDS, HALF_EVENTS = 150, 40


@dataclass(frozen=True, slots=True)
class Criterion:
    """One thing that is looked at.

    Attributes:
        feature: its name in the table of features.
        weight: against the other criteria of the skill.
        low, high: the values that score 0 and 1; `low` above `high` means that less is better.
        words: what it is, as a sentence names it.
    """

    feature: str
    weight: float
    low: float
    high: float
    words: str

    def score(self, value: float) -> float:
        """The value on 0 to 1."""
        return min(1.0, max(0.0, (value - self.low) / (self.high - self.low)))


CRITERIA: Mapping[Skill, Sequence[Criterion]] = {
    Skill.EMPATHY: (
        Criterion("empathy_markers", 3, 0, 4, "words of feeling for others"),
        Criterion("social_processes", 1, 2, 12, "talk about people"),
        Criterion("second_person", 0.5, 0, 4, "turning to the other"),
        Criterion("against_empathy", 1.5, 1, 0, "freedom from contempt and indifference"),
    ),
    Skill.PROBLEM_SOLVING: (
        Criterion("problem_solving_language", 2, 0, 6, "words of plans, options and tests"),
        Criterion("reasoning_language", 1.5, 0, 3, "giving reasons and conditions"),
        Criterion("against_problem_solving", 1, 1, 0, "freedom from guessing"),
        Criterion("best_quality", 2, 0.4, 1, "the best result reached"),
        Criterion("task_completion_rate", 1, 0, 1, "tasks completed"),
        Criterion("review_share", 1, 0, 1, "looking at earlier results after a failure"),
    ),
    Skill.SELF_REGULATION: (
        Criterion("regulation_language", 2, 0, 3, "words of waiting, care and attention"),
        Criterion("against_regulation", 1.5, 1.5, 0, "freedom from haste and temper"),
        Criterion("distraction_resistance", 2, 0.3, 1, "time kept on the task"),
        Criterion("focus_duration", 1, 60, 600, "the longest stretch without a pause"),
        Criterion("undo_share", 0.5, 0.8, 0.1, "acting without taking back"),
    ),
    Skill.RESILIENCE: (
        Criterion("perseverance_indicators", 2, 0, 3, "words of going on"),
        Criterion("against_perseverance", 1.5, 1, 0, "freedom from giving up"),
        Criterion("negative_sentiment", 0.5, 0.3, 0, "an even tone"),
        Criterion("retry_count", 1.5, 0, 6, "trying again after a failure"),
        Criterion("recovery_rate", 2, 0, 1, "doing better after a failure"),
    ),
    Skill.ADAPTABILITY: (
        Criterion("adaptation_language", 2.5, 0, 3, "words of other ways and changes"),
        Criterion("hedging", 0.5, 0, 3, "leaving room for another view"),
        Criterion("against_adaptation", 1, 0.5, 0, "freedom from holding on to one way"),
        Criterion("strategy_change_count", 1.5, 0, 5, "changes of strategy"),
        Criterion("quality_gain", 1, -0.1, 0.2, "results that got better"),
    ),
    Skill.COMMUNICATION: (
        Criterion("reasoning_language", 1.5, 0, 3, "giving reasons and conditions"),
        Criterion("acknowledgement", 1, 0, 8, "taking up what was said"),
        Criterion("question_share", 1.5, 0, 0.25, "asking"),
        Criterion("avg_sentence_length", 1, 2, 9, "sentences that carry a thought"),
        Criterion("speaking_share", 1, 0.1, 0.5, "taking part in the talk"),
        Criterion("against_communication", 1, 1, 0, "freedom from breaking off"),
    ),
    Skill.COLLABORATION: (
        Criterion("coordination_language", 2.5, 1, 10, "words that join two persons' doing"),
        Criterion("first_person_plural", 1, 0, 3, "saying we"),
        Criterion("acknowledgement", 1, 0, 8, "taking up what was said"),
        Criterion("against_collaboration", 1, 1, 0, "freedom from pushing away"),
        Criterion("collaboration_indicators", 1.5, 0, 0.1, "acts with or for another"),
    ),
}

RECOMMENDATIONS: Mapping[Skill, str] = {
    Skill.EMPATHY: "Ask how another person in the situation may feel, and what would help them.",
    Skill.PROBLEM_SOLVING: "Ask for a plan and a reason before the next try, and look at the last result.",
    Skill.SELF_REGULATION: "Agree on a sign for a short pause before a decision.",
    Skill.RESILIENCE: "After a failure, name one thing that worked and one to change in the next try.",
    Skill.ADAPTABILITY: "Ask for a second way before the first is carried on.",
    Skill.COMMUNICATION: "Ask the student to explain a step to a partner, and the partner to say it back.",
    Skill.COLLABORATION: "Give tasks that need both partners' information, and let them agree aloud.",
}


@dataclass(frozen=True, slots=True)
class Rated:
    """A criterion with its value and its score."""

    criterion: Criterion
    value: float
    score: float


def assess(
    skill: Skill,
    transcripts: Sequence[Transcript],
    sessions: Sequence[GameSession],
    measured: Measured,
    *,
    producer: str = "rubric",
) -> Judgement:
    """The baseline's judgement of a skill, with evidence; `measured` is what the inputs' features are."""
    judged = judge(skill, measured.all_spoken, measured.all_played, producer=producer)
    if isinstance(judged, NotEnough):
        return judged
    pieces = [finding.piece for finding in find_evidence(skill, transcripts, sessions)]
    if not pieces:
        return NotEnough(skill, f"nothing that was said or done shows {skill.words}, one way or the other")
    return replace(judged, evidence=pieces)


def judge(
    skill: Skill, spoken: Extraction | None, played: Extraction | None, *, producer: str = "rubric"
) -> Judgement:
    """The baseline's judgement from pooled features alone: without evidence, which `assess` adds."""
    words = _amount(spoken, "word_count")
    events = _amount(played, "event_count")
    usable = {
        Kind.LINGUISTIC: spoken if words >= FEWEST_WORDS else None,
        Kind.BEHAVIOURAL: played if events >= FEWEST_EVENTS else None,
    }
    rated = _rated(skill, usable)
    whole = sum(criterion.weight for criterion in CRITERIA[skill])
    known = sum(one.criterion.weight for one in rated) / whole
    if known < LEAST_KNOWN:
        reason = (
            f"only {known:.0%} of what {skill.words} is judged by could be seen, in {words:.0f} words and "
            f"{events:.0f} game events; at least {FEWEST_WORDS} words or {FEWEST_EVENTS} events that show it "
            "are needed"
        )
        return NotEnough(skill, reason)
    score = _mean(rated)
    amount = max(
        words / (words + HALF_WORDS) if usable[Kind.LINGUISTIC] else 0.0,
        events / (events + HALF_EVENTS) if usable[Kind.BEHAVIOURAL] else 0.0,
    )
    agreement = min(1.0, max(0.3, 1 - 2 * _spread(rated, score)))
    confidence = min(0.95, max(0.05, known * amount * agreement))
    importance = {
        one.criterion.feature: round(one.criterion.weight / whole / known * (one.score - 0.5), 4)
        for one in rated
    }
    recommendations = [RECOMMENDATIONS[skill]] if score < 0.7 else []
    return Assessed(
        skill,
        round(score, 4),
        round(confidence, 4),
        _reasoning(skill, score, rated, known),
        (),
        producer,
        recommendations,
        importance,
    )


def _amount(extraction: Extraction | None, name: str) -> float:
    return (extraction.known(name) or 0.0) if extraction else 0.0


def _rated(skill: Skill, usable: Mapping[Kind, Extraction | None]) -> list[Rated]:
    rated = []
    for criterion in CRITERIA[skill]:
        extraction = usable[BY_NAME[criterion.feature].kind]
        value = extraction.known(criterion.feature) if extraction else None
        if value is not None:
            rated.append(Rated(criterion, value, criterion.score(value)))
    return rated


def _mean(rated: Sequence[Rated]) -> float:
    return sum(one.criterion.weight * one.score for one in rated) / sum(one.criterion.weight for one in rated)


def _spread(rated: Sequence[Rated], mean: float) -> float:
    weight = sum(one.criterion.weight for one in rated)
    return sqrt(sum(one.criterion.weight * (one.score - mean) ** 2 for one in rated) / weight)


def _reasoning(skill: Skill, score: float, rated: Sequence[Rated], known: float) -> str:
    strong = [_shown(one) for one in rated if one.score >= 0.7]
    weak = [_shown(one) for one in rated if one.score < 0.4]
    parts = [f"{skill.words.capitalize()} is {level_of(score)} ({score:.2f} of 1)."]
    if strong:
        parts.append(f"For it: {', '.join(strong)}.")
    if weak:
        parts.append(f"Little of: {', '.join(weak)}.")
    if known < 1:
        parts.append(f"{100 * (1 - known):.0f} % of what this skill is judged by could not be seen.")
    return " ".join(parts)


def _shown(one: Rated) -> str:
    unit = BY_NAME[one.criterion.feature].unit
    if unit == "share":
        return f"{one.criterion.words} ({one.value:.0%})"
    number = f"{one.value:.0f}" if unit in {"count", "seconds"} else f"{one.value:.1f}"
    return (
        f"{one.criterion.words} ({number})" if unit == "count" else f"{one.criterion.words} ({number} {unit})"
    )
