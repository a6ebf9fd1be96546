"""The shared metadata and the column idioms that every declaration uses."""

from __future__ import annotations

from typing import Any

from sqlalchemy import TIMESTAMP, Column, MetaData, Text, text
from sqlalchemy.types import UserDefinedType

from holdfast.store.schema import SCHEMA

metadata = MetaData(
    schema=SCHEMA,
    naming_convention={
        "pk": "%(table_name)s_pkey",
        "fk": "%(table_name)s_%(column_0_name)s_fkey",
        "uq": "%(table_name)s_%(column_0_N_name)s_key",
        "ix": "%(table_name)s_%(column_0_N_name)s_idx",
        "ck": "%(table_name)s_%(constraint_name)s_check",
    },
)


class TransactionId(UserDefinedType[int]):
    """PostgreSQL's 64-bit transaction id (``xid8``), by which readers follow what has committed."""

    cache_ok = True

    def get_col_spec(self, **_: Any) -> str:
        """The type's name in DDL."""
        return "xid8"


def moment(name: str, *, required: bool = False, comment: str | None = None) -> Column[Any]:
    """An aware timestamp."""
    return Column(name, TIMESTAMP(timezone=True), nullable=not required, comment=comment)


def stamped(name: str = "created_at", comment: str | None = None) -> Column[Any]:
    """An aware timestamp that the database fills in at the moment of writing."""
    default = text("clock_timestamp()")
    return Column(name, TIMESTAMP(timezone=True), nullable=False, server_default=default, comment=comment)


def one_of(column: str, *values: str) -> str:
    """The text of a check that a column holds one of some words."""
    listed = ", ".join(f"'{value}'" for value in values)
    return f"{column} IN ({listed})"


def words(name: str, *, required: bool = True, comment: str | None = None) -> Column[Any]:
    """A text column."""
    return Column(name, Text, nullable=not required, comment=comment)
