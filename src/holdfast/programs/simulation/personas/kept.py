"""What is made of a scenario once and kept as long as the scenario lives."""

from __future__ import annotations

import weakref
from collections.abc import Callable
from typing import Generic, TypeVar

from holdfast.programs.simulation.scenario.model import Scenario

Made = TypeVar("Made")


class Kept(Generic[Made]):
    """Makes a value of each scenario at the first request; it must not hold the scenario itself."""

    def __init__(self, make: Callable[[Scenario], Made]) -> None:
        self._make = make
        self._made: dict[int, tuple[weakref.ref[Scenario], Made]] = {}

    def of(self, scenario: Scenario) -> Made:
        """The value of this scenario."""
        key = id(scenario)
        kept = self._made.get(key)
        if kept is not None and kept[0]() is scenario:
            return kept[1]
        made = self._make(scenario)
        self._made[key] = (weakref.ref(scenario, lambda _: self._made.pop(key, None)), made)
        return made
