"""How well a model would do on what it has not seen: ten-fold cross-validation, by student or by row.

By student is the honest way: no text of a student is in training when another of the student's is predicted.
By row is what is often published; it lets a model know a writer's habits, and is given for comparison only.
Everything that is chosen is chosen inside each training part.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict, dataclass
from enum import StrEnum
from typing import Any

import numpy as np
from numpy.typing import NDArray
from sklearn.model_selection import GroupKFold

from holdfast.kit.errors import InvalidInput
from holdfast.programs.skills.learning.ridge import NEAR, Ridge
from holdfast.programs.skills.learning.views import Counted, Vector, count

FEWEST_TEXTS = 50
FEWEST_STUDENTS = 20
OWN_OTHERS = 0.5
"""How far a prediction is drawn to the mean of the student's texts, where a student has several."""


class By(StrEnum):
    """What is left out together."""

    STUDENT = "student"
    ROW = "row"


@dataclass(frozen=True, slots=True)
class Validation:
    """What cross-validation found; scores on 0 to 1.

    Attributes:
        by, folds, texts, students: how it was done.
        correlation: Pearson's r between held-out predictions and ratings, all folds together.
        fold_correlation: mean of the folds' own r.
        student_correlation: the same as `correlation` when every prediction is drawn half-way to the mean
            prediction of the student's texts (no ratings are used); none by row.
        mean_error, rms_error: absolute and root mean square error.
        rms_error_of_mean: of always predicting the training mean.
        slope, intercept: of the ratings on the predictions; 1 and 0 when calibrated.
        coverage: share of ratings inside the interval that should hold four in five.
        confidence, near: mean stated chance of being within `NEAR`, and how often it was so.
    """

    by: By
    folds: int
    texts: int
    students: int
    correlation: float
    fold_correlation: float
    student_correlation: float | None
    mean_error: float
    rms_error: float
    rms_error_of_mean: float
    slope: float
    intercept: float
    coverage: float
    confidence: float
    near: float

    def facts(self) -> dict[str, Any]:
        """As a model card holds it, numbers to four places."""
        return {
            name: round(value, 4) if isinstance(value, float) else value
            for name, value in asdict(self).items()
        }


def require_enough(students: Sequence[str]) -> None:
    """Refuse to learn from next to nothing.

    Raises:
        InvalidInput: under 50 texts or under 20 students.
    """
    if len(students) < FEWEST_TEXTS or len(set(students)) < FEWEST_STUDENTS:
        raise InvalidInput(
            f"{len(students)} rated texts of {len(set(students))} students are too few: "
            f"{FEWEST_TEXTS} of {FEWEST_STUDENTS} are needed",
            field="file",
        )


def cross_validate(
    students: Sequence[str],
    texts: Sequence[str],
    scores: Sequence[float],
    *,
    by: By = By.STUDENT,
    folds: int = 10,
    seed: int = 0,
    counted: Counted | None = None,
) -> Validation:
    """Cross-validate the model on rated texts; `counted` saves counting the same texts again."""
    require_enough(students)
    rated = np.asarray(scores, dtype=float)
    owners = np.unique(np.asarray(students), return_inverse=True)[1]
    groups = owners if by is By.STUDENT else np.arange(len(rated))
    whole = counted or count(texts)
    held = np.zeros((len(rated), 4))
    within = []
    for kept, left in GroupKFold(folds, shuffle=True, random_state=seed).split(rated, groups=groups):
        model = Ridge.fit(whole.some(kept), rated[kept], groups[kept])
        done = model.predict_counted(whole.some(left), whole)
        held[left] = np.column_stack(
            [done.score, done.near, done.half_width, np.full(len(left), rated[kept].mean())]
        )
        within.append(_correlation(done.score, rated[left]))
    return _summary(by, folds, held, rated, owners, within)


def check(model: Ridge, students: Sequence[str], texts: Sequence[str], scores: Sequence[float]) -> Validation:
    """How a fitted model does on rated texts of other students: a validation of no folds.

    Raises:
        InvalidInput: under three texts.
    """
    if len(texts) < 3:
        raise InvalidInput(f"{len(texts)} rated texts are too few to compare", field="file")
    done = model.predict(list(texts))
    mean = np.full(len(texts), model.offset[0])
    held = np.column_stack([done.score, done.near, done.half_width, mean])
    owners = np.unique(np.asarray(students), return_inverse=True)[1]
    rated = np.asarray(scores, dtype=float)
    return _summary(By.STUDENT, 0, held, rated, owners, [_correlation(done.score, rated)])


def _summary(
    by: By, folds: int, held: Vector, rated: Vector, owners: NDArray[Any], within: Sequence[float]
) -> Validation:
    score, near, half, mean = held.T
    error = np.abs(score - rated)
    slope = float(np.cov(score, rated)[0, 1] / max(1e-12, float(np.var(score, ddof=1))))
    drawn = score + OWN_OTHERS * ((np.bincount(owners, score) / np.bincount(owners))[owners] - score)
    return Validation(
        by,
        folds,
        len(rated),
        int(owners.max()) + 1,
        _correlation(score, rated),
        float(np.mean(within)),
        _correlation(drawn, rated) if by is By.STUDENT else None,
        float(error.mean()),
        float(np.sqrt((error**2).mean())),
        float(np.sqrt(((mean - rated) ** 2).mean())),
        slope,
        float(rated.mean() - slope * score.mean()),
        float((error <= half).mean()),
        float(near.mean()),
        float((error <= NEAR).mean()),
    )


def _correlation(some: Vector, others: Vector) -> float:
    if np.std(some) < 1e-12 or np.std(others) < 1e-12:
        return 0.0
    return float(np.corrcoef(some, others)[0, 1])
