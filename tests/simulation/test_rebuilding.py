"""What is stored agrees with itself: replaying the rows gives the state that was lived."""

import random

import pytest

from holdfast.programs.simulation import engine
from holdfast.programs.simulation.engine.facts import Action
from holdfast.programs.simulation.scenario import library
from holdfast.programs.simulation.stored import TYPES, action_of, action_row, occurrence_of, occurrence_row
from holdfast.programs.simulation.verifying import verify_session

WORDS = [
    "Check the airway, breathing and circulation",
    "Measure the blood pressure and SpO2",
    "Give oxygen 15 l/min by mask",
    "Give salbutamol 5 mg nebulised",
    "Do not give morphine",
    "Give morphine 10 mg IV",
    "Give diazepam 10 mg IV",
    "aspirin 300 mg orally",
    "midazolam 10 mg buccal",
    "What happened? Any allergies?",
    "Because the SpO2 is low I think oxygen helps",
    "skip",
    "hello",
    "Get an IV line in and attach the monitor",
    "Call for backup and prepare transport",
    "12-lead ECG please",
    "blood glucose",
    "reassess the patient",
    "Give unobtainium 5 mg IV",
    "pupils and GCS",
]


@pytest.mark.parametrize("seed", range(4))
async def test_replaying_the_rows_gives_the_state_that_was_lived(make_world, seed):
    async with make_world(time_scale=90.0) as world:
        draw = random.Random(seed)
        client, _ = await world.student()
        queue = draw.sample(["asthma", "stemi", "tbi", "epilepsy"], 2)
        session = await world.session(client, scenarioQueue=queue)
        await world.to_scenario(client, session)
        for index in range(2):
            for _ in range(draw.randint(3, 12)):
                said = await client.say(session, ". ".join(draw.sample(WORDS, draw.randint(1, 3))))
                if said.status_code == 409:
                    assert said.json()["expected"] == "complete"
                    break
                assert said.status_code == 200, said.text
                if draw.random() < 0.3:
                    await client.get(f"/api/sessions/{session}/vitals")
            assert (await client.post(f"/api/sessions/{session}/complete")).status_code == 200
            if index == 0:
                assert (await client.post(f"/api/sessions/{session}/next-scenario")).status_code == 200
        async with world.services.database.snapshot() as connection:
            assert await verify_session(connection, world.services.catalog, session) == []


async def test_a_torn_session_is_found(world):
    client, _ = await world.student()
    session = await world.session(client, scenarioQueue=["asthma"])
    await world.to_scenario(client, session)
    await client.say(session, "Give oxygen 15 l/min by mask")
    await client.say(session, "Check the breathing")
    for damage in (
        "DELETE FROM holdfast.simulation_actions WHERE kind = 'treatment'",
        "UPDATE holdfast.simulation_occurrences SET detail = detail || '{\"at_s\": 1}' WHERE ordinal = 0",
        "DELETE FROM holdfast.messages WHERE seq = 3",
        "UPDATE holdfast.simulation_runs SET occurrences_count = occurrences_count + 1",
        (
            "UPDATE holdfast.messages SET reply_to = NULL WHERE seq = 7; "
            "UPDATE holdfast.messages SET reply_to = 99 WHERE seq = 7"
        ),
    ):
        async with world.services.database.connection() as connection:
            await connection.execute("BEGIN")
            await connection.execute(damage)
            found = await verify_session(connection, world.services.catalog, session)
            await connection.execute("ROLLBACK")
            assert found, damage
            assert await verify_session(connection, world.services.catalog, session) == []


def test_every_occurrence_survives_the_way_through_a_row():
    seen = set()
    for scenario in library.shipped().values():
        state = engine.begin(scenario, seed=3, challenges=True)
        at_s = 0.0
        actions = [Action("assessment", name) for name in scenario.findings]
        actions += [Action("treatment", name) for name in scenario.treatments]
        actions += [Action("statement", phrases=(p,), text=p) for p in _phrases(scenario)]
        draw = random.Random(1)
        draw.shuffle(actions)
        for action in actions:
            at_s += 11
            if state.outcome is None:
                batch = [action]
                if state.open_challenge:
                    batch.insert(
                        0, Action("challenge_reply", state.open_challenge, text="because of the risk")
                    )
                state, occurred = engine.act(scenario, state, batch, at_s)
                for occurrence in occurred:
                    row = occurrence_row(0, occurrence)
                    seen.add(row["type"])
                    assert occurrence_of(row["type"], row["detail"]) == occurrence
        if state.outcome is None:
            seen.update(occurrence_row(0, o)["type"] for o in engine.finish(scenario, state, at_s)[1])
    assert seen == set(TYPES)


def _phrases(scenario):
    found = set()
    for challenge in scenario.challenge_points:
        found |= challenge.trigger.phrases()
    return sorted(found)


def test_every_field_of_an_action_survives_the_way_through_a_row():
    action = Action(
        "treatment", "x", known=False, dose=0.1, unit="mg", route="oral", phrases=("a",), text="t"
    )
    assert action_of(action_row(3, 2, 1.5, action)) == action
