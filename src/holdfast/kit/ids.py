"""Identifiers: sortable ones for rows, readable ones for people, unguessable ones for secrets."""

from __future__ import annotations

import os
import re
import secrets
import time
import unicodedata
from uuid import UUID

_ALPHABET = "abcdefghijkmnpqrstuvwxyz23456789"
"""Letters and digits that cannot be taken for one another when read aloud or copied by hand."""


def uuid7() -> UUID:
    """A UUID of version 7 (RFC 9562): 48 bits of milliseconds, then random bits."""
    milliseconds = time.time_ns() // 1_000_000
    value = (milliseconds & 0xFFFFFFFFFFFF) << 80 | int.from_bytes(os.urandom(10), "big")
    value = value & ~(0xF << 76) | 0x7 << 76
    return UUID(int=value & ~(0x3 << 62) | 0x2 << 62)


def session_id() -> str:
    """An unguessable session name in the form the older clients know: ``session_`` and more."""
    return f"session_{uuid7().hex}"


def readable(length: int) -> str:
    """A random code of so many unambiguous characters (5 bits each)."""
    return "".join(secrets.choice(_ALPHABET) for _ in range(length))


def student_code(name: str) -> str:
    """A readable, unique code for a student: a slug of the name and nine random characters.

    Letters of any script survive where they have a Latin base letter; a name without one
    gives ``student_…``. The name's part holds at most 30 characters.
    """
    decomposed = unicodedata.normalize("NFKD", name).encode("ascii", "ignore").decode().lower()
    slug = re.sub(r"[^a-z0-9]+", "_", decomposed).strip("_")[:30].strip("_")
    return f"{slug or 'student'}_{readable(9)}"


def secret_token() -> str:
    """A secret of 256 bits for links and keys."""
    return secrets.token_urlsafe(32)
