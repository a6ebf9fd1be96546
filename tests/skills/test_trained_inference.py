"""A model that was trained answers over HTTP, also one that came while the server was running."""

import csv
import io

from holdfast.kit.clock import utc_now
from holdfast.programs.skills.learning.labelled import read_labelled
from holdfast.programs.skills.learning.training import train
from skills.test_assessing import TURNS, transcript

COLD = "I do not care what happens to them and I think it is their own problem anyway."


def _rated():
    rows = io.StringIO()
    table = csv.writer(rows)
    table.writerow(["student_id", "text", "empathy"])
    for number in range(90):
        warm = number % 2
        text = " ".join([TURNS[number % 6], TURNS[(number + 1) % 6]]) if warm else f"{COLD} {COLD}"
        table.writerow([f"s{number % 30}", f"{text} Sentence {number}.", 0.9 if warm else 0.1])
    return read_labelled(rows.getvalue().encode())


async def test_a_trained_model_answers_and_is_weighed(make_world, tmp_path):
    async with make_world(skill_models=tmp_path) as world:
        _, registered = await world.student()
        staff, path = world.staff(), f"/api/v1/infer/{registered['id']}"
        await staff.post(f"/api/v1/transcripts/{registered['id']}", transcript())
        before = (await staff.post(path, {"skill_type": "empathy"})).json()["assessments"][0]
        assert before["producer"] == "baseline"
        train(_rated(), tmp_path, utc_now(), validate=())
        after = (await staff.post(path, {"skill_type": "empathy"})).json()["assessments"][0]
        assert after["producer"] == "trained"
        assert "Weighed together (linguistic" in after["reasoning"] and "model" in after["reasoning"]
        assert after["evidence"] and after["score"] != before["score"]
        (tmp_path / "empathy.npz").write_bytes(b"damaged")
        (tmp_path / "empathy.json").touch()
        damaged = (await staff.post(path, {"skill_type": "empathy"})).json()["assessments"][0]
        assert damaged["producer"] == "baseline"
