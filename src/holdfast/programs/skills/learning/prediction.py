"""A trained model's judgement of a student: score, confidence from the model's own spread, words, evidence.

A student's transcripts are predicted one by one and averaged, weighted by their words. Confidence is the
chance that the score is within .15 of a rating, from held-out errors and this prediction's spread, times the
share of the student's words that the model knows, times the share of its features that are known. Where it
knows under half of them, or a transcript is
unlike the training texts in over a fifth of its features (a long talk of short turns, for a model of essays),
the model is out of its field, and the baseline answers.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np

from holdfast.programs.skills import rubric
from holdfast.programs.skills.assessment import Assessed, Judgement
from holdfast.programs.skills.evidence import find_evidence
from holdfast.programs.skills.features.measured import Measured
from holdfast.programs.skills.features.table import Extraction
from holdfast.programs.skills.features.wording import sentences, stem
from holdfast.programs.skills.inputs import GameSession, Transcript
from holdfast.programs.skills.learning.ridge import Predicted
from holdfast.programs.skills.learning.saved import Trained
from holdfast.programs.skills.learning.views import FEATURES, VIEWS, Sparse, feature_rows
from holdfast.programs.skills.skill import level_of

LEAST_FAMILIAR = 0.5
MOST_STRANGE = 0.2
MOST_TERMS = 8


def own_text(transcript: Transcript) -> str:
    """What the student said, a line for each turn."""
    return "\n".join(turn.text for _, turn in transcript.own())


def predict(
    trained: Trained,
    transcripts: Sequence[Transcript],
    sessions: Sequence[GameSession],
    measured: Measured,
) -> Judgement:
    """The trained model's judgement, or the baseline's where the model has no ground to stand on."""
    spoken = [
        (text, extraction)
        for one, extraction in zip(transcripts, measured.spoken, strict=True)
        if (text := own_text(one)).strip()
    ]
    texts, extractions = [text for text, _ in spoken], [extraction for _, extraction in spoken]
    words = np.array([sum(map(len, sentences(text))) for text in texts], dtype=float)
    findings = find_evidence(trained.skill, transcripts, sessions)
    known = familiarity(trained, texts)
    enough = words.sum() >= rubric.FEWEST_WORDS and bool(findings)
    if not enough or known < LEAST_FAMILIAR or _is_strange(trained, extractions):
        return rubric.assess(trained.skill, transcripts, sessions, measured, producer="baseline")
    terms, features = trained.model.views.read(texts, feature_rows(extractions))
    done = trained.model.predict_read(terms, features)
    score = float(np.average(done.score, weights=words))
    near = float(np.average(done.near, weights=words)) * known * completeness(extractions)
    half = float(np.average(done.half_width, weights=words))
    importance = contributions(trained, terms, done)
    return Assessed(
        trained.skill,
        round(score, 4),
        round(min(0.95, max(0.05, near)), 4),
        _reasoning(trained, score, half, importance, known),
        [finding.piece for finding in findings],
        "trained",
        [rubric.RECOMMENDATIONS[trained.skill]] if score < 0.7 else [],
        importance,
    )


def familiarity(trained: Trained, texts: Sequence[str]) -> float:
    """The share of the words of texts, 0 to 1, that the model has a weight for."""
    vocabulary = set(map(str, trained.model.views.terms["stems"]))
    words = [word for text in texts for sentence in sentences(text) for word in sentence]
    return sum(stem(word) in vocabulary for word in words) / len(words) if words else 0.0


def completeness(extractions: Sequence[Extraction]) -> float:
    """The share of the model's features, 0 to 1, that are known of the texts."""
    known = [one.known(name) is not None for one in extractions for name in FEATURES]
    return sum(known) / len(known) if known else 0.0


def _is_strange(trained: Trained, extractions: Sequence[Extraction]) -> bool:
    return trained.model.views.strangeness(feature_rows(extractions)) > MOST_STRANGE


def contributions(trained: Trained, terms: Sparse, done: Predicted) -> dict[str, float]:
    """What moved the score most: the features together, the rest of the terms, and single stems or pairs.

    Args:
        trained: the model.
        terms: of the texts, as it reads them.
        done: what it predicts for them.
    """
    model = trained.model
    moved = np.asarray(terms.mean(axis=0)).ravel() * model.terms[:, 0]
    begin = len(model.views.terms[VIEWS[0]])
    names = model.views.terms["stems"]
    single = moved[begin : begin + len(names)]
    order = [place for place in np.argsort(-np.abs(single))[:MOST_TERMS] if single[place]]
    found = {f"words: {names[place]}": round(float(single[place]), 4) for place in order}
    score = float(done.score.mean())
    rest = float(moved.sum()) - sum(found.values())
    found["other wording"] = round(rest, 4)
    found["measured features"] = round(score - float(model.offset[0]) - float(moved.sum()), 4)
    return found


def _reasoning(
    trained: Trained, score: float, half: float, importance: Mapping[str, float], known: float
) -> str:
    def named(sign: int) -> str:
        return ", ".join(
            f'"{name.removeprefix("words: ")}"'
            for name, value in importance.items()
            if name.startswith("words: ") and value * sign > 0
        )

    low, high = max(0.0, score - half), min(1.0, score + half)
    opening = (
        f"A model trained on {trained.card['data']['texts']} rated texts puts {trained.skill.words} at "
        f"{score:.2f} of 1, which is {level_of(score)}; four in five ratings of such texts lay between "
        f"{low:.2f} and {high:.2f}."
    )
    parts = [opening]
    if raised := named(1):
        parts.append(f"Wording that raised it: {raised}.")
    if lowered := named(-1):
        parts.append(f"Wording that lowered it: {lowered}.")
    if known < 0.9:
        parts.append(f"The model knows {known:.0%} of the student's words.")
    return " ".join(parts)
