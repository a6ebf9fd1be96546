"""What a format could not hold as it was: told in the manifest, file by file, never silent."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from typing import Any


@dataclass(frozen=True, slots=True)
class Notice:
    """Something in a file that differs from the dataset.

    Attributes:
        file: relative to the bundle.
        table: of the dataset.
        variable: the column.
        what: a sentence.
        count: how many values it is about.
    """

    file: str
    table: str
    variable: str
    what: str
    count: int

    def to_json(self) -> dict[str, Any]:
        """As the manifest holds it."""
        return asdict(self)
