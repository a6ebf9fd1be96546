"""Phrases that must not occur in what a model says at the scene: the diagnosis and the blueprint's words.

The blueprint is not in the prompt, so this is a second protection. A phrase that the scenario itself lets the
student read or hear is never forbidden, nor one so short that ordinary talk would contain it.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator

from holdfast.programs.simulation.personas.kept import Kept
from holdfast.programs.simulation.scenario.model import Scenario

ALWAYS = (
    "rubric",
    "suboptimal",
    "critical decision point",
    "critical actions checklist",
    "learning objective",
    "teaching point",
    "challenge point",
    "medication error",
)
"""Words of those who run the exercise; nobody at a scene says them."""

SHORTEST_SENTENCE, FRAGMENT = 5, 7
"""A text of the blueprint is forbidden from so many words on, by its first words."""

_SHORTEST_NAME, _SHORTEST_TERM = 3, 7
_COMMON_WORDS = (
    "acute adult adults advanced airway ambulance arrest assessment attack blood brain breath breathing"
    " british cardiac care chest children chronic circumstances clinical conscious consensus council"
    " decision diagnosis disease drugs early effects emergency european fall final first guideline"
    " guidelines head heart hospital initial injury level management medical minutes moderate monitoring"
    " mvp national organisation oxygen pain patient patients people person practice prehospital pressure"
    " prevention second services severe shock signs special standard statement status support symptoms"
    " therapy transfer treatment without years young"
)
_COMMON = frozenset(_COMMON_WORDS.split())
"""Words of titles that ordinary talk at a scene needs."""
_WORD = re.compile(r"[^\W_]+")


def forbidden_of(scenario: Scenario) -> tuple[str, ...]:
    """The forbidden phrases of a scenario, as folded words, each once."""
    return _kept.of(scenario)


def _forbidden(scenario: Scenario) -> tuple[str, ...]:
    open_words = f" {' '.join(_words(' '.join(_shown(scenario))))} "
    phrases = (*_names(scenario), *_terms(scenario), *_sentences(scenario))
    secret = (phrase for phrase in phrases if phrase and f" {phrase} " not in open_words)
    return tuple(dict.fromkeys([*secret, *ALWAYS]))


_kept = Kept(_forbidden)


def _words(text: str) -> list[str]:
    return [word.casefold() for word in _WORD.findall(text)]


def _names(scenario: Scenario) -> Iterator[str]:
    """The title, and the names of the scenario that are words and not file names."""
    yield " ".join(_words(scenario.metadata.title))
    for name in (scenario.id, *scenario.aliases):
        words = _words(name)
        plain = all(word.isalpha() for word in words)
        if plain and not _COMMON.issuperset(words) and len(name) >= _SHORTEST_NAME:
            yield " ".join(words)
    yield from _conditions(scenario)


def _conditions(scenario: Scenario) -> Iterator[str]:
    """The patient's conditions that the scenario is about; the others are the patient's to tell."""
    about = f" {' '.join(_words(f'{scenario.id} {scenario.metadata.title} {scenario.metadata.summary}'))} "
    for condition in scenario.patient.conditions:
        words = _words(condition)
        if words[0] not in {"takes", "allergy"} and f" {' '.join(words[:2])} " in about:
            yield " ".join(words)


def _terms(scenario: Scenario) -> Iterator[str]:
    """Single words for the disease: what names the scenario, and what its guidelines are about."""
    for name in (scenario.id, *scenario.aliases):
        words = [word for word in _words(name) if word.isalpha() and word not in _COMMON]
        if len(words) == 1 and len(words[0]) >= _SHORTEST_NAME:
            yield words[0]
    metadata = scenario.metadata
    notes = (state.clinical_note for state in scenario.states.values())
    about = {metadata.title, metadata.summary or "", *metadata.learning_objectives, *notes}
    titles = " ".join(guideline.title for guideline in metadata.guidelines)
    for word in sorted(set(_words(titles)) & set(_words(" ".join(about)))):
        if len(word) >= _SHORTEST_TERM and word not in _COMMON:
            yield word


def _sentences(scenario: Scenario) -> Iterator[str]:
    for text in _blueprint(scenario):
        words = _words(text)
        if len(words) >= SHORTEST_SENTENCE:
            yield " ".join(words[:FRAGMENT])


def _blueprint(scenario: Scenario) -> Iterator[str]:
    yield from (item.action for item in scenario.checklist)
    for decision in scenario.decision_points:
        yield from (decision.title, decision.description or "", decision.teaching_point or "")
        yield from (rule.explanation for rule in decision.ratings)
        yield from (decision.otherwise_explanation, *decision.rubric.values(), *decision.factors)
    yield from (point.text for point in scenario.teaching_points)
    for error in scenario.common_errors:
        yield from (error.error, error.teaching_point)
    for treatment in scenario.treatments.values():
        yield from (treatment.reason or "", treatment.teaching_point or "")
    yield from (state.clinical_note for state in scenario.states.values())


def _shown(scenario: Scenario) -> Iterator[str]:
    """Every text that a student can read or hear while the scenario runs."""
    for part in (scenario.dispatch, scenario.scene, scenario.patient.history):
        yield from (str(text) for text in part.model_dump(exclude_none=True).values())
    for line in scenario.patient.lines:
        yield from line.says.values()
    for state in scenario.states.values():
        yield from (state.description, state.appearance, state.pupils or "", *state.voice)
    for finding in scenario.findings.values():
        yield from (finding.name, *finding.text.values())
    for treatment in scenario.treatments.values():
        yield from (treatment.name, treatment.patient_says or "", treatment.clinical_effect or "")
    yield from _asked(scenario)


def _asked(scenario: Scenario) -> Iterable[str]:
    for challenge in scenario.challenge_points:
        answers = challenge.resolution
        yield from (challenge.question, challenge.context or "")
        yield from (answers.good, answers.partial, answers.struggling)
