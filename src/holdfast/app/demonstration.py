"""A demonstration study, so that a newcomer can look around at once."""

from __future__ import annotations

from uuid import UUID

from holdfast.app.services import Services
from holdfast.core import cohorts
from holdfast.core.access import Role
from holdfast.core.cohorts import NewCohort
from holdfast.kit.errors import NotFound
from holdfast.store.database import Database

COHORT = "Demonstration"
JOIN_CODE = "demo"
INSTRUCTOR = UUID("00000000-0000-7000-8000-000000000001")
"""The subject of the instructor's token that is printed; no account, so there is no password to guess."""


async def prepare(services: Services, url: str) -> list[str]:
    """Create the study if it is not there; the lines to print, with links to open.

    It runs before the server's loop does, so on a pool of its own.
    """
    database = Database(services.database.url, services.database.options)
    try:
        async with database.transaction() as connection:
            try:
                await cohorts.by_name(connection, COHORT)
            except NotFound:
                new = NewCohort(COHORT, join_code=JOIN_CODE)
                await cohorts.create(connection, new, actor="service")
    finally:
        await database.close()
    token = services.authority.issue(Role.INSTRUCTOR, str(INSTRUCTOR), now=services.clock())
    return [
        f"Play as a student:      {url}/join/{JOIN_CODE}",
        f"Watch as an instructor: {url}/enter#{token}",
        f"Interface description:  {url}/docs",
    ]
