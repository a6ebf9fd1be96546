"""What people write is shown as they wrote it, and is never markup."""

import pytest

NASTY = """<script>alert("x")</script><img src=x onerror=alert(1)> & "quoted" 'too'"""
SHOWN = "&lt;script&gt;alert("


async def _cohort(world, name):
    made = await world.staff().post("/api/cohorts", {"name": name, "joinCode": "nasty-code"})
    assert made.status_code == 201, made.text


async def test_the_name_of_a_cohort_is_text(world, visitor, instructor):
    await _cohort(world, NASTY)
    client, _ = await world.student("Ada Test", joinCode="nasty-code")
    await world.session(client)
    for page in (
        await visitor.get("/join/nasty-code"),
        await instructor.get("/cohorts"),
        await instructor.get("/watch"),
        await instructor.get("/watch", params={"cohort": NASTY}),
    ):
        assert page.status_code == 200
        assert SHOWN in page.text
        assert "<script>alert" not in page.text
        assert "<img src=x" not in page.text


async def test_no_student_is_called_by_markup(world):
    """Names refuse it at the door; escaping does not rely on that."""
    body = {"name": "<script>alert(1)</script>", "consent": True}
    refused = await world.http.post("/api/student/register", json=body)
    assert (refused.status_code, refused.json()["field"]) == (400, "name")


async def test_what_is_said_is_text_for_the_instructor(world, instructor):
    client, _ = await world.student()
    session = await world.session(client)
    assert (await client.say(session, NASTY)).status_code == 200
    for path in (f"/watch/{session}", f"/watch/{session}/messages", f"/watch/{session}/messages?after=1"):
        page = await instructor.get(path)
        assert page.status_code == 200
        assert SHOWN in page.text
        assert "<script>alert" not in page.text
        assert "<img src=x" not in page.text


@pytest.mark.parametrize("path", ["/watch?show=%22%3E%3Cscript%3E", "/watch?cohort=%22%3E%3Cscript%3E"])
async def test_what_stands_in_the_address_is_text(instructor, path):
    page = await instructor.get(path)
    assert page.status_code == 200
    assert '"><script>' not in page.text
