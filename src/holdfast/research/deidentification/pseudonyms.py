"""Pseudonyms and the shift of dates: both decided by a key that stays with the data, never in a bundle."""

from __future__ import annotations

import base64
import hashlib
import hmac

MOST_WEEKS = 104
"""Dates move back by 1 to so many whole weeks: the day of the week and the time of day stay."""

_LENGTH = 13
"""Characters after the first two: 65 bits, so that 100,000 students meet with a chance of one in 10^9."""


class StudyKey:
    """The key of one study: the same study gives the same pseudonyms in every export.

    Two studies with the same people have nothing in common, so that their bundles cannot be joined.
    """

    __slots__ = ("_key",)

    def __init__(self, secret: bytes, study: str) -> None:
        """Derive it.

        Args:
            secret: of this installation, 16 bytes at least.
            study: the name of the study.

        Raises:
            ValueError: the secret is too short to be one.
        """
        if len(secret) < 16:
            raise ValueError("a secret has 16 bytes at least")
        self._key = hmac.digest(secret, b"holdfast research study\x00" + study.encode(), "sha256")

    def pseudonym(self, names: str, value: str) -> str:
        """What stands for a value that names a thing of some sort.

        It begins as its sort does (``st`` of student), so that no program takes it for a number.
        """
        made = hmac.digest(self._key, f"{names}\x00{value}".encode("utf-8", "surrogatepass"), "sha256")
        return names[:2] + base64.b32encode(made[:10])[:_LENGTH].decode().lower()

    def weeks(self, student: str) -> int:
        """By how many weeks the dates of a student move back: 1 to 104, each equally likely."""
        made = hmac.digest(self._key, f"weeks\x00{student}".encode("utf-8", "surrogatepass"), "sha256")
        return 1 + int.from_bytes(made[:8], "big") % MOST_WEEKS

    @property
    def fingerprint(self) -> str:
        """Tells two keys apart and nothing else."""
        return hashlib.sha256(b"fingerprint" + self._key).hexdigest()[:12]
