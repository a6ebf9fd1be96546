"""How each kind of variable is stored: the type of its column, and what its file tells of it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict

import orjson
import polars as pl

from holdfast.core.codebook import Kind, Table

TYPES: Mapping[Kind, pl.DataType] = {
    Kind.IDENTIFIER: pl.String(),
    Kind.DIRECT: pl.String(),
    Kind.CATEGORY: pl.String(),
    Kind.TEXT: pl.String(),
    Kind.FREE_TEXT: pl.String(),
    Kind.INTEGER: pl.Int64(),
    Kind.NUMBER: pl.Float64(),
    Kind.BOOLEAN: pl.Boolean(),
    Kind.MOMENT: pl.Datetime("us", "UTC"),
}


def described_as(table: Table) -> dict[str, str]:
    """What a Parquet file tells of its table in its own metadata: all that the codebook says."""
    return {"holdfast.codebook": orjson.dumps(asdict(table)).decode()}


def schema_of(table: Table) -> pl.Schema:
    """Names and types of a table's columns, in order."""
    return pl.Schema({variable.name: TYPES[variable.kind] for variable in table.variables})
