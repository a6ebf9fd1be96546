"""The schema: what is declared is what the migrations make, and every statement fits it."""

import asyncio
import warnings
from importlib import import_module
from pathlib import Path

import asyncpg
import pytest
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from sqlalchemy import Connection, text
from sqlalchemy.ext.asyncio import create_async_engine

import holdfast
from holdfast.kit.errors import Misconfigured, StoreUnavailable
from holdfast.store.schema import SCHEMA
from holdfast.store.schema.declarations import metadata
from holdfast.store.schema.migrations import current_version, migrate, newest_version
from holdfast.store.statements import load

HOUSE = Path(holdfast.__file__).parent
FILES = [
    (".".join(("holdfast", *file.relative_to(HOUSE).parent.parts)), file.name)
    for file in sorted(HOUSE.rglob("*.sql"))
    if file.parent.name != "versions"
]
for room in sorted(HOUSE.rglob("tables.py")):
    import_module(".".join(("holdfast", *room.relative_to(HOUSE).with_suffix("").parts)))
VERSIONS = HOUSE / "store" / "schema" / "versions"
ALL = sorted(file.name[:4] for file in VERSIONS.glob("[0-9]*.py"))


def _differences(connection: Connection) -> list[object]:
    # SQLAlchemy does not know xid8 and says so; the type is compared by name where it is declared.
    warnings.filterwarnings("ignore", message="Did not recognize type 'xid8'")
    options = {
        "version_table_schema": SCHEMA,
        "include_schemas": True,
        "compare_type": True,
        "compare_server_default": True,
        "include_name": lambda name, kind, _: name == SCHEMA if kind == "schema" else True,
        "include_object": lambda _, name, kind, __, ___: (kind, name) != ("table", "alembic_version"),
    }
    return list(compare_metadata(MigrationContext.configure(connection, opts=options), metadata))


def _engine(url):
    # The user of the embedded server is called like the schema, which would make it the default one.
    return create_async_engine(
        url.replace("postgresql://", "postgresql+asyncpg://", 1),
        connect_args={"server_settings": {"search_path": "public"}},
    )


async def test_the_declared_schema_is_what_the_migrations_make(database_url):
    engine = _engine(database_url)
    async with engine.connect() as connection:
        assert await connection.run_sync(_differences) == []
    await engine.dispose()


async def test_a_difference_would_be_seen(database_url):
    engine = _engine(database_url)
    async with engine.connect() as connection:
        await connection.execute(text("ALTER TABLE holdfast.students ADD COLUMN shoe_size integer"))
        assert await connection.run_sync(_differences) != []
    await engine.dispose()


@pytest.mark.parametrize(("package", "filename"), FILES)
async def test_every_statement_fits_the_schema(database_url, package, filename):
    connection = await asyncpg.connect(database_url)
    for statement in load(package, filename):
        await connection.prepare(statement.sql)
    await connection.close()


async def test_migrating_twice_changes_nothing(empty_database_url):
    assert await current_version(empty_database_url) is None
    assert await migrate(empty_database_url) == ALL
    assert await migrate(empty_database_url) == []
    assert await current_version(empty_database_url) == newest_version()


async def test_an_address_may_carry_what_only_the_driver_knows(empty_database_url):
    assert await migrate(f"{empty_database_url}&sslmode=disable") == ALL


async def test_processes_that_start_at_once_migrate_once(empty_database_url):
    applied = await asyncio.gather(*(migrate(empty_database_url) for _ in range(4)))
    assert sorted(applied) == [[], [], [], ALL]


async def test_a_database_newer_than_the_code_is_refused(database_url):
    connection = await asyncpg.connect(database_url)
    await connection.execute("UPDATE holdfast.alembic_version SET version_num = '9999'")
    with pytest.raises(Misconfigured, match="9999.*newer"):
        await migrate(database_url)
    assert await connection.fetchval("SELECT version_num FROM holdfast.alembic_version") == "9999"
    await connection.close()


async def test_a_database_that_is_not_there_is_told_so():
    with pytest.raises(StoreUnavailable):
        await migrate("postgresql://nobody@127.0.0.1:1/nothing")


async def test_updated_at_moves_by_itself_and_respects_a_restore(database_url):
    connection = await asyncpg.connect(database_url)
    await connection.execute(
        "INSERT INTO holdfast.students (student_id, student_code, name, updated_at)"
        " VALUES (gen_random_uuid(), 'a', 'A', '2020-01-01Z')"
    )
    await connection.execute("UPDATE holdfast.students SET name = 'B'")
    moved = await connection.fetchval("SELECT updated_at > '2021-01-01Z' FROM holdfast.students")
    await connection.execute("UPDATE holdfast.students SET updated_at = '2019-05-05Z'")
    kept = await connection.fetchval("SELECT updated_at = '2019-05-05Z' FROM holdfast.students")
    await connection.close()
    assert (moved, kept) == (True, True)


async def test_every_table_that_grows_with_use_carries_the_student():
    ground = {"accounts", "consent_texts", "cohorts", "service_clock", "outages", "erased_identities"}
    ground |= {"chores"}
    definitions = {"scenarios", "workshop_definitions"}
    definitions |= {"question_pools", "questions", "question_versions", "question_exposures"}
    registered = {"research_plans", "research_looks", "research_exports"}
    bare = {table.name for table in metadata.sorted_tables if "student_id" not in table.columns}
    assert bare == ground | definitions | registered
