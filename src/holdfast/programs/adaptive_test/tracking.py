"""What is known of a student's concepts on a scale, as stored by name, and how an answer moves it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any
from uuid import UUID

import numpy as np

from holdfast.programs.adaptive_test.planning import TestPlan, Tracking
from holdfast.programs.adaptive_test.pools import statements
from holdfast.programs.adaptive_test.psychometrics import seed_rules
from holdfast.programs.adaptive_test.psychometrics.models import ConceptItems
from holdfast.programs.adaptive_test.psychometrics.proficiency import (
    ConceptPrior,
    Proficiency,
    after_answer,
    after_practice,
)
from holdfast.store.statements import Connection, Row


@dataclass(frozen=True, slots=True, eq=False)
class Knowledge:
    """A student's concepts on one scale.

    Attributes:
        state: all concepts of the scale that the student has met, in alphabetical order.
        shown: those of the present test, in the order in which vectors are shown.
        responses: answers that loaded on each of `state`.
        plan: says how answers move it.
    """

    state: Proficiency
    shown: tuple[str, ...]
    responses: tuple[int, ...]
    plan: TestPlan

    def values(self) -> dict[str, float]:
        """The means of the test's concepts by name, in the order in which they are shown."""
        return {name: float(self.state.mean[self.state.position(name)]) for name in self.shown}

    def after(self, items: ConceptItems, item: int, places: Sequence[int], *, right: bool) -> Knowledge:
        """What is known after an answer.

        Args:
            items: the bank, its weights in the pool's order.
            item: the place of the question in the bank.
            places: which of the pool's concepts each of `shown` is.
            right: whether the answer was right.
        """
        weights = {
            name: float(items.weights[item, place])
            for name, place in zip(self.shown, places, strict=True)
            if items.weights[item, place] > 0
        }
        counted = tuple(
            count + (name in weights) for count, name in zip(self.responses, self.state.concepts, strict=True)
        )
        moved = self._gradient if self.plan.tracking is Tracking.GRADIENT else self._gaussian
        return replace(self, state=moved(items, item, weights, right=right), responses=counted)

    def _gaussian(
        self, items: ConceptItems, item: int, weights: dict[str, float], *, right: bool
    ) -> Proficiency:
        scalar = items.scalar
        wider = after_practice(self.state, dict.fromkeys(weights, self.plan.practice_noise))
        slopes = {name: float(scalar.a[item]) * weight for name, weight in weights.items()}
        guessing = float(scalar.c[item])
        return after_answer(wider, slopes, float(scalar.intercept[item]), correct=right, guessing=guessing)

    def _gradient(
        self, items: ConceptItems, item: int, weights: dict[str, float], *, right: bool
    ) -> Proficiency:
        """The seed's step, which knows no uncertainty."""
        vector = np.array([weights.get(name, 0.0) for name in self.state.concepts])
        one = ConceptItems(items.scalar[item], vector[np.newaxis])
        return replace(self.state, mean=seed_rules.update(one, 0, self.state.mean, right=right))

    def changes(self, before: Knowledge) -> list[dict[str, Any]]:
        """The rows that an answer changed, as the statement takes them."""
        return [
            {
                "name": name,
                "mean": float(self.state.mean[place]),
                "variance": float(self.state.covariance[place, place]),
                "covariances": self._covariances(place),
                "confidence": float(self.state.confidence[place]),
                "responses": self.responses[place] - before.responses[place],
            }
            for place, name in enumerate(self.state.concepts)
            if self.responses[place] != before.responses[place]
            or self.state.mean[place] != before.state.mean[place]
            or (self.state.covariance[place] != before.state.covariance[place]).any()
        ]

    def _covariances(self, place: int) -> dict[str, float]:
        """With other concepts, by name; what is 0 is left out."""
        pairs = zip(self.state.concepts, self.state.covariance[place], strict=True)
        own = self.state.concepts[place]
        return {name: float(value) for name, value in pairs if name != own and value != 0.0}


def knowledge_of(rows: Sequence[Row], shown: Sequence[str], plan: TestPlan) -> Knowledge:
    """From the rows of a student and scale, in the order of their names."""
    names = tuple(row["concept_name"] for row in rows)
    covariance = np.diag(np.array([row["variance"] for row in rows], dtype=np.float64))
    for place, row in enumerate(rows):
        for other, value in row["covariances"].items():
            if other in names:
                covariance[place, names.index(other)] = value
    mean = np.array([row["proficiency_value"] for row in rows], dtype=np.float64)
    prior = ConceptPrior(plan.rules.prior.mean, plan.rules.prior.sd)
    state = Proficiency(names, mean, covariance, prior)
    return Knowledge(state, tuple(shown), tuple(row["responses"] for row in rows), plan)


async def locked(
    connection: Connection, student_id: UUID, scale: str, shown: Sequence[str], plan: TestPlan
) -> Knowledge:
    """What is known of a student's concepts, under row locks; concepts that are new begin at the prior."""
    rows = await statements.lock_proficiencies.rows(connection, student_id=student_id, scale=scale)
    known = {row["concept_name"] for row in rows}
    missing = [name for name in shown if name not in known]
    if missing:
        prior = plan.rules.prior
        mean = seed_rules.START if plan.tracking is Tracking.GRADIENT else prior.mean
        await statements.prepare_proficiencies.run(
            connection, student_id=student_id, scale=scale, names=missing, mean=mean, variance=prior.sd**2
        )
        rows = await statements.lock_proficiencies.rows(connection, student_id=student_id, scale=scale)
    return knowledge_of(rows, shown, plan)
