"""The one refusal of the statistics: a number would mean nothing here, and this is why."""

from __future__ import annotations

from typing import ClassVar

from holdfast.kit.errors import HoldfastError


class Meaningless(HoldfastError):
    """A number was asked for that would mean nothing; ``reason`` is a sentence for the report."""

    code: ClassVar[str] = "meaningless"

    def __init__(self, reason: str) -> None:
        super().__init__(reason)
        self.reason = reason
