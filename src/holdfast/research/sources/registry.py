"""Everybody whom the database knows by name, so that texts can be searched for them."""

from __future__ import annotations

from holdfast.research.deidentification.masking import Person
from holdfast.store.statements import Connection, load

statements = load("holdfast.research.sources", "database.sql")


async def registered_people(connection: Connection) -> tuple[Person, ...]:
    """Students, accounts and profiles, with every code they go by; of all cohorts, withdrawn ones too.

    A database that was never used, or is of an older version, holds fewer of them.
    """
    if not await statements.has_table.value(connection, name="holdfast.students"):
        return ()
    rows = await statements.everybody.rows(connection)
    people = [Person(row["name"], row["email"] or "", tuple(row["codes"])) for row in rows]
    if not await statements.has_table.value(connection, name="holdfast.student_profiles"):
        return tuple(people)
    others = await statements.other_names.rows(connection)
    people += [Person(row["name"], "", tuple(filter(None, [row["external_id"]]))) for row in others]
    return tuple(people)
