"""The published JSON Schema of the scenario format, for editors and for other programs."""

from __future__ import annotations

import json
from functools import cache
from typing import Any

from pydantic.json_schema import GenerateJsonSchema, JsonSchemaValue
from pydantic_core import core_schema

from holdfast.programs.simulation.scenario.model import Scenario
from holdfast.programs.simulation.scenario.vocabulary import as_tuple

SCHEMA_ID = "https://holdfast.example/schema/scenario-1.json"
"""A name, not a place: nothing is fetched from there."""


class _Generator(GenerateJsonSchema):
    """Says also that a list of one may be written as the one (``given: oxygen``)."""

    def function_before_schema(self, schema: core_schema.BeforeValidatorFunctionSchema) -> JsonSchemaValue:
        inner = self.generate_inner(schema["schema"])
        if schema["function"]["function"] is not as_tuple:
            return inner
        return {"anyOf": [inner["items"], inner]}


@cache
def _generated() -> str:
    schema = Scenario.model_json_schema(by_alias=True, mode="validation", schema_generator=_Generator)
    head = {"$schema": GenerateJsonSchema.schema_dialect, "$id": SCHEMA_ID, "title": "Holdfast scenario"}
    body = {key: value for key, value in schema.items() if key not in head}
    return json.dumps(head | body, indent=2, ensure_ascii=False) + "\n"


def json_schema() -> dict[str, Any]:
    """The JSON Schema (draft 2020-12) of a scenario file; a fresh copy on each call."""
    schema: dict[str, Any] = json.loads(_generated())
    return schema


def schema_text() -> str:
    """The schema as it is published in ``docs/scenario.schema.json``."""
    return _generated()
