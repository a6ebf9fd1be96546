"""The older workshop's tables become Holdfast's: all or nothing, every row taken or told, and once."""

import asyncio
import json
import re
from collections import Counter

import pytest
from benchmarks.legacy_workshop.older_workshop import CONFIGS, DEFECTS, OLD_KEY, SIGN_INS, TABLES, build, rows

from fixtures.service import settings_for
from holdfast.app.services import build as build_services
from holdfast.core.access import Role
from holdfast.core.students import add
from holdfast.kit.errors import Conflict, InvalidInput, StoreUnavailable
from holdfast.programs.workshop.cleaning import clean_up
from holdfast.programs.workshop.legacy.report import Report
from holdfast.programs.workshop.stored import key_place
from workshop_legacy.test_reading import encrypted

STUDENTS = 1667
"""In each generation, 5,001 in all; the benchmark `legacy-workshop` has 5,000 in each."""


def settled(report: Report) -> dict:
    """A report without what differs from run to run."""
    told = report.to_json()
    for count in told["counts"].values():
        count["renamedTo"] = bool(count["renamedTo"])
    told["steps"] = [re.sub(r"_backup_[0-9_]+", "_backup", line) for line in told["steps"]]
    return {key: value for key, value in told.items() if key not in {"message", "dryRun"}}


async def progress_by_name(connection):
    """What each session holds by step, by the name of its student: seconds, attempts, passed."""
    found = await connection.fetch(
        "SELECT s.name, p.step_number, p.time_spent, p.attempts, p.validation_passed FROM holdfast.students s"
        " JOIN holdfast.workshop_sessions w USING (student_id)"
        " LEFT JOIN holdfast.step_progress p USING (session_id)"
    )
    held = {row["name"]: {} for row in found}
    for row in found:
        if row["step_number"] is not None:
            held[row["name"]][row["step_number"]] = tuple(row)[2:]
    return held


@pytest.mark.parametrize("generation", sorted(TABLES))
async def test_thousands_of_students_come_over_and_counts_reconcile(connection, migrate, dump, generation):
    students = rows(generation, STUDENTS)
    await build(connection, generation, students)
    sound = [row for row in students if row.defect is None]
    before = await dump()
    rehearsed = await migrate(dry_run=True)
    assert await dump() == before, "a dry run changes nothing"
    report = await migrate()
    count = report.tables["workshop_students"]
    assert settled(rehearsed) == settled(report), "a dry run tells what a run would"
    assert count.rows == STUDENTS == count.taken + len(report.not_taken)
    assert count.taken == len(sound) == report.students == report.sessions
    assert len(sound) == STUDENTS - round(STUDENTS * 0.02)

    after = await dump()
    assert after[f"public.{count.renamed_to}"] == before["public.workshop_students"], "kept as it was"
    assert "public.workshop_students" not in after
    told = Counter(entry.problems[0][0] for entry in report.not_taken)
    assert told == Counter(DEFECTS[row.defect][0] for row in students if row.defect)

    held = await progress_by_name(connection)
    assert held == {row.values["student_name"]: row.steps for row in sound}
    assert len(after["holdfast.step_progress"]) == sum(len(row.steps) for row in sound)

    again = await migrate()
    assert again.nothing_to_do and again.message.startswith("Nothing to do")
    assert await dump() == after, "a second run changes nothing"


async def test_what_came_over_is_ended_and_its_totals_are_those_of_the_database(
    connection, migrate, database
):
    await build(connection, "serial", rows("serial", 200))
    await migrate()
    totals = (
        "SELECT session_id, current_step, total_time_spent, completion_rate FROM holdfast.workshop_sessions"
    )
    before = sorted(map(tuple, await connection.fetch(totals)))
    open_ones = await connection.fetchval(
        "SELECT count(*) FROM holdfast.sessions s JOIN holdfast.workshop_sessions w USING (session_id)"
        " WHERE w.is_active OR s.expires_at > clock_timestamp() OR s.status NOT IN ('COMPLETED', 'ABANDONED')"
        " OR (s.status = 'COMPLETED') <> (w.completion_rate = 100)"
        " OR (s.status = 'COMPLETED') <> (s.completed_at IS NOT NULL)"
    )
    assert open_ones == 0
    assert {row[3] for row in before} > {0, 100}
    cleaned = await clean_up(database, retention_days=1, actor="test")
    assert (cleaned.deactivated, cleaned.deleted) == (0, 0), "what is brought over is not thrown away at once"
    await connection.execute(
        "SELECT holdfast.update_session_progress(session_token) FROM holdfast.workshop_sessions"
    )
    assert sorted(map(tuple, await connection.fetch(totals))) == before


FAIL = """
    CREATE FUNCTION public.fail() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN
        IF (SELECT count(*) FROM holdfast.workshop_sessions) > 700 THEN {how}; END IF;
        RETURN NULL;
    END $$;
    CREATE TRIGGER fail AFTER INSERT ON holdfast.step_progress FOR EACH STATEMENT
        EXECUTE FUNCTION public.fail()"""


@pytest.mark.parametrize(
    ("how", "seen"),
    [
        ("RAISE EXCEPTION 'half-way'", Exception),
        ("PERFORM pg_terminate_backend(pg_backend_pid())", StoreUnavailable),
        ("PERFORM 1 / 0", InvalidInput),
    ],
)
async def test_a_failure_half_way_leaves_everything_as_it_was(connection, migrate, dump, how, seen):
    await build(connection, "configured", rows("configured", 1200))
    await connection.execute(SIGN_INS)
    await connection.execute("INSERT INTO workshop_sessions (session_id, student_id) VALUES ('s', 'ada')")
    await connection.execute(FAIL.format(how=how))
    before = await dump()
    with pytest.raises(seen):
        await migrate()
    assert await dump() == before
    await connection.execute("DROP TRIGGER fail ON holdfast.step_progress")
    assert (await migrate()).sessions > 700, "and it works once the cause is gone"


async def test_two_at_once_do_not_interleave(connection, migrate):
    await build(connection, "serial", rows("serial", 300, broken=0))
    done = await asyncio.gather(*(migrate() for _ in range(3)), return_exceptions=True)
    reports = [one for one in done if isinstance(one, Report)]
    assert all(isinstance(one, Report | Conflict) for one in done), done
    assert sum(report.sessions for report in reports) == 300
    assert await connection.fetchval("SELECT count(*) FROM holdfast.workshop_sessions") == 300


async def test_old_tables_in_use_are_told(connection, migrate, database):
    await build(connection, "serial", rows("serial", 3))
    database.options = type(database.options)(lock_timeout_s=0.1)
    async with connection.transaction():
        await connection.execute("LOCK TABLE workshop_students IN ACCESS SHARE MODE")
        with pytest.raises(Conflict, match="in use: stop the older system"):
            await migrate()


async def test_a_row_put_right_comes_with_the_next_run_and_the_others_do_not_come_twice(
    connection, migrate, dump
):
    await build(connection, "serial", rows("serial", 100))
    first = await migrate()
    assert first.refused == 2
    renamed = first.tables["workshop_students"].renamed_to
    before = await dump()
    (entry, other) = first.not_taken
    number = int(re.search(r"id=(\d+)", entry.key)[1])
    await connection.execute(
        f"UPDATE {renamed} SET exercises = '{{}}', student_email = 'right@example.com' WHERE id = $1", number
    )
    await connection.execute(f"ALTER TABLE {renamed} RENAME TO workshop_students")
    second = await migrate()
    count = second.tables["workshop_students"]
    assert (count.rows, count.taken, count.refused, count.present) == (100, 1, 1, 98)
    assert (second.students, second.sessions) == (1, 1)
    assert len((await dump())["holdfast.workshop_sessions"]) == len(before["holdfast.workshop_sessions"]) + 1
    assert [e.problems for e in second.not_taken if e.outcome == "refused"] == [other.problems]


async def insert(connection, table, **values):
    columns = ", ".join(values)
    marks = ", ".join(f"${n}" for n in range(1, len(values) + 1))
    await connection.execute(f"INSERT INTO {table} ({columns}) VALUES ({marks})", *values.values())


async def test_one_student_for_one_address_and_none_made_up(connection, migrate, database):
    async with database.transaction() as own:
        known = await add(own, name="Known Already", email="known@example.com")
    await connection.execute(TABLES["serial"])
    for email, name in (
        ("Ada@Example.com", "Ada"),
        ("ada@example.com ", "Ada N."),
        ("known@example.com", "Somebody Else"),
        (None, "Bea"),
        ("unknown_ws_1@example.com", None),
    ):
        await insert(connection, "workshop_students", student_email=email, student_name=name)
    report = await migrate()
    found = await connection.fetch(
        "SELECT name, email, count(*) AS sessions FROM holdfast.students"
        " JOIN holdfast.workshop_sessions USING (student_id) GROUP BY student_id"
    )
    assert {(row["name"], row["email"], row["sessions"]) for row in found} == {
        ("Ada", "ada@example.com", 2),
        ("Known Already", "known@example.com", 1),
        ("Bea", None, 1),
        ("Workshop student", None, 1),
    }
    assert report.students == 3
    owner = "SELECT count(*) FROM holdfast.workshop_sessions WHERE student_id = $1"
    assert await connection.fetchval(owner, known.student_id) == 1
    told = {(one.key.split()[0], one.field) for one in report.differences}
    assert {("id=2", "student_name"), ("id=3", "student_name"), ("id=5", "student_email")} <= told


async def test_a_token_is_kept_and_one_that_is_missing_is_made(connection, migrate):
    await connection.execute(TABLES["configured"])
    for token in ("ws_1_abc", None, "", "ws_1_abc"):
        await insert(connection, "workshop_students", session_token=token)
    report = await migrate()
    tokens = {
        row[0] for row in await connection.fetch("SELECT session_token FROM holdfast.workshop_sessions")
    }
    assert len(tokens) == 3 and "ws_1_abc" in tokens
    assert all(re.fullmatch(r"ws_\d+_[0-9a-f]{64}", token) for token in tokens - {"ws_1_abc"})
    (refused,) = report.not_taken
    assert (refused.key.split()[0], refused.problems[0][0]) == ("id=4", "session_token")
    assert "ws_1_abc" not in json.dumps(report.to_json())


async def sign_ins(connection, *given):
    await connection.execute(SIGN_INS)
    for session, student, sid in given:
        await insert(
            connection,
            "workshop_sessions",
            session_id=session,
            student_id=student,
            account_sid=sid,
            auth_token="AUTH-TOKEN-SECRET",
            api_key_sid="SK-SECRET",
            api_key_secret="API-KEY-SECRET",
        )


async def test_sign_ins_find_their_session_or_their_student(connection, migrate):
    await connection.execute(
        "CREATE TABLE workshop_students (student_id TEXT, session_token TEXT, student_email TEXT)"
    )
    await insert(
        connection, "workshop_students", student_id="s1", session_token="ws_1", student_email="a@example.com"
    )
    await insert(connection, "workshop_students", student_id="s2", session_token="ws_2")
    await connection.execute(CONFIGS)
    await insert(connection, "student_configs", student_email="a@example.com")
    await sign_ins(
        connection,
        ("ws_1", "a@example.com", "AC1"),
        ("by-address", "A@example.com", None),
        ("by-key", "s2", "AC2"),
        ("stranger", "new@example.com", None),
        ("nobody", None, None),
        ("ws_2", "a@example.com", "AC3"),
        ("bad\u0001", "not an address@", None),
    )
    report = await migrate()
    counts = {name: count.to_json() for name, count in report.tables.items()}
    assert all(count.reconciles for count in report.tables.values())
    taken = {
        name: (count["rows"], count["taken"], count["reported"], count["left"])
        for name, count in counts.items()
    }
    assert taken == {
        "workshop_students": (2, 2, 0, 0),
        "workshop_sessions": (7, 5, 2, 0),
        "student_configs": (1, 0, 0, 1),
    }
    assert (report.students, report.sessions) == (4, 6)
    sessions = await connection.fetch(
        "SELECT s.email, count(*) AS n, p.twilio_account_sid AS sid FROM holdfast.students s"
        " JOIN holdfast.workshop_sessions USING (student_id)"
        " LEFT JOIN holdfast.workshop_profiles p USING (student_id) GROUP BY s.student_id, p.student_id"
    )
    found = sorted(((row["email"] or "", row["n"], row["sid"]) for row in sessions), key=str)
    assert found == [("", 1, None), ("", 2, "AC2"), ("a@example.com", 2, "AC1"), ("new@example.com", 1, None)]
    assert await connection.fetchval("SELECT count(*) FROM student_configs") == 1
    assert counts["student_configs"]["renamedTo"] is None


async def test_secrets_stay_behind(connection, migrate, dump, vault):
    await build(connection, "configured", rows("configured", 4, broken=0))
    stored = {
        "plain": "sk-plain-long",
        "mine": encrypted("sk-mine-long", key=OLD_KEY),
        "other": encrypted("sk-other-long"),
    }
    for number, (name, key) in enumerate(stored.items(), 101):
        await insert(
            connection,
            "workshop_students",
            id=number,
            session_token=name,
            openai_api_key=key,
            system_prompt="My key is sk-mine-long and not yours",
            tools='[{"header": "Bearer sk-mine-long"}]',
        )
    await sign_ins(connection, ("SIGN-IN-SECRET", "ada", "AC1"))
    report = await migrate()
    kept = {name: text for name, text in (await dump()).items() if name.startswith("holdfast.")}
    for secret in (
        "AUTH-TOKEN-SECRET",
        "SK-SECRET",
        "API-KEY-SECRET",
        "SIGN-IN-SECRET",
        stored["plain"],
        stored["mine"],
        stored["other"],
        "sk-secret",
    ):
        assert secret not in json.dumps(kept)
        assert secret not in json.dumps(report.to_json())
    sealed = "SELECT session_id, session_token, openai_api_key FROM holdfast.workshop_sessions"
    opened = {
        row["session_token"]: row["openai_api_key"]
        and vault.open(row["openai_api_key"], place=key_place(row["session_id"]))
        for row in await connection.fetch(sealed)
    }
    assert {name: opened[name] for name in stored} == {
        "plain": "sk-plain-long",
        "mine": "sk-mine-long",
        "other": None,
    }
    assert [one.key.split()[0] for one in report.differences if one.field == "openai_api_key"] == ["id=103"]
    mine = "SELECT system_prompt, tools FROM holdfast.workshop_sessions WHERE session_token = 'mine'"
    prompt, tools = await connection.fetchrow(mine)
    assert prompt == "My key is [key removed] and not yours"
    assert json.loads(tools) == [{"header": "Bearer [key removed]"}]
    renamed = report.tables["workshop_sessions"].renamed_to
    assert await connection.fetchval(f"SELECT auth_token FROM {renamed}") == "AUTH-TOKEN-SECRET"
    assert any("auth_token, api_key_sid, api_key_secret: drop it" in line for line in report.steps)


async def test_a_row_that_only_the_database_refuses_does_not_take_others_with_it(connection, migrate):
    await build(connection, "serial", rows("serial", 300, broken=0))
    await connection.execute(
        "ALTER TABLE holdfast.students ADD CONSTRAINT ours CHECK (name <> 'Student Number 123')"
    )
    report = await migrate()
    (refused,) = report.not_taken
    assert refused.key.startswith("id=124 ")
    assert refused.problems == (("ours", "is refused by the database"),)
    assert report.sessions == 299


async def test_json_that_no_reader_takes_is_one_refused_row(connection, migrate):
    await connection.execute(TABLES["configured"])
    await insert(connection, "workshop_students", exercises="[" * 5000 + "]" * 5000)
    await insert(connection, "workshop_students", exercises='{"step-1": {"completed": "\\u0000"}}')
    await insert(connection, "workshop_students", exercises='{"\\ud800": {}}')
    await insert(connection, "workshop_students", exercises='{"step-1": {"completed": true}}')
    report = await migrate()
    assert (report.sessions, report.refused) == (1, 3)


async def test_a_schema_of_any_name_and_none_that_is_not_meant(connection, migrate):
    name = 'we"ird; DROP'
    quoted = '"' + name.replace('"', '""') + '"'
    await build(
        connection, "keyed", rows("keyed", 5, broken=0), schema=quoted.replace('""', "")[1:-1].split(";")[0]
    )
    await connection.execute(f"ALTER SCHEMA weird RENAME TO {quoted}")
    assert (await migrate(schema=name)).sessions == 5
    for wrong, what in (("holdfast", "own"), ("nowhere", "no such schema")):
        with pytest.raises(InvalidInput, match=what) as refused:
            await migrate(schema=wrong)
        assert refused.value.field == "schema"
    await connection.execute("CREATE TABLE public.workshop_students (colour TEXT)")
    with pytest.raises(InvalidInput, match="no table of the older workshop"):
        await migrate()


async def test_the_journal_tells_of_each_session_and_of_the_whole(connection, migrate):
    await build(connection, "serial", rows("serial", 5, broken=0))
    await migrate()
    events = await connection.fetch("SELECT type, actor, session_id, student_id, data FROM holdfast.events")
    assert Counter(event["type"] for event in events) == {"session_migrated": 5, "data_migrated": 1}
    assert {event["actor"] for event in events} == {"test"}
    assert all(event["session_id"] for event in events if event["type"] == "session_migrated")
    told = json.loads(next(event["data"] for event in events if event["type"] == "session_migrated"))["told"]
    assert told.keys() == {"total_time_spent", "completion_rate"}


PATH = "/api/admin-normalize-database-v2"


async def test_the_answer_has_the_shape_of_the_seed(world, connection):
    await build(connection, "serial", rows("serial", 100))
    admin = world.staff(Role.ADMIN)
    rehearsed = await admin.post(PATH, {"adminPassword": "hunter2", "dryRun": True})
    assert rehearsed.status_code == 200
    response = await admin.post(PATH, {"adminPassword": "hunter2"})
    body = response.json()
    assert body.keys() >= {"success", "message", "steps", "stats", "schema"}
    assert body["success"] is True
    assert body["stats"].keys() == {"students", "sessions", "stepProgress"}
    assert body["stats"]["sessions"] == 98 == rehearsed.json()["stats"]["sessions"]
    assert body["errorsTotal"] == 2 == len(body["errors"])
    assert body["errors"][0].keys() >= {"table", "key", "field", "reason"}
    assert "hunter2" not in response.text
    again = (await admin.post(PATH)).json()
    assert again["success"] and again["message"].startswith("Nothing to do")
    assert again["stats"] == {"students": 0, "sessions": 0, "stepProgress": 0}


async def test_only_an_administrator_may(world, connection, dump):
    await build(connection, "serial", rows("serial", 3))
    student, _ = await world.student()
    for client, status in (
        (student, 403),
        (world.staff(Role.INSTRUCTOR), 403),
        (world.staff(Role.RESEARCHER), 403),
    ):
        assert (await client.post(PATH, {"adminPassword": "x"})).status_code == status
    assert (await world.http.post(PATH, json={"adminPassword": "x"})).status_code == 401
    assert (await world.staff(Role.ADMIN).get(PATH)).status_code == 405
    assert len((await dump())["public.workshop_students"]) == 3


async def test_a_repeated_request_is_carried_out_once(world, connection):
    await build(connection, "serial", rows("serial", 10, broken=0))
    admin = world.staff(Role.ADMIN)
    first = await admin.post(PATH, key="once")
    again = await admin.post(PATH, key="once")
    assert first.json() == again.json()
    assert first.json()["stats"]["sessions"] == 10


@pytest.mark.parametrize(
    ("body", "field"),
    [
        ({"schema": "nowhere"}, "schema"),
        ({"schema": ""}, "schema"),
        ({"schema": "x" * 64}, "schema"),
        ({"schema": "a\x00b"}, "schema"),
        ({"schema": 7}, "schema"),
        ({"dryRun": "perhaps"}, "dryRun"),
    ],
)
async def test_a_wrong_request_names_the_field(world, connection, dump, body, field):
    await build(connection, "serial", rows("serial", 3))
    response = await world.staff(Role.ADMIN).post(PATH, body)
    assert (response.status_code, response.json()["field"]) == (400, field)
    assert len((await dump())["public.workshop_students"]) == 3


def test_the_older_key_comes_from_the_settings(database_url, stores):
    settings = settings_for(database_url, stores, legacy_workshop_key="0f" * 32)
    assert build_services(settings, database_url, stores.redis_url).legacy_workshop
