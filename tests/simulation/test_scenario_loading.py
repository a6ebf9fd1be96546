"""Reading and writing scenario files: errors by line and field, limits, canonical JSON, round trips."""

import json
from textwrap import dedent

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from holdfast.kit.errors import InvalidInput
from holdfast.programs.simulation.scenario.care import (
    Contraindication,
    Dose,
    Effect,
    Finding,
    FindingCategory,
    Route,
    Treatment,
    TreatmentKind,
)
from holdfast.programs.simulation.scenario.conditions import Condition, VitalLimit
from holdfast.programs.simulation.scenario.course import TeachingPoint, Transition
from holdfast.programs.simulation.scenario.loading import (
    ScenarioErrors,
    canonical,
    content_hash,
    dump_yaml,
    from_canonical,
    parse,
)
from holdfast.programs.simulation.scenario.model import Scenario
from holdfast.programs.simulation.scenario.notation import MAXIMUM_BYTES
from holdfast.programs.simulation.scenario.vocabulary import Impact, VitalSign, VitalTargets

SMALL = dedent(
    """\
    format: holdfast.scenario/1
    id: faint
    aliases: [FAINT_1]
    version: "1.0"
    metadata:
      title: A faint
      difficulty: easy
      estimated_duration_min: 5
      type: medical
      learning_objectives: [Lay the patient down]
    dispatch:
      call_type: Collapse
      location: Market square
      time_of_call: 12:30
      additional_info: no
    scene: {location: Market square, safety: Safe}
    patient:
      name: Zuzana Nováková
      age_years: 34
      weight_kg: 61
      personality: calm
      history:
        symptoms: Dizzy
        allergies: None known
        medications: None
        past_history: None
        last_intake: Breakfast
        events: Stood for an hour
    vital_signs: {heart_rate: 58, respiratory_rate: 16, spo2: 98, systolic: 85, diastolic: 50}
    states:
      initial: &pale
        description: Pale
        appearance: Pale
        clinical_note: Vasovagal
        urgency: moderate
        severity: 4
      improving: *pale
    transitions:
      - from: [initial]
        to: improving
        when: {given: lie_down}
        reason: Lying down helps
    treatments:
      lie_down: {name: Lay the patient down, kind: position, impact: critical}
    findings:
      airway: {name: Airway, category: airway, text: {default: Clear}}
    """
)


def problems(text: str | bytes) -> list[dict[str, object]]:
    with pytest.raises(ScenarioErrors) as caught:
        parse(text, source="faint.yaml")
    return caught.value.details["problems"]


def line_of(text: str, fragment: str) -> int:
    return next(number for number, line in enumerate(text.splitlines(), 1) if fragment in line)


def test_reads_a_scenario_with_times_and_words_as_text():
    scenario = parse(SMALL, source="faint.yaml")
    assert scenario.dispatch.time_of_call == "12:30"
    assert scenario.dispatch.additional_info == "no"
    assert scenario.transitions[0].when.given == ("lie_down",)
    assert scenario.states["improving"] == scenario.states["initial"]
    assert parse(SMALL.encode(), source="faint.yaml") == scenario
    assert parse(b"\xef\xbb\xbf" + SMALL.encode(), source="faint.yaml") == scenario


@pytest.mark.parametrize(
    ("old", "new", "at", "field", "message"),
    [
        (
            "heart_rate: 58",
            "heart_rate: 580",
            "heart_rate: 580",
            "vital_signs.heart_rate",
            "must be less than",
        ),
        (
            "heart_rate: 58",
            "heart_rate: fast",
            "heart_rate: fast",
            "vital_signs.heart_rate",
            "must be a number",
        ),
        ("spo2: 98, ", "", "vital_signs:", "vital_signs.spo2", "is missing"),
        (
            "heart_rate: 58",
            "heart_rte: 58",
            "heart_rte",
            "vital_signs.heart_rte",
            "did you mean 'heart_rate'?",
        ),
        (
            "kind: position",
            "kind: posture",
            "kind: posture",
            "treatments.lie_down.kind",
            "must be 'medication'",
        ),
        ('version: "1.0"', "version: 1.0", "version: 1.0", "version", "put it in quotes"),
        ("id: faint", "id: A Faint", "id: A Faint", "id", "lower-case name"),
        ("  airway: {", "  Airway: {", "  Airway: {", "findings.Airway", "lower-case name"),
        (
            "{given: lie_down}",
            "{given: lie}",
            "when: {given: lie}",
            "transitions[0].when.given",
            "unknown treatment",
        ),
        (
            "{given: lie_down}",
            "{gven: lie_down}",
            "gven",
            "transitions[0].when.gven",
            "did you mean 'given'?",
        ),
        ("to: improving", "to: better", "to: better", "transitions[0].to", "unknown state 'better'"),
        ("[Lay the patient down]", "[]", "learning_obj", "metadata.learning_objectives", "at least 1"),
        (
            "scene: {location: Market square, safety: Safe}",
            "scene: here",
            "scene: here",
            "scene",
            "a mapping",
        ),
        (
            "{default: Clear}",
            "{initial: Clear}",
            "airway:",
            "findings.airway",
            "text needs a 'default' entry",
        ),
    ],
)
def test_an_error_names_line_and_field(old: str, new: str, at: str, field: str, message: str):
    text = SMALL.replace(old, new)
    assert text != SMALL
    found = problems(text)
    told = {(p["line"], p["field"]): str(p["message"]) for p in found}
    assert message in told[line_of(text, at), field]
    assert len(told) <= 2


def test_all_errors_come_at_once_and_in_order():
    text = SMALL.replace("heart_rate: 58", "heart_rate: 580").replace("id: faint", "id: '?'")
    found = problems(text)
    assert [p["field"] for p in found] == ["id", "vital_signs.heart_rate"]
    with pytest.raises(ScenarioErrors) as caught:
        parse(text, source="faint.yaml")
    assert caught.value.message.startswith("faint.yaml, line 2: id: ")
    assert caught.value.message.endswith("(and 1 more)")
    assert "line 29, column 15: vital_signs.heart_rate: must be" in str(caught.value)


def test_broken_references_point_at_items_named_by_id():
    text = SMALL + dedent(
        """\
        checklist:
          - {id: first, action: A, category: c, importance: critical, points: 5, done_when: {given: lie_down}}
          - id: second
            action: B
            category: c
            importance: critical
            points: 5
            done_when:
              any:
                - given: lie_down
                - assessed: nothing
          - {id: first, action: A, category: c, importance: critical, points: 5}
        """
    )
    found = problems(text)
    assert ("checklist[1].done_when.any[1].assessed", line_of(text, "assessed: nothing")) in {
        (p["field"], p["line"]) for p in found
    }
    assert any("id 'first' stands twice" in str(p["message"]) for p in found)


def test_a_key_that_stands_twice_is_an_error_with_both_lines():
    found = problems(SMALL.replace("  safety: Safe", "").replace("id: faint\n", "id: faint\nid: other\n"))
    assert found[0]["line"] == 3
    assert "second time (first in line 2)" in str(found[0]["message"])


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("", "empty"),
        ("# only a comment\n", "empty"),
        ("- a\n- b\n", "mapping"),
        ("just words", "mapping"),
        ("scenario_id: X\n", "older JSON blueprint"),
        ("id: x\n", "write 'format: holdfast.scenario/1'"),
        ("a: [1, 2\nb: 3\n", "not valid YAML"),
        ("a:\n\t- 1\n", "not valid YAML"),
        ("a: 1\n---\nb: 2\n", "one document"),
        ("a: !!python/object/apply:os.system ['true']\n", "tag"),
        ("a: !secret x\n", "tag"),
        ("? [a, b]\n: 1\n", "key must be a plain word"),
        ("a: *nothing\n", "refers to nothing"),
        ("a: &a [*a]\n", "refers to nothing"),
        ("a: 1e999\n", "too large"),
        ("a: \x01\n", "U+0001"),
        ("a: \ud800\n", "lone surrogate"),
        ("a: " + "[" * 60 + "]" * 60, "nested more than"),
        ("a: " + "[" * 100_000, "nested more than"),
        ("a: " + "x" * MAXIMUM_BYTES, "larger than"),
    ],
)
def test_unreadable_text_gets_a_clear_error(text: str, message: str):
    found = problems(text)
    assert message in str(found[0]["message"])
    assert found[0]["line"] >= 1


def test_text_that_is_not_utf8_names_the_line():
    found = problems(SMALL.encode().replace("á".encode(), b"\xe1"))
    assert found[0]["line"] == line_of(SMALL, "name: Zuzana")
    assert "UTF-8" in str(found[0]["message"])


def test_an_alias_bomb_is_refused_quickly():
    levels = "\n".join(f"l{n}: &l{n} [{', '.join([f'*l{n - 1}'] * 10)}]" for n in range(1, 12))
    found = problems("l0: &l0 [x, x]\n" + levels)
    assert "values" in str(found[0]["message"])


def test_canonical_is_sorted_compact_and_stable():
    scenario = parse(SMALL, source="faint.yaml")
    text = canonical(scenario)
    assert (
        json.dumps(json.loads(text), sort_keys=True, separators=(",", ":"), ensure_ascii=False).encode()
        == text
    )
    assert content_hash(scenario) == content_hash(parse(dump_yaml(scenario), source="again"))
    reordered = dump_yaml(scenario).splitlines()
    assert content_hash(scenario) != content_hash(scenario.model_copy(update={"version": "1.1"}))
    assert reordered[0] == "format: holdfast.scenario/1"
    assert b"null" not in text
    assert b'"time_constant_s":120' in text


def test_from_canonical_takes_bytes_text_and_data():
    scenario = parse(SMALL, source="faint.yaml")
    stored = canonical(scenario)
    assert (
        from_canonical(stored)
        == from_canonical(stored.decode())
        == from_canonical(json.loads(stored))
        == scenario
    )


@pytest.mark.parametrize("stored", [b"", b"{", b"[]", b'{"format": "other"}', b"[" * 100_000, b"\xff"])
def test_from_canonical_refuses_what_is_not_a_scenario(stored: bytes):
    with pytest.raises(InvalidInput):
        from_canonical(stored)


def test_written_yaml_is_for_people():
    scenario = parse(SMALL, source="faint.yaml")
    long = "A sentence that is rather long. " * 8
    scenario = scenario.model_copy(
        update={
            "scene": scenario.scene.model_copy(
                update={"location": long.strip(), "safety": "First line\nsecond"}
            )
        }
    )
    text = dump_yaml(scenario)
    assert "location: >-" in text
    assert "safety: |-\n    First line\n    second" in text
    assert "null" not in text
    assert "time_constant_s" not in text
    assert parse(text, source="again") == scenario


# Any scenario survives both writings.

words = st.text(st.characters(codec="utf-8", exclude_categories=("Cs",)), min_size=1, max_size=120).filter(
    lambda text: text.strip() != ""
)
TRAPS = """no on 12:30 1.0 1e3 0o17 0x1F null ~ *a &a !x 2024-01-01 = << ' " % @ -a a#b"""
traps = st.sampled_from(
    [*TRAPS.split(), "- a", "a: b", "# x", "a\n\nb", " lead", "trail ", "a\n  b", "tab\tin", "x" * 200]
)
odd_texts = st.sampled_from(["two  spaces " * 9, "a\u2028b", "a\x85b", "a\n\n\n b", "word " * 40])
texts = st.one_of(words, traps, odd_texts)
numbers = st.floats(0, 50, allow_nan=False)
names = st.sampled_from(["oxygen", "aspirin"])
states = st.sampled_from(["initial", "improving"])
conditions = st.recursive(
    st.one_of(
        st.builds(Condition, given=st.lists(names, min_size=1, max_size=2), by_s=st.none() | numbers),
        st.builds(Condition, mentioned=st.lists(texts, min_size=1, max_size=3)),
        st.builds(
            Condition,
            state=st.lists(states, max_size=2),
            vital=st.builds(VitalLimit, sign=st.sampled_from(list(VitalSign)), at_most=numbers),
        ),
        st.builds(Condition, any=st.just([])),
    ),
    lambda inner: st.builds(Condition, **{"any": st.lists(inner, min_size=1, max_size=2), "not": inner}),
    max_leaves=4,
)
doses = st.builds(
    Dose,
    unit=st.sampled_from(["mg", "ml_per_kg"]),
    minimum=st.just(0.1),
    maximum=st.floats(60, 1e6),
    standard=st.floats(0.1, 60),
    routes=st.lists(st.sampled_from(list(Route)), min_size=1, max_size=2),
)
effects = st.builds(
    Effect,
    onset_s=numbers,
    targets=st.builds(VitalTargets, spo2=st.none() | numbers),
    to_state=st.none() | states,
)
treatments = st.builds(
    Treatment,
    name=texts,
    synonyms=st.lists(texts, max_size=2),
    kind=st.sampled_from(list(TreatmentKind)),
    impact=st.sampled_from(list(Impact)),
    doses=st.lists(doses, max_size=2),
    contraindications=st.lists(
        st.builds(
            Contraindication,
            severity=st.sampled_from(["absolute", "relative"]),
            when=conditions,
            reason=texts,
        ),
        max_size=1,
    ),
    effect=st.none() | effects,
    reason=st.none() | texts,
)
findings = st.builds(
    Finding,
    name=texts,
    category=st.sampled_from(list(FindingCategory)),
    text=st.fixed_dictionaries({"default": texts}, optional={"improving": texts}),
    measures=st.lists(st.sampled_from(list(VitalSign)), max_size=2),
)
transitions = st.builds(
    Transition,
    origin=st.just("*") | st.lists(states, min_size=1, max_size=2),
    to=states,
    when=conditions,
    reason=texts,
)


@st.composite
def scenarios(draw: st.DrawFn) -> Scenario:
    base = parse(SMALL, source="faint.yaml")
    return Scenario.model_validate(
        dict(base)
        | {
            "treatments": {"oxygen": draw(treatments), "aspirin": draw(treatments)},
            "findings": draw(
                st.dictionaries(st.sampled_from(["airway", "no", "5", "1.5", "true"]), findings, max_size=3)
            ),
            "transitions": draw(st.lists(transitions, max_size=2)),
            "teaching_points": draw(
                st.lists(st.builds(TeachingPoint, text=texts, when=st.none() | conditions), max_size=2)
            ),
        }
    )


@settings(max_examples=150, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(scenarios())
def test_any_scenario_survives_writing_and_reading(scenario: Scenario):
    assert parse(dump_yaml(scenario), source="written") == scenario
    assert from_canonical(canonical(scenario)) == scenario
    assert content_hash(from_canonical(canonical(scenario))) == content_hash(scenario)


@settings(max_examples=200, deadline=None)
@given(st.text(max_size=200) | st.binary(max_size=200))
def test_no_text_gets_anything_but_a_scenario_error(text: str | bytes):
    with pytest.raises(ScenarioErrors):
        parse(text, source="random")
