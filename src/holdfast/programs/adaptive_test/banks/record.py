"""One record of a bank file."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

from holdfast.programs.adaptive_test.question import Problem


@dataclass(frozen=True, slots=True)
class Record:
    """A record's values and where it stands (such as ``bank.csv line 7``); or why it could not be read."""

    where: str
    values: dict[str, Any] = field(default_factory=dict)
    problem: Problem | None = None
