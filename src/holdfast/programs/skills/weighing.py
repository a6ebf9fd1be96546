"""The ML path as a whole: what the trained model says, weighed against what was said and what was done."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace

from holdfast.programs.skills import rubric
from holdfast.programs.skills.assessment import Assessed, Judgement, NotEnough
from holdfast.programs.skills.features.behavioural import behavioural_features
from holdfast.programs.skills.features.linguistic import linguistic_features
from holdfast.programs.skills.features.table import Kind, pooled
from holdfast.programs.skills.fusion import DEFAULT_WEIGHTS, Item, Source, Weights, fuse
from holdfast.programs.skills.judging import Judges
from holdfast.programs.skills.learning.saved import Trained
from holdfast.programs.skills.material import Material
from holdfast.programs.skills.skill import Skill


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
        return Judges().by_rubric(skill, material)

    def find(self, quote: str, material: Material) -> str | None:
        """The student's own words that a quote stands for."""
        return Judges().find(quote, material)

    def by_learning(self, skill: Skill, material: Material) -> Judgement:
        """The model's judgement (the baseline's without one), fused with what each kind of input says alone."""
        judged = Judges(self.trained()).by_learning(skill, material)
        if isinstance(judged, NotEnough):
            return judged
        items = _items(skill, material)
        if judged.producer == "trained":
            items.append(Item(Source.MODEL, judged.score, judged.confidence))
        if len(items) < 2:
            return judged
        fused = fuse(skill, items, self.weights)
        if fused is None:
            return judged
        parts = ", ".join(f"{source} {share:.0%}" for source, share in sorted(fused.shares.items()))
        return replace(
            judged,
            score=round(fused.score, 4),
            confidence=round(fused.confidence, 4),
            reasoning=f"{judged.reasoning} Weighed together ({parts}): {fused.score:.2f} of 1.",
        )


def _items(skill: Skill, material: Material) -> list[Item]:
    """What the rubric makes of what was said alone, and of what was done alone."""
    spoken = pooled([linguistic_features(one) for one in material.transcripts], Kind.LINGUISTIC)
    played = pooled([behavioural_features(one) for one in material.sessions], Kind.BEHAVIOURAL)
    alone = (
        (Source.LINGUISTIC, rubric.judge(skill, spoken, None)),
        (Source.BEHAVIOURAL, rubric.judge(skill, None, played)),
    )
    return [Item(s, j.score, j.confidence) for s, j in alone if isinstance(j, Assessed)]


def no_models() -> Mapping[Skill, Trained]:
    """Nothing was trained."""
    return {}


DEFAULT = Weighing(no_models, DEFAULT_WEIGHTS)
