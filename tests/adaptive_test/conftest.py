"""Ways into and through an adaptive test."""

from __future__ import annotations

from functools import partial

import pytest

from fixtures.banks import SEED_QUESTION


@pytest.fixture
def seed_question():
    return dict(SEED_QUESTION)


@pytest.fixture
def upload(world, upload_to):
    """Upload a bank as an instructor; the answer."""
    return partial(upload_to, world)


@pytest.fixture
def take():
    """Answer until the test is over; the last answer and every question on the way."""

    async def take_(client, started, choose=None, most=100):
        answer, given = started, []
        while answer.get("next_question") and len(given) < most:
            question = answer["next_question"]
            given.append(question["id"])
            body = {
                "session_id": started["session_id"],
                "question_id": question["id"],
                "response": choose(question) if choose else "right",
            }
            response = await client.post("/api/test/submit", body)
            assert response.status_code == 200, response.text
            answer = response.json()
        return answer, given

    return take_


@pytest.fixture
def upload_to():
    """Upload a bank to some world; the answer."""

    async def upload_(world, questions, **more):
        response = await world.staff().post("/api/questions/upload", {"questions": questions, **more})
        assert response.status_code == 200, response.text
        return response.json()

    return upload_
