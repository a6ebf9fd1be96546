"""The published schema is current, is a valid schema, and accepts what the reader accepts."""

from pathlib import Path

import jsonschema
import pytest

from holdfast.programs.simulation.scenario import library, notation
from holdfast.programs.simulation.scenario.loading import dump_yaml, parse
from holdfast.programs.simulation.scenario.publishing import SCHEMA_ID, json_schema, schema_text

ROOT = Path(__file__).parents[2]
FILES = sorted((ROOT / "src/holdfast/programs/simulation/library").glob("*.yaml"))


def validator() -> jsonschema.Draft202012Validator:
    jsonschema.Draft202012Validator.check_schema(json_schema())
    return jsonschema.Draft202012Validator(json_schema())


def test_the_checked_in_schema_is_current():
    stored = (ROOT / "docs/scenario.schema.json").read_text(encoding="utf-8")
    assert stored == schema_text(), "write schema_text() to docs/scenario.schema.json"


def test_the_schema_has_a_name_and_is_handed_out_as_a_copy():
    first = json_schema()
    assert first["$id"] == SCHEMA_ID
    first.clear()
    assert json_schema()["$id"] == SCHEMA_ID


@pytest.mark.parametrize("file", FILES, ids=lambda file: file.name)
def test_shipped_files_validate_against_the_schema(file: Path):
    assert [error.message for error in validator().iter_errors(notation.read(file.read_bytes()).data)] == []


@pytest.mark.parametrize("file", FILES, ids=lambda file: file.name)
def test_a_shipped_scenario_that_is_written_again_validates_too(file: Path):
    text = dump_yaml(parse(file.read_bytes(), source=file.name))
    assert list(validator().iter_errors(notation.read(text).data)) == []


def test_one_may_be_written_for_a_list_of_one_and_unknown_keys_are_refused():
    schema = {"$ref": "#/$defs/Condition", "$defs": json_schema()["$defs"]}
    check = jsonschema.Draft202012Validator(schema)
    assert check.is_valid({"given": "oxygen"})
    assert check.is_valid({"given": ["oxygen"], "not": {"any": [{"state": "initial"}]}})
    assert not check.is_valid({"gven": "oxygen"})
    assert not check.is_valid({"given": 5})


def test_shipped_scenarios_are_found_by_id_and_alias_in_any_case():
    shipped = library.shipped()
    assert list(shipped) == sorted(shipped)
    assert len(shipped) == len(FILES)
    for scenario in shipped.values():
        for name in (scenario.id, scenario.id.upper(), *scenario.aliases):
            assert library.find(name) is scenario
    assert library.find("no such scenario") is None
    shipped.clear()
    assert len(library.shipped()) == len(FILES)
