"""Asking a model to judge one skill, and taking from its answer only what can be checked. Pure.

The model sees the student's newest transcripts and a digest of the games. Each quote must occur in the
student's own turns; one that does not is dropped and counted. A judgement without a single quote that
holds is not used: nobody could check it.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Annotated

from pydantic import AfterValidator, BaseModel, ConfigDict, Field

from holdfast.agents.asking import Question
from holdfast.kit.plain import filled, storable
from holdfast.programs.skills.assessment import Assessed, EvidenceKind, Judgement, NotEnough, Piece
from holdfast.programs.skills.material import Material
from holdfast.programs.skills.skill import Skill

MOST_QUOTES = 3
SOURCE = "transcript_analysis"
RELEVANCE = 0.8
"""Quotes, their source and their relevance: as the older system stored them."""
LONGEST_MATERIAL = 40_000
"""Characters of the material that go to the model: the newest."""

CRITERIA: Mapping[Skill, str] = {
    Skill.EMPATHY: "takes in how others feel, names it, responds to it with care",
    Skill.PROBLEM_SOLVING: "takes a problem apart, reasons about causes, tries and compares solutions",
    Skill.SELF_REGULATION: "stays with the task, waits, plans, notices and steers own impulses",
    Skill.RESILIENCE: "goes on after failure, tries again, takes setbacks as something to learn from",
    Skill.ADAPTABILITY: "changes plan when things change, takes up new ideas and feedback",
    Skill.COMMUNICATION: "expresses ideas clearly, asks, listens, checks that it was understood",
    Skill.COLLABORATION: "shares work and decisions, builds on what others say, agrees on steps",
}

_Text = Annotated[str, AfterValidator(storable)]


class Verdict(BaseModel):
    """The form that the model fills in."""

    model_config = ConfigDict(extra="ignore")

    enough_evidence: Annotated[
        bool, Field(description="false if the material does not carry a judgement of this skill")
    ] = True
    score: Annotated[float, Field(strict=True, ge=0, le=1, description="0 (not shown) to 1 (shown strongly)")]
    confidence: Annotated[float, Field(strict=True, ge=0, le=1, description="0 to 1")]
    reasoning: Annotated[str, AfterValidator(storable), AfterValidator(filled), Field(max_length=5_000)]
    recommendations: Annotated[list[_Text], Field(max_length=10)] = Field(default_factory=list)
    quotes: Annotated[
        list[_Text],
        Field(max_length=20, description="up to three verbatim quotes of the student that show it"),
    ] = Field(default_factory=list)


@dataclass(frozen=True, slots=True)
class Examined:
    """What became of a model's verdict.

    Attributes:
        judgement: none where not one quote held.
        dropped: quotes that the student never said.
    """

    judgement: Judgement | None
    dropped: int


def question(skill: Skill, material: Material) -> Question[Verdict]:
    """What the model is asked; without a model the program has its own way, so there is no script."""
    instructions = (
        f"You assess one social and emotional skill of a school student: {skill.words}. "
        f"A student who shows it {CRITERIA[skill]}.\n\n"
        "Judge only what the student marked with * says or does. Give a score from 0 to 1 (0.4 and above is "
        "medium, 0.7 and above is high), your confidence from 0 to 1, a reasoning of two to four sentences "
        "that a teacher can follow, up to three recommendations, and up to three quotes copied word for word "
        "from the student's own turns. If the material does not carry a judgement, say enough_evidence false."
    )
    return Question(f"skill assessor ({skill})", instructions, told(material), Verdict, lambda: None)


def told(material: Material) -> str:
    """The material as text, the end of it where it is too long: what is newest stands last."""
    parts = []
    for transcript in material.transcripts:
        lines = [
            f"{'* ' if turn.speaker == transcript.speaker else ''}{turn.speaker}: {turn.text}"
            for turn in transcript.turns
        ]
        parts.append("Transcript:\n" + "\n".join(lines))
    for session in material.sessions:
        counts = Counter(event.type for event in session.events)
        lines = [f"{name}: {count}" for name, count in sorted(counts.items())]
        details = [str(event.data["detail"]) for event in session.events if event.data.get("detail")]
        parts.append(f"Game {session.game}, events by type:\n" + "\n".join([*lines, *details[-50:]]))
    return "\n\n".join(parts)[-LONGEST_MATERIAL:]


def examine(skill: Skill, verdict: Verdict, find: Callable[[str], str | None]) -> Examined:
    """A verdict as a judgement with evidence.

    Args:
        skill: what was judged.
        verdict: the model's answer.
        find: the student's own words that a quote stands for; none for an invented one.
    """
    if not verdict.enough_evidence:
        return Examined(NotEnough(skill, verdict.reasoning), 0)
    found = [find(quote) for quote in verdict.quotes]
    held = list(dict.fromkeys(words for words in found if words))[:MOST_QUOTES]
    dropped = sum(1 for words in found if not words)
    if not held:
        return Examined(None, dropped)
    evidence = [Piece(EvidenceKind.LINGUISTIC, SOURCE, words, RELEVANCE) for words in held]
    assessed = Assessed(
        skill,
        verdict.score,
        verdict.confidence,
        verdict.reasoning,
        evidence,
        "model",
        [text.strip() for text in verdict.recommendations if text.strip()],
    )
    return Examined(assessed, dropped)
