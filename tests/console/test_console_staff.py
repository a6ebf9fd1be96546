"""What an instructor sees: who plays, how the patient really is, and the way to come back."""

import pytest


async def _playing(world):
    made = await world.staff().post("/api/cohorts", {"name": "Ward 7", "joinCode": "ward-7"})
    assert made.status_code == 201
    client, registered = await world.student("Žofia Ňová", joinCode="ward-7")
    session = await world.session(client, scenarioQueue=["stemi"])
    await world.to_scenario(client, session)
    return client, registered, session


async def test_the_list_names_who_where_and_when(world, instructor):
    _, registered, session = await _playing(world)
    page = (await instructor.get("/watch")).text
    for shown in ("Žofia Ňová", registered["studentId"], "Ward 7", "With the patient", "1 of 1", "Under way"):
        assert shown in page
    assert f"/watch/{session}" in page
    assert session in (await instructor.get("/watch-list")).text
    assert session not in (await instructor.get("/watch-list", params={"cohort": "another"})).text


async def test_a_closed_session_is_found_among_all(world, instructor):
    _, _, session = await _playing(world)
    voided = await world.staff().post(f"/api/sessions/{session}/control", {"action": "void"})
    assert voided.status_code == 200
    assert session not in (await instructor.get("/watch-list")).text
    assert session in (await instructor.get("/watch-list", params={"show": "all"})).text


async def test_true_and_measured_vital_signs_stand_side_by_side(world, instructor):
    client, _, session = await _playing(world)
    before = (await instructor.get(f"/watch/{session}/now")).text
    assert "Heart rate" in before
    measured = await client.say(session, "I measure the heart rate.")
    rate = measured.json()["measuredVitals"]["heart_rate"]["value"]
    after = (await instructor.get(f"/watch/{session}/now")).text
    assert after.count(f'<td class="number">{rate:.0f}</td>') >= 2
    assert "This patient so far" in after


async def test_the_conversation_comes_in_pieces_that_neither_overlap_nor_miss(world, instructor):
    client, _, session = await _playing(world)
    for text in ("I measure the heart rate.", "I record a 12-lead ECG."):
        await client.say(session, text)
    total = (await client.get(f"/api/sessions/{session}/messages")).json()["total"]
    whole = (await instructor.get(f"/watch/{session}")).text
    assert whole.count("data-seq=") == total
    rest = (await instructor.get(f"/watch/{session}/messages", params={"after": total - 1})).text
    assert rest.count("data-seq=") == 1
    assert (await instructor.get(f"/watch/{session}/messages", params={"after": total})).text.strip() == ""


@pytest.mark.parametrize("path", ["/watch/none", "/watch/none/now", "/watch/none/messages"])
async def test_a_session_that_is_not_there_is_a_clear_page(instructor, path):
    page = await instructor.get(path)
    assert page.status_code == 404
    assert "There is nothing here" in page.text


async def test_a_complete_session_shows_its_scores(world, instructor):
    client, _, session = await _playing(world)
    for step in ("complete", "aar/start"):
        assert (await client.post(f"/api/sessions/{session}/{step}")).status_code == 200
    for _ in range(40):
        said = await client.say(session, "I would act sooner. That is all, let us finish.")
        if said.json().get("sessionComplete"):
            break
    page = (await instructor.get(f"/watch/{session}")).text
    assert "Whole session" in page
    assert "Complete" in page


async def test_cohorts_show_the_link_that_students_join_by(world, instructor):
    await _playing(world)
    page = (await instructor.get("/cohorts")).text
    assert "http://holdfast.test/join/ward-7" in page
    assert "Arm A: " in page
