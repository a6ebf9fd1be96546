"""What a row of the older workshop says: every form of key, every way to write a value, every defect."""

import base64
import json
import os
from datetime import UTC, datetime, timedelta

import pytest
from benchmarks.legacy_workshop.older_workshop import NAMES
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from hypothesis import given
from hypothesis import strategies as st

from holdfast.kit.errors import InvalidInput, Misconfigured
from holdfast.programs.workshop.legacy import old_keys, reading
from holdfast.programs.workshop.legacy.exercises import merged, read_exercises, step_number
from holdfast.programs.workshop.legacy.rows import Refused, read_sign_in, read_student
from holdfast.programs.workshop.legacy.taking_over import taken_student
from holdfast.programs.workshop.library import Library

NOW = datetime(2026, 1, 2, 3, 4, 5, tzinfo=UTC)
WORKSHOP = Library().find()
NUMBERS = st.integers(1, 9)


@st.composite
def keys(draw, number=NUMBERS):
    n = draw(number)
    word = draw(st.sampled_from(["step", "exercise", "Step", "EXERCISE"]))
    between = draw(st.sampled_from(["-", "_", " ", ""]))
    name = draw(
        st.sampled_from(["", f"-{NAMES[n - 1]}", f"_{NAMES[n - 1].replace('-', '_')}", "-my own name"])
    )
    return draw(st.sampled_from([f"{word}{between}{n}{name}", f"{word}{between}0{n}", f"{n}"])), n


entries = st.fixed_dictionaries(
    {},
    optional={
        "completed": st.booleans() | st.none() | st.sampled_from([0, 1, "true", "false"]),
        "timeSpent": st.integers(0, 10**6) | st.none(),
        "attempts": st.integers(0, 1000) | st.none(),
        "timestamp": st.none()
        | st.integers(10**9, 17 * 10**8).map(lambda s: datetime.fromtimestamp(s, UTC).isoformat()),
    },
)
exercises = st.lists(st.tuples(keys(), entries), max_size=14)


def read(value):
    return read_exercises(value, "exercises", WORKSHOP, now=NOW)


@given(keys())
def test_every_form_of_key_names_its_step(key):
    assert step_number(key[0]) == key[1]


@given(st.text(max_size=20))
def test_a_key_names_a_step_or_none_and_never_fails(key):
    number = step_number(key)
    assert number is None or str(number) in key.replace("0", "") or str(number) in key


@pytest.mark.parametrize(
    "key", ["", "step", "step-", "steps-1", "warm-up", "1st", "-1", "step-one", "step-٣", "1.5"]
)
def test_a_key_that_names_no_step_is_refused_by_its_name(key):
    assert step_number(key) is None
    with pytest.raises(InvalidInput, match="names no step") as refused:
        read({key: {}})
    assert refused.value.field == f"exercises.{key}"


@given(exercises)
def test_two_keys_for_one_step_add_up(given_entries):
    by_key = {key: (number, entry) for (key, number), entry in given_entries}
    steps = {step.number: step for step in read({key: entry for key, (_, entry) in by_key.items()})}
    assert steps.keys() == {number for number, _ in by_key.values()}
    for number, step in steps.items():
        mine = [entry for n, entry in by_key.values() if n == number]
        assert step.time_spent == sum(entry.get("timeSpent") or 0 for entry in mine)
        assert step.attempts == sum(entry.get("attempts") or 0 for entry in mine)
        done = [entry for entry in mine if entry.get("completed") in {True, "true"}]
        assert step.passed == bool(done)
        when = [datetime.fromisoformat(e["timestamp"]) for e in done if e.get("timestamp")]
        assert step.completed_at == min(when, default=None)


@given(exercises, st.randoms())
def test_the_order_of_keys_does_not_matter(given_entries, how):
    pairs = [(key, entry) for (key, _), entry in {k[0]: (k, e) for k, e in given_entries}.values()]
    shuffled = how.sample(pairs, len(pairs))
    assert read(dict(pairs)) == read(dict(shuffled))


@given(exercises)
def test_merging_in_parts_is_merging_at_once(given_entries):
    once = read({key: entry for (key, _), entry in given_entries})
    assert merged(once) == once


@given(exercises)
def test_json_in_a_string_is_the_same(given_entries):
    value = {key: entry for (key, _), entry in given_entries}
    assert read(json.dumps(value)) == read(json.dumps(json.dumps(value))) == read(value)


@pytest.mark.parametrize("value", [None, "", "  ", {}, [], "{}", "[]", "null", '"{}"'])
def test_no_exercises_are_none(value):
    assert read(value) == ()


@pytest.mark.parametrize(
    ("value", "field"),
    [
        ([1], "exercises"),
        ("{", "exercises"),
        ("[" * 100_000, "exercises"),
        (7, "exercises"),
        ({"step-1": None}, "exercises.step-1"),
        ({"step-0": {}}, "exercises.step-0"),
        ({"step-10": {}}, "exercises.step-10"),
        ({"step-1": {"timeSpent": -1}}, "exercises.step-1.timeSpent"),
        ({"step-1": {"timeSpent": "many"}}, "exercises.step-1.timeSpent"),
        ('{"step-1": {"timeSpent": NaN}}', "exercises.step-1.timeSpent"),
        ('{"step-1": {"timeSpent": 1e999}}', "exercises.step-1.timeSpent"),
        ({"step-1": {"timeSpent": True}}, "exercises.step-1.timeSpent"),
        ({"step-1": {"attempts": 10**7}}, "exercises.step-1.attempts"),
        ({"step-1": {"completed": "maybe"}}, "exercises.step-1.completed"),
        ({"step-1": {"completed": {}}}, "exercises.step-1.completed"),
        ({"step-1": {"timestamp": "2026-13-01"}}, "exercises.step-1.timestamp"),
        ({"step-1": {"timestamp": "2030-01-01"}}, "exercises.step-1.timestamp"),
        ({"step-1": {"lastAttempt": [1]}}, "exercises.step-1.lastAttempt"),
        ({"step-1": {"attempts": 10**300}}, "exercises.step-1.attempts"),
        ({"step-1": {"attempts": 10**6}, "exercise-1": {"attempts": 1}}, "exercises.exercise-1"),
        ({"step-1-basic-twiml": {}}, "exercises.step-1-basic-twiml"),
    ],
)
def test_a_defect_names_its_field(value, field):
    with pytest.raises(InvalidInput) as refused:
        read(value)
    assert refused.value.field == field


def test_a_moment_is_read_however_it_was_written():
    meant = datetime(2025, 3, 1, 9, 30, tzinfo=UTC)
    milliseconds = int(meant.timestamp() * 1000)
    for value in (
        "2025-03-01T09:30:00.000Z",
        "2025-03-01 10:30:00+01",
        "2025-03-01T09:30:00",
        milliseconds,
        milliseconds / 1000,
    ):
        assert reading.moment(value, "started_at", NOW) == meant
    assert reading.moment(str(NOW + timedelta(hours=23)), "started_at", NOW) is not None
    for value in ("infinity", "0044-03-15 BC", 1e300, float("nan"), True, "0001-01-01T00:00:00+14:00"):
        with pytest.raises(InvalidInput):
            reading.moment(value, "started_at", NOW)


ROW = {"id": 7, "session_token": "ws_1_abc", "student_email": " Ada@Example.com ", "row": "(0,7)"}


def student(**more):
    return read_student(ROW | more, WORKSHOP, now=NOW)


def test_a_row_of_any_columns_is_read():
    whole = student(
        student_name="Ada Nová", tools='[{"name": "book"}]', call_direction="Inbound ", demo_mode="t"
    )
    assert (whole.email, whole.name, whole.token) == ("ada@example.com", "Ada Nová", "ws_1_abc")
    assert whole.configuration["tools"] == [{"name": "book"}]
    assert whole.configuration["call_direction"] == "inbound"
    assert whole.demo_mode
    bare = read_student({"student_id": "x", "row": "(0,1)"}, WORKSHOP, now=NOW)
    assert (bare.identity, bare.email, bare.steps) == ("x", None, ())


def test_a_row_names_all_its_defects_and_no_secret():
    token = "ws_\x01secret"
    row = student(
        session_token=token, total_time_spent=-1, call_direction="up", tools="{", exercises={"x": {}}
    )
    assert isinstance(row, Refused)
    assert [field for field, _ in row.problems] == [
        "call_direction",
        "tools",
        "session_token",
        "exercises.x",
        "total_time_spent",
    ]
    assert row.key == "id=7 row=(0,7)"
    assert "secret" not in repr(row)


@pytest.mark.parametrize(
    "value", [["\x00"], ["\ud800"], [2**64], "[NaN]", "[1e999]", "[" * 300 + "]" * 300, {"a": 1}, "x"]
)
def test_json_that_cannot_be_stored_is_refused(value):
    row = student(tools=value)
    assert isinstance(row, Refused)
    assert [field for field, _ in row.problems] == ["tools"]


def test_a_row_that_names_nobody_is_refused():
    row = read_student({"student_name": "Ada", "row": "(0,1)"}, WORKSHOP, now=NOW)
    assert row == Refused("row=(0,1)", (("student_email", "is missing, and so is every other key"),))


@pytest.mark.parametrize(
    "email", ["unknown_ws_1_abc@example.com", "session_9@workshop.local", "anonymous_ws_1"]
)
def test_an_address_that_was_made_up_is_none(email):
    row = student(student_email=email)
    assert row.email is None
    assert [field for field, _ in row.remarks] == ["student_email"]


@pytest.mark.parametrize("name", ["X", "1234", "a\x00b", "\ud800\ud800", "y" * 101, ["a"]])
def test_progress_is_not_lost_for_a_name(name):
    row = student(student_name=name)
    assert row.name is None
    assert [field for field, _ in row.remarks] == ["student_name"]


def test_totals_are_counted_anew_and_differences_told():
    steps = {f"step-{n}": {"completed": True, "timeSpent": 10} for n in range(1, 4)}
    row = student(exercises=steps, total_time_spent=35, completion_rate=33, current_step=5)
    taken = taken_student(row, WORKSHOP, key=None, now=NOW)
    record = taken.record
    totals = (record["total_time_spent"], record["completion_rate"], record["current_step"])
    assert totals == (30, 33, 3)
    assert record["status"] == "ABANDONED" and record["completed_at"] is None
    assert dict(taken.differences).keys() == {"total_time_spent", "current_step", "started_at"}


def test_a_session_is_complete_when_all_steps_are_passed_and_not_before():
    when = {"completed": True, "timestamp": "2025-05-05T05:05:05Z"}
    steps = {f"exercise-{n}": when for n in range(1, 10)}
    done = taken_student(student(exercises=steps), WORKSHOP, key=None, now=NOW).record
    assert (done["status"], done["completion_rate"]) == ("COMPLETED", 100)
    assert done["completed_at"] == done["started_at"] == datetime(2025, 5, 5, 5, 5, 5, tzinfo=UTC)
    claimed = student(exercises={}, completion_rate=100)
    assert taken_student(claimed, WORKSHOP, key=None, now=NOW).record["status"] == "ABANDONED"


def test_a_sign_in_needs_its_own_id_and_never_shows_it():
    row = read_sign_in({"session_id": "sess-secret", "student_id": "ada", "row": "(0,1)"}, now=NOW)
    assert (row.identity, row.email, row.key) == ("ada", None, "student_id=ada row=(0,1)")
    odd = read_sign_in({"session_id": "s", "account_sid": "none", "row": "(0,1)"}, now=NOW)
    assert odd.account_sid is None and dict(odd.remarks).keys() == {"account_sid"}
    by_email = read_sign_in({"session_id": "s", "student_id": "ADA@example.com", "row": "(0,1)"}, now=NOW)
    assert (by_email.identity, by_email.email) == (None, "ada@example.com")
    assert isinstance(read_sign_in({"student_id": "ada", "row": "(0,1)"}, now=NOW), Refused)


KEY = os.urandom(32)


def encrypted(plain, *, whole=False, key=KEY):
    vector = os.urandom(16)
    sealed = AESGCM(key).encrypt(vector, plain.encode(), None)
    text = ":".join(base64.b64encode(part).decode() for part in (vector, sealed[-16:], sealed[:-16]))
    return base64.b64encode(text.encode()).decode() if whole else text


@given(st.text(st.characters(codec="utf-8"), min_size=1), st.booleans())
def test_a_key_that_the_older_system_encrypted_opens_with_its_key_only(plain, whole):
    stored = encrypted(plain, whole=whole)
    assert old_keys.opened(stored, KEY) == plain
    assert old_keys.opened(stored, None) is None
    assert old_keys.opened(stored, os.urandom(32)) is None


@pytest.mark.parametrize(
    "stored", ["short", "two words here", "a\nb-long-enough", "x" * 401, "ключ-ключ-ключ"]
)
def test_what_has_not_the_form_of_a_key_is_left_behind(stored):
    assert old_keys.usable(stored, KEY) == (None, "has not the form of a key")
    taken = taken_student(student(openai_api_key=stored), WORKSHOP, key=None, now=NOW)
    assert taken.api_key is None and "openai_api_key" in dict(taken.differences)


@given(st.text(st.characters(codec="utf-8"), min_size=1, max_size=60))
def test_a_key_in_plain_text_passes(plain):
    assert old_keys.opened(plain, KEY) == plain or old_keys.is_encrypted(plain)
    assert old_keys.opened("sk-proj-" + plain, None) == "sk-proj-" + plain


def test_the_older_key_is_64_digits():
    assert old_keys.old_key(KEY.hex()) == KEY
    assert old_keys.old_key(None) is old_keys.old_key(" ") is None
    with pytest.raises(Misconfigured, match="HOLDFAST_LEGACY_WORKSHOP_KEY"):
        old_keys.old_key("abc")
