"""Share links: whoever has one sees a student's statistics. They name the student by UUID, never by e-mail.

A link is ``<student>.<share>.<proof>``. The proof is made under the service's secret, so that the rows
alone make no link; the rows say until when a link works and whether it was revoked.
"""

from __future__ import annotations

from hmac import compare_digest
from typing import Any
from uuid import UUID, uuid4

from holdfast.core.access import Principal, TokenAuthority
from holdfast.core.journal import Event, record
from holdfast.kit.clock import iso
from holdfast.kit.errors import NotFound
from holdfast.programs.practice.saving import statements
from holdfast.store.statements import Connection

PURPOSE = "practice share"
LONGEST_DAYS = 90


class Sharing:
    """Making, reading and revoking share links."""

    def __init__(self, authority: TokenAuthority) -> None:
        self._authority = authority

    async def create(
        self, connection: Connection, student_id: UUID, days: int, caller: Principal
    ) -> dict[str, Any]:
        """A new share that works for so many days; its link is not among what may be stored."""
        share_id = uuid4()
        expires = await statements.insert_share.value(
            connection, share_id=share_id, student_id=student_id, days=days
        )
        await record(connection, Event("practice.shared", caller.actor, student_id, object=str(share_id)))
        return {"share_id": str(share_id), "user_id": str(student_id), "expires_at": iso(expires)}

    def with_link(self, share: dict[str, Any]) -> dict[str, Any]:
        """A share as `create` describes it, with its link."""
        return share | {"link": self._link(UUID(share["user_id"]), UUID(share["share_id"]))}

    async def listing(self, connection: Connection, student_id: UUID) -> dict[str, Any]:
        """The links of a student that work."""
        rows = await statements.shares.rows(connection, student_id=student_id)
        return {
            "shares": [
                {
                    "share_id": str(row["share_id"]),
                    "link": self._link(student_id, row["share_id"]),
                    "expires_at": iso(row["expires_at"]),
                    "created_at": iso(row["created_at"]),
                }
                for row in rows
            ]
        }

    async def revoke(
        self, connection: Connection, student_id: UUID, share_id: UUID, caller: Principal
    ) -> dict[str, Any]:
        """Let a link work no more.

        Raises:
            NotFound: the student has no such link that works.
        """
        if not await statements.revoke_share.run(connection, share_id=share_id, student_id=student_id):
            raise NotFound("there is no such link", field="share_id")
        await record(
            connection, Event("practice.share_revoked", caller.actor, student_id, object=str(share_id))
        )
        return {"success": True}

    async def student_of(self, connection: Connection, link: str) -> UUID:
        """The student whose link this is.

        Raises:
            NotFound: it is forged, revoked or too old; which of these is not said.
        """
        found = self._read(link)
        if found is not None:
            student_id, share_id = found
            if await statements.share_works.value(connection, share_id=share_id, student_id=student_id):
                return student_id
        raise NotFound("this link does not work (any more)", field="link")

    def _link(self, student_id: UUID, share_id: UUID) -> str:
        named = f"{student_id}.{share_id}"
        return f"{named}.{self._authority.sealed(PURPOSE, named)}"

    def _read(self, link: str) -> tuple[UUID, UUID] | None:
        student, _, rest = link.partition(".")
        share, _, _ = rest.partition(".")
        try:
            named = UUID(student), UUID(share)
        except ValueError:
            return None
        genuine = compare_digest(self._link(*named).encode(), link.encode(errors="replace"))
        return named if genuine else None
