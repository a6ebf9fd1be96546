"""What reports do to steps and sessions; the rules and the database's function come to the same."""

import asyncio
import re
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from fixtures.service import ENCRYPTION_KEY
from holdfast.core import students
from holdfast.core.access import Principal, Role
from holdfast.kit.errors import InvalidInput
from holdfast.programs.workshop import progress
from holdfast.programs.workshop.access import Access
from holdfast.programs.workshop.definition import parse
from holdfast.programs.workshop.library import Library
from holdfast.programs.workshop.progress import Report, StepState, Totals
from holdfast.programs.workshop.reporting import Told
from holdfast.programs.workshop.service import Workshop
from holdfast.store.database import Database
from holdfast.store.secrets import Vault, keys_of

VOICE = Library().find()
NOON = datetime(2026, 5, 4, 12, tzinfo=UTC)
REPORTS = st.lists(
    st.builds(
        Report,
        step=st.sampled_from(VOICE.steps),
        completed=st.booleans(),
        time_spent=st.integers(0, progress.LONGEST_REPORT_S),
        code_submitted=st.none() | st.text(max_size=5),
    ),
    max_size=25,
)


def _played(reports):
    steps = {}
    for minute, report in enumerate(reports):
        number = report.step.number
        now = NOON + timedelta(minutes=minute)
        steps[number] = progress.after(steps.get(number), report, now=now)
    return steps


@given(REPORTS)
def test_time_accumulates_attempts_count_and_what_passed_stays(reports):
    steps = _played(reports)
    for number, state in steps.items():
        mine = [r for r in reports if r.step.number == number]
        assert state.time_spent == sum(r.time_spent for r in mine)
        assert state.attempts == len(mine)
        assert state.validation_passed == any(r.completed for r in mine)
        codes = [r.code_submitted for r in mine if r.code_submitted is not None]
        assert state.code_submitted == (codes[-1] if codes else None)
        first = next((m for m, r in enumerate(reports) if r.completed and r.step.number == number), None)
        assert state.completed_at == (None if first is None else NOON + timedelta(minutes=first))


@given(REPORTS)
def test_completion_never_falls_and_never_passes_a_hundred(reports):
    rates = [
        progress.totals(_played(reports[:n]).values(), total_steps=9).completion_rate
        for n in range(len(reports) + 1)
    ]
    assert rates == sorted(rates)
    assert rates[0] >= 0 and rates[-1] <= 100


@pytest.mark.parametrize(("passed", "rate"), [*enumerate([0, 11, 22, 33, 44, 56, 67, 78, 89, 100, 100])])
def test_percentages_are_rounded_as_the_seed_rounds_and_capped(passed, rate):
    steps = [StepState(n, "x", validation_passed=True, time_spent=10) for n in range(1, passed + 1)]
    assert progress.totals(steps, total_steps=9) == Totals(passed, 10 * passed, rate)


def test_a_client_that_counts_from_zero_is_translated_at_the_edge():
    assert progress.step_of(VOICE, 0, "Connect Accounts", base=0).number == 1
    assert progress.step_of(VOICE, 8, "Final Deployment", base=0).number == 9
    assert [progress.told(n, base=0) for n in (0, 1, 9)] == [0, 0, 8]
    assert [progress.told(n, base=1) for n in (0, 1, 9)] == [0, 1, 9]


@pytest.mark.parametrize(
    ("number", "name", "base", "field"),
    [
        (0, None, 1, "stepNumber"),
        (10, None, 1, "stepNumber"),
        (9, None, 0, "stepNumber"),
        (-1, None, 0, "stepNumber"),
        (2, "provision services", 1, "stepName"),
        (3, "Services", 0, "stepName"),
    ],
)
def test_a_step_outside_the_workshop_or_counted_otherwise_is_refused(number, name, base, field):
    with pytest.raises(InvalidInput, match="stepBase") as refused:
        progress.step_of(VOICE, number, name, base=base)
    assert refused.value.field == field


def test_a_name_of_ones_own_is_welcome():
    assert progress.step_of(VOICE, 3, "My own words", base=1).name == "Provision Services"


HISTORIES = st.lists(
    st.tuples(st.integers(1, 9), st.booleans(), st.integers(0, 100_000)), min_size=1, max_size=12
)


def test_the_service_and_the_function_of_the_database_agree(database_url):
    with asyncio.Runner() as runner:
        database = Database(database_url)
        workshop = Workshop(database, Library(), Vault(keys_of(ENCRYPTION_KEY)))
        student = runner.run(_student(database))
        seen = []

        @settings(max_examples=50, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
        @given(HISTORIES)
        def check(history):
            told, computed = runner.run(_both(workshop, student, history))
            seen.append(told)
            assert told == computed

        try:
            check()
        finally:
            runner.run(database.close())
    assert len({row["completion_rate"] for row in seen}) > 5


async def _student(database):
    async with database.transaction() as connection:
        return (await students.add(connection, name="Ada Test", email=None)).student_id


async def _both(workshop, student_id, history):
    """What the service stored after a history, and what the function makes of the steps alone."""
    caller = Principal(Role.STUDENT, str(student_id))
    async with workshop.database.transaction() as connection:
        session_id, token = await workshop.create(connection, student_id, caller=caller)
        access = Access(session_id, student_id, caller, token)
        for number, completed, seconds in history:
            told = Told(number, completed=completed, time_spent=seconds)
            await workshop.reporting.report(connection, access, told)
        stored = await _stored(connection, session_id)
        await connection.execute(
            "UPDATE holdfast.workshop_sessions"
            " SET current_step = 0, total_time_spent = 0, completion_rate = 0 WHERE session_id = $1",
            session_id,
        )
        await connection.execute(
            "UPDATE holdfast.sessions SET status = 'IN_PROGRESS', completed_at = NULL WHERE session_id = $1",
            session_id,
        )
        await connection.execute("SELECT holdfast.update_session_progress($1)", token)
        return stored, await _stored(connection, session_id)


async def _stored(connection, session_id):
    row = await connection.fetchrow(
        "SELECT current_step, total_time_spent, completion_rate, status, completed_at IS NULL AS open,"
        " w.last_activity = s.last_activity AS one_moment"
        " FROM holdfast.workshop_sessions w JOIN holdfast.sessions s USING (session_id)"
        " WHERE session_id = $1",
        session_id,
    )
    assert row["one_moment"]
    return dict(row)


async def test_total_steps_follow_the_definition(bench, make_world, tmp_path):
    text = """
format: holdfast-workshop/1
id: short
version: "1"
title: Three steps
completion: checked
steps:
  - {number: 1, name: One}
  - {number: 2, name: Two, needs: [call_direction, code_submitted]}
  - {number: 3, name: Three}
"""
    (tmp_path / "short.yaml").write_text(text)
    async with make_world(workshops=tmp_path) as world:
        begun = (await bench.student_of(world).post("/api/generate-session", {"workshop": "short"})).json()
        short = replace(bench, world=world, token=begun["sessionToken"], session_id=begun["sessionId"])
        assert begun["progress"]["total_steps"] == 3
        assert (await short.post(4)).status_code == 400
        refused = await short.post(2, completed=True, codeSubmitted="x")
        assert (refused.status_code, refused.json()["expected"]) == (409, ["call_direction"])
        assert (await short.progress())["step_progress"] == []
        assert (await short.configure(callDirection="inbound")).status_code == 200
        for number in (1, 2, 3):
            assert (await short.post(number, completed=True, codeSubmitted="x")).status_code == 200
        assert (await short.progress())["completion_rate"] == 100
    # The file is gone, and the session is still judged by the workshop it began with.
    after = await bench.with_token(begun["sessionToken"]).progress()
    assert (after["workshop"], after["total_steps"], after["status"]) == ("short", 3, "COMPLETED")
    await bench.run("UPDATE holdfast.workshop_sessions SET completion_rate = 0")
    await bench.run("SELECT holdfast.update_session_progress($1)", begun["sessionToken"])
    assert (await bench.with_token(begun["sessionToken"]).progress())["completion_rate"] == 100


@pytest.mark.parametrize(
    ("change", "field"),
    [
        ("number: 2|number: 3", "numbered"),
        ("name: Two|name: one", "called 'one'"),
        ("completion: checked|completion: perhaps", "completion"),
        ("needs: [code_submitted]|needs: [luck]", "needs"),
        ("id: short|id: Short!", "id"),
        ("title: T|title: T\nauthor: X", "author"),
        ("steps:|steps: [", "YAML"),
    ],
)
def test_a_wrong_workshop_is_told_by_field(change, field):
    text = """
format: holdfast-workshop/1
id: short
version: "1"
title: T
completion: checked
steps:
  - {number: 1, name: One}
  - {number: 2, name: Two, needs: [code_submitted]}
"""
    assert parse(text, source="short.yaml").total_steps == 2
    before, _, now = change.partition("|")
    with pytest.raises(InvalidInput) as refused:
        parse(text.replace(before, now), source="short.yaml")
    assert field in str(refused.value) and "short.yaml" in str(refused.value)


def test_the_example_of_the_manual_is_a_workshop():
    page = (Path(__file__).parents[2] / "docs" / "workshop.md").read_text(encoding="utf-8")
    (example,) = re.findall(r"^```yaml\n(.*?)^```", page, re.DOTALL | re.MULTILINE)
    assert parse(example, source="workshop.md").steps[1].needs == ("use_case_description", "code_submitted")
