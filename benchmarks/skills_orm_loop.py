"""The peer of `skills_backup`: what the older system's scripts did, objects in a loop."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import asyncpg
from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession, create_async_engine
from sqlalchemy.orm import registry, relationship, selectinload

import holdfast.core.tables  # noqa: F401  # foreign keys lead there
from holdfast.programs.skills import tables
from holdfast.store.database import normalised_url


class Evidence:
    """A row of `evidence`."""


class Assessment:
    """A row of `skill_assessments` with its evidence."""

    evidence: list[Evidence]
    created_at: Any


_mapper = registry()
_mapper.map_imperatively(Evidence, tables.evidence)
_mapper.map_imperatively(
    Assessment,
    tables.skill_assessments,
    properties={"evidence": relationship(Evidence, order_by=tables.evidence.c.created_at)},
)


def _session(url: str) -> AsyncSession:
    engine = create_async_engine(
        "postgresql+asyncpg://", async_creator=lambda: asyncpg.connect(normalised_url(url))
    )
    return AsyncSession(engine, expire_on_commit=False)


async def export(url: str, path: Path) -> None:
    """Load all objects with their evidence, then write them in one go."""
    async with _session(url) as session:
        found = await session.execute(
            select(Assessment)
            .options(selectinload(Assessment.evidence))  # type: ignore[arg-type]
            .order_by(Assessment.created_at)
        )
        rows = [
            _shown(one, tables.skill_assessments)
            | {"evidence": [_shown(piece, tables.evidence) for piece in one.evidence]}
            for one in found.scalars()
        ]
    document = {"export_timestamp": "", "total_assessments": len(rows), "assessments": rows}
    with path.open("w") as file:  # as the older script did
        json.dump(document, file, indent=2, default=str)


async def restore(url: str, path: Path) -> None:
    """Look each one up, flush it, add its evidence; commit each hundred."""
    with path.open() as file:
        records = json.load(file)["assessments"]
    async with _session(url) as session:
        for number, record in enumerate(records, 1):
            pieces = record.pop("evidence")
            if await session.get(Assessment, record["id"]) is None:
                session.add(_made(Assessment, record))
                await session.flush()
                for piece in pieces:
                    session.add(_made(Evidence, piece))
            if number % 100 == 0:
                await session.commit()
        await session.commit()


def _shown(one: Any, table: Any) -> dict[str, Any]:
    return {column.name: getattr(one, column.name) for column in table.columns}


def _made(kind: type[Any], values: dict[str, Any]) -> Any:
    one = kind()
    for name, value in values.items():
        timed = name.endswith("_at")
        setattr(one, name, datetime.fromisoformat(value).astimezone(UTC) if timed else value)
    return one
