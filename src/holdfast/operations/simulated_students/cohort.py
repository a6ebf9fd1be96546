"""The cohort that simulated students join: found, or made, over the HTTP interface as staff does it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import httpx

from holdfast.kit.errors import NotAllowed, NotFound
from holdfast.operations.simulated_students.connection import Connection, Refused

USUAL_COHORT = "Simulated"
"""The cohort of simulated students, made when it is missing; no other cohort is made by itself."""


@dataclass(frozen=True, slots=True)
class Membership:
    """How to join a cohort, and which scenarios its plan fixes."""

    name: str
    join_code: str
    scenarios: tuple[str, ...] = ()

    @classmethod
    def of(cls, shown: dict[str, Any]) -> Membership:
        """From a cohort as the interface shows it to staff."""
        section = (shown.get("plan") or {}).get("simulation") or {}
        return cls(shown["name"], shown["joinCode"], tuple(section.get("scenario_queue") or ()))


async def cohort_at(base_url: str, token: str, name: str | None) -> Membership:
    """The cohort of that name; `USUAL_COHORT` is created when it is missing.

    Raises:
        NotFound: no cohort of that name.
        NotAllowed: the token is not one of staff at that server.
    """
    wanted = name or USUAL_COHORT
    async with httpx.AsyncClient(timeout=30) as client:
        connection = Connection(base_url, client, patience_s=30, token=token)
        try:
            listed = await connection.get("/api/cohorts")
            found = next((c for c in listed["cohorts"] if c["name"] == wanted), None)
            if found is None and wanted == USUAL_COHORT:
                found = await connection.post("/api/cohorts", {"name": wanted})
        except Refused as refusal:
            if refusal.status not in (httpx.codes.UNAUTHORIZED, httpx.codes.FORBIDDEN):
                raise
            raise NotAllowed(
                f"{base_url} does not take this token as staff's; give --join-code, or a staff token of"
                " that server in HOLDFAST_TOKEN"
            ) from refusal
    if found is None:
        raise NotFound(
            f"there is no cohort {wanted!r}; create it with: holdfast cohort create", field="cohort"
        )
    if "joinCode" not in found:
        raise NotAllowed("this token does not show join codes; use an instructor's")
    return Membership.of(found)
