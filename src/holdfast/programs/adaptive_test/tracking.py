"""What is known of a student's concepts on a scale, as stored by name, and how an answer moves it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any
from uuid import UUID

import numpy as np

from holdfast.programs.adaptive_test.planning import TestPlan, Tracking
from holdfast.programs.adaptive_test.pools import statements
from holdfast.programs.adaptive_test.psychometrics import proficiency
from holdfast.programs.adaptive_test.psychometrics.curves import FloatArray
from holdfast.programs.adaptive_test.psychometrics.models import ConceptItems
from holdfast.store.statements import Connection, Row

SEED_START = 0.5
"""Where the seed's gradient update begins, on its scale of -3 to 3."""


@dataclass(frozen=True, slots=True, eq=False)
class Knowledge:
    """A student's concepts on one scale.

    Attributes:
        names: all concepts of the scale that the student has met, in alphabetical order.
        shown: those of the present test, in the order in which vectors are shown.
        mean: (K,) in the order of `names`.
        covariance: (K, K).
        responses: (K,) answers that loaded on each.
        tracking: how answers move it.
        prior_variance: where confidence is 0.
    """

    names: tuple[str, ...]
    shown: tuple[str, ...]
    mean: FloatArray
    covariance: FloatArray
    responses: tuple[int, ...]
    tracking: Tracking
    prior_variance: float

    def values(self) -> dict[str, float]:
        """The means of the test's concepts by name, in the order in which they are shown."""
        return {name: float(self.mean[self.names.index(name)]) for name in self.shown}

    def confidence(self, place: int) -> float:
        """How much of the prior's uncertainty is gone, 0 to 1."""
        return confidence(float(self.covariance[place, place]), self.prior_variance)

    def after(self, items: ConceptItems, item: int, places: Sequence[int], *, right: bool) -> Knowledge:
        """What is known after an answer.

        Args:
            items: the bank, its weights in the pool's order.
            item: the place of the question in the bank.
            places: which of the pool's concepts each of `shown` is.
            right: whether the answer was right.
        """
        weights = np.zeros(len(self.names))
        for name, place in zip(self.shown, places, strict=True):
            weights[self.names.index(name)] = items.weights[item, place]
        one = ConceptItems(items.scalar[item], weights[np.newaxis])
        mean, covariance = self._moved(one, right=right)
        responses = tuple(
            count + int(weight > 0) for count, weight in zip(self.responses, weights, strict=True)
        )
        return replace(self, mean=mean, covariance=covariance, responses=responses)

    def _moved(self, item: ConceptItems, *, right: bool) -> tuple[FloatArray, FloatArray]:
        return proficiency.update(
            self.mean, self.covariance, item.slopes[0], float(item.intercepts[0]), 0.0, 1.0, right
        )

    def changes(self, before: Knowledge) -> list[dict[str, Any]]:
        """The rows that an answer changed, as the statement takes them."""
        return [
            {
                "name": name,
                "mean": float(self.mean[place]),
                "variance": float(self.covariance[place, place]),
                "covariances": self._covariances(place),
                "confidence": self.confidence(place),
                "responses": self.responses[place] - before.responses[place],
            }
            for place, name in enumerate(self.names)
            if self.mean[place] != before.mean[place]
            or (self.covariance[place] != before.covariance[place]).any()
            or self.responses[place] != before.responses[place]
        ]

    def _covariances(self, place: int) -> dict[str, float]:
        """With other concepts, by name; what is 0 is left out."""
        row = self.covariance[place]
        return {
            name: float(row[other])
            for other, name in enumerate(self.names)
            if other != place and row[other] != 0.0
        }


def confidence(variance: float, prior_variance: float) -> float:
    """1 - variance / prior variance, within 0 and 1: the reliability of the estimate."""
    return min(1.0, max(0.0, 1.0 - variance / prior_variance))


def knowledge_of(rows: Sequence[Row], shown: Sequence[str], plan: TestPlan) -> Knowledge:
    """From the rows of a student and scale, in the order of their names."""
    names = tuple(row["concept_name"] for row in rows)
    covariance = np.diag(np.array([row["variance"] for row in rows], dtype=np.float64))
    for place, row in enumerate(rows):
        for other, value in row["covariances"].items():
            if other in names:
                covariance[place, names.index(other)] = value
    return Knowledge(
        names=names,
        shown=tuple(shown),
        mean=np.array([row["proficiency_value"] for row in rows], dtype=np.float64),
        covariance=covariance,
        responses=tuple(row["responses"] for row in rows),
        tracking=plan.tracking,
        prior_variance=plan.rules.prior.sd**2,
    )


async def locked(
    connection: Connection, student_id: UUID, scale: str, shown: Sequence[str], plan: TestPlan
) -> Knowledge:
    """What is known of a student's concepts, under row locks; concepts that are new begin at the prior."""
    rows = await statements.lock_proficiencies.rows(connection, student_id=student_id, scale=scale)
    known = {row["concept_name"] for row in rows}
    missing = [name for name in shown if name not in known]
    if missing:
        prior = plan.rules.prior
        mean = SEED_START if plan.tracking is Tracking.GRADIENT else prior.mean
        await statements.prepare_proficiencies.run(
            connection, student_id=student_id, scale=scale, names=missing, mean=mean, variance=prior.sd**2
        )
        rows = await statements.lock_proficiencies.rows(connection, student_id=student_id, scale=scale)
    return knowledge_of(rows, shown, plan)
