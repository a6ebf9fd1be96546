"""Training and evaluating as the commands do it: from a labelled file to models, their cards and figures."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import datetime
from pathlib import Path
from typing import Any

import numpy as np

from holdfast.programs.skills.learning.labelled import Labelled
from holdfast.programs.skills.learning.ridge import Ridge
from holdfast.programs.skills.learning.saved import Trained, card_of, load, save
from holdfast.programs.skills.learning.validation import By, Validation, check, cross_validate, require_enough
from holdfast.programs.skills.learning.views import count
from holdfast.programs.skills.skill import Skill

Told = Callable[[str], None]


def train(
    labelled: Labelled,
    folder: Path,
    trained_at: datetime,
    *,
    validate: Sequence[By] = (By.STUDENT,),
    tell: Told = lambda _: None,
) -> list[dict[str, Any]]:
    """Train and keep a model of every rated skill; their cards.

    Args:
        labelled: rated texts.
        folder: where the models are kept; one of the same skill is replaced.
        trained_at: for the card.
        validate: the ways of cross-validation to run before, about half a minute each for a thousand texts.
        tell: is told what is being done.

    Raises:
        InvalidInput: too few texts or students for a skill; nothing is kept then.
    """
    for skill in labelled.scores:
        require_enough(labelled.rated(skill)[0])
    cards = []
    for skill in labelled.scores:
        students, texts, scores = labelled.rated(skill)
        tell(f"{skill.words}: reading {len(texts)} texts of {len(set(students))} students")
        counted = count(texts)
        found = []
        for by in validate:
            tell(f"{skill.words}: cross-validating by {by}")
            found.append(cross_validate(students, texts, scores, by=by, counted=counted))
        tell(f"{skill.words}: fitting")
        model = Ridge.fit(counted, np.array(scores), np.array(students))
        card = card_of(skill, model, labelled, found, trained_at)
        save(folder, skill, model, card)
        cards.append(card)
    return cards


def evaluate(labelled: Labelled, models: dict[Skill, Trained]) -> dict[Skill, Validation]:
    """How well trained models do on rated texts that they were not trained on, for the skills in both."""
    return {
        skill: check(models[skill].model, *labelled.rated(skill))
        for skill in labelled.scores
        if skill in models
    }


def load_all(folder: Path) -> dict[Skill, Trained]:
    """Every model in a folder.

    Raises:
        Misconfigured: one is damaged or was made for other features.
    """
    found = {skill: load(folder, skill) for skill in Skill}
    return {skill: trained for skill, trained in found.items() if trained is not None}
