"""What is kept of erased students so that they stay away: fingerprints of how outside systems named them.

A fingerprint is a keyed hash: it answers "was this one erased?" to whoever brings the id again, and
tells nothing to whoever reads the table without the key.
"""

from __future__ import annotations

import hmac
from uuid import UUID

from holdfast.kit.errors import NotAllowed
from holdfast.store.statements import Connection, load

statements = load("holdfast.core", "erasure.sql")


class IdentityKey:
    """The key under which erased identities are fingerprinted (HMAC-SHA-256)."""

    def __init__(self, secret: str) -> None:
        self._key = hmac.digest(secret.encode(), b"holdfast erased identities", "sha256")
        self.key_id = hmac.digest(self._key, b"key id", "sha256")[:8]

    def fingerprint(self, system: str, external_id: str) -> bytes:
        """What is kept of an identity: 32 bytes that only this key can recompute."""
        return hmac.digest(self._key, f"{len(system)}:{system}{external_id}".encode(), "sha256")


async def bar(connection: Connection, student_id: UUID, key: IdentityKey) -> None:
    """Keep whoever a student is outside from coming back; called where a student is erased."""
    rows = await statements.identities_of.rows(connection, student_id=student_id)
    if rows:
        fingerprints = [key.fingerprint(row["system"], row["external_id"]) for row in rows]
        await statements.bar.run(connection, fingerprints=fingerprints, key_id=key.key_id)


async def refuse_the_erased(connection: Connection, key: IdentityKey, system: str, external_id: str) -> None:
    """Raises NotAllowed for an identity that was erased, or when nobody can tell whether it was.

    Nobody can tell once the key has changed: then no newcomer is taken until the earlier key is back.
    """
    row = await statements.barred.row(
        connection, fingerprint=key.fingerprint(system, external_id), key_id=key.key_id
    )
    if row is None or row["erased"]:
        raise NotAllowed("this student was erased")
    if row["unknowable"]:
        raise NotAllowed(
            "newcomers cannot be taken: students were erased under another HOLDFAST_IDENTITY_SECRET"
        )
