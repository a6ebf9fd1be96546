"""The ML path as a whole: what the trained model says, weighed against what was said and what was done."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from math import sqrt
from typing import TYPE_CHECKING

from holdfast.programs.skills import rubric
from holdfast.programs.skills.assessment import Judgement, NotEnough
from holdfast.programs.skills.evidence import find_words
from holdfast.programs.skills.features.measured import Measured
from holdfast.programs.skills.features.table import BY_NAME, Extraction
from holdfast.programs.skills.fusion import Item, Source, Weights, fuse
from holdfast.programs.skills.material import Material
from holdfast.programs.skills.rubric import CRITERIA, FEWEST_EVENTS, FEWEST_WORDS, HALF_EVENTS, HALF_WORDS
from holdfast.programs.skills.skill import Skill

if TYPE_CHECKING:
    from holdfast.programs.skills.learning.saved import Trained


@dataclass(frozen=True, slots=True)
class Weighing:
    """Judges whose findings are fused.

    Attributes:
        trained: the models there are, looked up at each judgement, because training goes on beside a server.
        weights: of the sources, by skill.
    """

    trained: Callable[[], Mapping[Skill, Trained]]
    weights: Weights

    def by_rubric(self, skill: Skill, material: Material) -> Judgement:
        """The documented rubric's judgement."""
        return rubric.assess(skill, material.transcripts, material.sessions, material.measured)

    def find(self, quote: str, material: Material) -> str | None:
        """The student's own words that a quote stands for."""
        return find_words(quote, material.transcripts)

    def by_learning(self, skill: Skill, material: Material) -> Judgement:
        """The model's judgement, or the baseline's, fused with what each kind of input says alone."""
        judged = self._judged(skill, material)
        if isinstance(judged, NotEnough):
            return judged
        items = alone(skill, material.measured)
        if judged.producer == "trained":
            items.append(Item(Source.MODEL, judged.score, judged.confidence))
        else:
            judged = replace(judged, reasoning=f"{_NO_MODEL} {judged.reasoning}")
        fused = fuse(skill, items, self.weights) if len(items) > 1 else None
        if fused is None:
            return judged
        parts = ", ".join(f"{source} {share:.0%}" for source, share in sorted(fused.shares.items()))
        return replace(
            judged,
            score=round(fused.score, 4),
            confidence=round(fused.confidence, 4),
            reasoning=f"{judged.reasoning} Weighed together ({parts}): {fused.score:.2f} of 1.",
        )

    def _judged(self, skill: Skill, material: Material) -> Judgement:
        trained = self.trained()
        if skill not in trained:
            return rubric.assess(
                skill, material.transcripts, material.sessions, material.measured, producer="baseline"
            )
        # Models bring libraries that take seconds to load, which whoever has none need not spend.
        from holdfast.programs.skills.judging import Judges  # noqa: PLC0415

        return Judges(trained).by_learning(skill, material)


_NO_MODEL = "Judged by the documented baseline, not by a trained model."


def alone(skill: Skill, measured: Measured) -> list[Item]:
    """What the rubric's criteria make of what was said alone, and of what was done alone.

    An item's confidence is made as the rubric makes its own: the share of its criteria's weight that is
    known, times the amount of material, n / (n + half), times the agreement of the criteria.
    """
    words = _Amount(Source.LINGUISTIC, "word_count", FEWEST_WORDS, HALF_WORDS)
    events = _Amount(Source.BEHAVIOURAL, "event_count", FEWEST_EVENTS, HALF_EVENTS)
    found = (_item(skill, measured.all_spoken, words), _item(skill, measured.all_played, events))
    return [item for item in found if item]


@dataclass(frozen=True, slots=True)
class _Amount:
    """How the amount of a kind of input is told and weighed."""

    source: Source
    feature: str
    fewest: int
    half: int


def _item(skill: Skill, extraction: Extraction | None, amount: _Amount) -> Item | None:
    if extraction is None:
        return None
    count = extraction.known(amount.feature) or 0.0
    own = [one for one in CRITERIA[skill] if BY_NAME[one.feature].kind is extraction.kind]
    values = [(one, value) for one in own if (value := extraction.known(one.feature)) is not None]
    known = sum(one.weight for one, _ in values)
    if count < amount.fewest or not known:
        return None
    score = sum(one.weight * one.score(value) for one, value in values) / known
    spread = sqrt(sum(one.weight * (one.score(value) - score) ** 2 for one, value in values) / known)
    agreement = min(1.0, max(0.3, 1 - 2 * spread))
    share = known / sum(one.weight for one in own)
    return Item(amount.source, score, share * count / (count + amount.half) * agreement)
