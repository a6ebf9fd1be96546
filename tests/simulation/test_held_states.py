"""A state in memory saves a fetch and decides nothing: what counts is the row."""

from uuid import uuid4

from holdfast.programs.simulation import engine
from holdfast.programs.simulation.held_states import HeldStates
from holdfast.programs.simulation.scenario.library import shipped
from holdfast.programs.simulation.stored import state_of, state_text

ASTHMA = shipped()["asthma_mvp_001"] if "asthma_mvp_001" in shipped() else next(iter(shipped().values()))


def a_state(seed: int):
    return engine.begin(ASTHMA, seed=seed, challenges=False)


def test_the_newest_state_of_a_session_is_held_and_the_longest_unused_goes_first():
    states = HeldStates(size=2)
    first, second, third = uuid4(), uuid4(), uuid4()
    states.hold("a", first, a_state(1))
    states.hold("b", second, a_state(2))
    assert states.of("a") == (first, a_state(1))
    states.hold("c", third, a_state(3))
    assert states.of("b") is None
    states.hold("a", second, a_state(4))
    assert states.of("a") == (second, a_state(4))
    assert states.of("c") == (third, a_state(3))


def test_none_is_held_where_there_is_no_room():
    states = HeldStates(size=0)
    states.hold("a", uuid4(), a_state(1))
    assert states.of("a") is None


async def test_a_state_that_was_written_elsewhere_is_fetched(world):
    client, _ = await world.student()
    session = await world.session(client, scenarioQueue=["asthma"])
    await world.to_scenario(client, session)
    assert (await client.say(session, "Give oxygen 15 l/min by mask")).status_code == 200
    read = "SELECT state FROM holdfast.simulation_runs WHERE session_id = $1"
    async with world.services.database.connection() as connection:
        held = state_of(await connection.fetchval(read, session))
        assert "oxygen" in held.treatments
        # Another process takes a turn, and this one must not go on from what it remembers.
        text = state_text(held).replace('"warnings":0', '"warnings":7')
        await connection.execute(
            "UPDATE holdfast.simulation_runs SET state = $2, state_id = gen_random_uuid()"
            " WHERE session_id = $1",
            session,
            text,
        )
        assert (await client.say(session, "Measure the SpO2")).status_code == 200
        assert state_of(await connection.fetchval(read, session)).warnings == 7


async def test_a_held_state_is_not_fetched_again(world):
    """Otherwise nothing would be gained: the row may say what it likes under the id that is held."""
    client, _ = await world.student()
    session = await world.session(client, scenarioQueue=["asthma"])
    await world.to_scenario(client, session)
    assert (await client.say(session, "Give oxygen 15 l/min by mask")).status_code == 200
    async with world.services.database.connection() as connection:
        await connection.execute(
            "UPDATE holdfast.simulation_runs SET state = '{}' WHERE session_id = $1", session
        )
        assert (await client.say(session, "Measure the SpO2")).status_code == 200
