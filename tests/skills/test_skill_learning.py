"""Learning: a file is taken whole or refused, students are never split, a model is what was saved."""

from __future__ import annotations

import json
import random
from datetime import UTC, datetime

import numpy as np
import pytest

from holdfast.kit.errors import InvalidInput, Misconfigured
from holdfast.programs.skills.assessment import Assessed
from holdfast.programs.skills.features.measured import measure
from holdfast.programs.skills.features.table import BY_NAME
from holdfast.programs.skills.fusion import Source, weights_from
from holdfast.programs.skills.inputs import EventType, GameEvent, GameSession, Transcript, Turn
from holdfast.programs.skills.judging import Judges
from holdfast.programs.skills.learning import validation
from holdfast.programs.skills.learning.labelled import Columns, read_labelled
from holdfast.programs.skills.learning.ridge import Ridge
from holdfast.programs.skills.learning.saved import Trained, card_of, load, save
from holdfast.programs.skills.learning.training import evaluate, load_all, train
from holdfast.programs.skills.learning.validation import By, cross_validate
from holdfast.programs.skills.learning.views import count
from holdfast.programs.skills.rubric import CRITERIA
from holdfast.programs.skills.skill import Skill
from holdfast.programs.skills.weighing import Weighing, alone

WARM = ["i feel so sorry for them", "my heart goes out", "the poor family must suffer", "how sad this is"]
COLD = ["it is not my business", "the price was nine", "politicians argue again", "i read it quickly"]
PLAIN = ["there was a report today", "it said many things", "the weather was fine", "we went home late"]


def essays(students: int = 40, each: int = 3, seed: int = 4) -> bytes:
    draw = random.Random(seed)
    lines = ["writer,essay,empathy"]
    for student in range(students):
        for _ in range(each):
            warm = draw.random()
            parts = [draw.choice(WARM if draw.random() < warm else COLD) for _ in range(6)]
            text = ". ".join([*parts, *draw.choices(PLAIN, k=3), f"mine{student} own{student}"])
            lines.append(f's{student},"{text}",{1 + 6 * warm:.3f}')
    return "\n".join(lines).encode()


SCALE = Columns(low=1, high=7)


@pytest.fixture(scope="module")
def labelled():
    return read_labelled(essays(), SCALE)


@pytest.fixture(scope="module")
def trained(labelled):
    students, texts, scores = labelled.rated(Skill.EMPATHY)
    model = Ridge.fit(count(texts), np.array(scores), np.array(students))
    card = card_of(Skill.EMPATHY, model, labelled, [], datetime(2026, 1, 1, tzinfo=UTC))
    return Trained(Skill.EMPATHY, model, card)


@pytest.mark.parametrize(
    ("content", "place"),
    [
        (b"writer,essay\na,b\n", "named as a skill"),
        (b"essay,empathy\nb,3\n", "for the student"),
        (b"writer,essay,empathy\na,text,8\n", "line 2: empathy"),
        (b"writer,essay,empathy\na,text,3\nb,text,nan\n", "line 3: empathy"),
        (b"writer,essay,empathy\n,text,3\n", "line 2"),
        (b"writer,essay,empathy\na,\xff,3\n", "UTF-8"),
    ],
)
def test_a_bad_file_is_refused_by_line(content, place):
    with pytest.raises(InvalidInput, match=place):
        read_labelled(content, SCALE)


def test_ratings_come_to_one_scale_and_a_missing_one_is_left_out():
    read = read_labelled(b"writer,essay,empathy,resilience\na,x,7,\nb,y,4,1\n", SCALE)
    assert read.scores[Skill.EMPATHY] == [1.0, 0.5]
    assert read.rated(Skill.RESILIENCE) == (["b"], ["y"], [0.0])


def test_too_few_are_refused(labelled):
    students, texts, scores = labelled.rated(Skill.EMPATHY)
    with pytest.raises(InvalidInput, match="too few"):
        cross_validate(students[:30], texts[:30], scores[:30])


def test_no_student_is_on_both_sides(labelled, monkeypatch):
    students, texts, scores = labelled.rated(Skill.EMPATHY)
    seen = []

    class Watched(Ridge):
        @classmethod
        def fit(cls, counted, rated, groups):
            seen.append(set(groups.tolist()))
            return super().fit(counted, rated, groups)

    monkeypatch.setattr(validation, "Ridge", Watched)
    found = cross_validate(students, texts, scores, by=By.STUDENT, folds=4)
    assert all(len(groups) == 30 for groups in seen)
    assert set.intersection(*seen) == set()
    assert found.correlation > 0.5
    assert found.rms_error < found.rms_error_of_mean
    assert 0.6 < found.coverage <= 1
    assert 0.6 < found.slope < 1.6


def test_noise_is_not_learned(labelled):
    students, texts, scores = labelled.rated(Skill.EMPATHY)
    shuffled = random.Random(1).sample(scores, len(scores))
    assert abs(cross_validate(students, texts, shuffled, folds=4).correlation) < 0.3


def test_training_keeps_a_model_with_its_figures_and_others_texts_are_told_apart(tmp_path):
    cards = train(read_labelled(essays(30), SCALE), tmp_path, datetime(2026, 1, 1, tzinfo=UTC))
    assert cards[0]["validation"][0]["by"] == "student"
    found = evaluate(read_labelled(essays(12, seed=9), SCALE), load_all(tmp_path))
    assert found[Skill.EMPATHY].correlation > 0.5
    assert (found[Skill.EMPATHY].folds, found[Skill.EMPATHY].texts) == (0, 36)
    with pytest.raises(InvalidInput):
        train(read_labelled(essays(10), SCALE), tmp_path / "none", datetime(2026, 1, 1, tzinfo=UTC))
    assert not (tmp_path / "none").exists()


def test_what_one_student_alone_wrote_is_not_in_the_model(trained):
    words = set(trained.model.views.terms["words"])
    assert "sorry" in words
    assert not any(word.startswith(("mine", "own")) for word in words)


def test_a_saved_model_predicts_the_same(trained, tmp_path):
    save(tmp_path, Skill.EMPATHY, trained.model, trained.card)
    again = load(tmp_path, Skill.EMPATHY)
    assert again is not None
    texts = ["My heart goes out. How sad this is.", "It is not my business."]
    before, after = trained.model.predict(texts), again.model.predict(texts)
    np.testing.assert_allclose(after.score, before.score, atol=1e-5)
    np.testing.assert_allclose(after.half_width, before.half_width, atol=1e-5)
    assert before.score[0] > before.score[1]
    assert load(tmp_path, Skill.RESILIENCE) is None


@pytest.mark.parametrize("harm", ["cut", "other", "pickle", "card", "features"])
def test_a_damaged_model_is_refused(trained, tmp_path, harm):
    path = save(tmp_path, Skill.EMPATHY, trained.model, trained.card)
    arrays = path.with_suffix(".npz")
    card = json.loads(path.read_text())
    if harm == "cut":
        arrays.write_bytes(arrays.read_bytes()[:-9])
    elif harm == "other":
        save(tmp_path / "other", Skill.EMPATHY, trained.model, card | {"penalty": 1})
        arrays.write_bytes(b"PK\x05\x06" + bytes(18))
    elif harm == "pickle":
        with arrays.open("wb") as file:
            np.savez(file, terms=np.array([{"a": 1}], dtype=object))
        import hashlib

        path.write_text(json.dumps(card | {"sha256": hashlib.sha256(arrays.read_bytes()).hexdigest()}))
    elif harm == "card":
        path.write_text("[" * 50)
    else:
        path.write_text(json.dumps(card | {"features_version": 0}))
    with pytest.raises(Misconfigured, match="empathy"):
        load(tmp_path, Skill.EMPATHY)


def test_the_card_says_what_it_was_made_of(trained, labelled):
    assert trained.card["data"] == {"sha256": labelled.sha256, "texts": 120, "students": 40}
    assert trained.card["scale"] == [1, 7]


class Material:
    sessions = ()

    def __init__(self, *texts):
        self.transcripts = [
            Transcript("A", [Turn("B", "i feel so sorry"), Turn("A", text)]) for text in texts
        ]
        self.measured = measure(self.transcripts, self.sessions)


def test_a_trained_judgement_has_evidence_and_confidence_from_its_spread(trained):
    judges = Judges({Skill.EMPATHY: trained})
    warm = judges.by_learning(Skill.EMPATHY, Material(". ".join(WARM * 3)))
    cold = judges.by_learning(Skill.EMPATHY, Material(". ".join([*COLD, *COLD, *COLD, WARM[0]])))
    assert isinstance(warm, Assessed) and isinstance(cold, Assessed)
    assert (warm.producer, cold.producer) == ("trained", "trained")
    assert warm.score > cold.score
    assert all(piece.content != "i feel so sorry" for piece in warm.evidence)
    assert warm.score == pytest.approx(
        float(trained.model.offset[0]) + sum(warm.importance.values()), abs=2e-3
    ) or warm.score in {0.0, 1.0}


def test_out_of_its_field_the_baseline_answers_and_says_so(trained):
    strange = "Zwölf Boxkämpfer jagen Viktor quer über den Sylter Deich und feel sorry. " * 6
    judged = Judges({Skill.EMPATHY: trained}).by_learning(Skill.EMPATHY, Material(strange))
    assert isinstance(judged, Assessed)
    assert judged.producer == "baseline"
    long_talk = Judges({Skill.EMPATHY: trained}).by_learning(Skill.EMPATHY, Material("\n".join(WARM * 400)))
    assert isinstance(long_talk, Assessed) and long_talk.producer == "baseline"
    untrained = Judges().by_learning(Skill.EMPATHY, Material(". ".join(WARM * 3)))
    assert isinstance(untrained, Assessed) and untrained.producer == "baseline"


PLAYED = [GameEvent(kind, 10.0 * at, {"quality": at / 24}) for at, kind in enumerate([*EventType] * 2)]


class Rich(Material):
    """Talk that the model knows, and a game in which everything happened."""

    sessions = (GameSession("bridges", PLAYED),)

    def __init__(self):
        super().__init__(". ".join([*WARM, *COLD, *WARM]))


@pytest.mark.parametrize("skill", Skill)
def test_every_skill_is_weighed_by_the_weights(trained, skill):
    material = Rich()
    models = {skill: Trained(skill, trained.model, trained.card)}

    def judged(document):
        return Weighing(lambda: models, weights_from(document)).by_learning(skill, material)

    only = {name: {skill: dict.fromkeys(Source, 0.0) | {name: 1.0}} for name in Source}
    model = judged(only["model"])
    assert isinstance(model, Assessed) and model.producer == "trained"
    assert model.score == Judges(models).by_learning(skill, material).score
    items = {item.source: item for item in alone(skill, material.measured)}
    kinds = {BY_NAME[one.feature].kind for one in CRITERIA[skill]}
    assert set(items) == {Source(kind) for kind in kinds}
    for source, item in items.items():
        assert judged(only[source]).score == pytest.approx(item.score, abs=1e-4)
    together = judged({})
    scores = [model.score, *(item.score for item in items.values())]
    assert min(scores) - 1e-4 <= together.score <= max(scores) + 1e-4
    assert all(f"{source} " in together.reasoning for source in (*items, "model"))
