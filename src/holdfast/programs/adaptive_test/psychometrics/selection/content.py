"""Content quotas, and whether a pool can meet them: at least and at most so many items of each area.

An item belongs to one area. While a test runs, an area is open when one more of its items leaves room for
what all areas are still owed; taking items from open areas keeps a feasible test feasible, so that there
is no dead end. What could break that promise is an enemy set over several areas, since an item here would
use up one there: for one session each such set is therefore bound to one of its areas (`bind`), by need
first.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from holdfast.kit.errors import InvalidInput
from holdfast.programs.adaptive_test.psychometrics.bank import Bank
from holdfast.programs.adaptive_test.psychometrics.models import BoolArray, IntArray
from holdfast.programs.adaptive_test.psychometrics.selection.draws import PER_ITEM, uniform

_UNBOUNDED = 1 << 30


@dataclass(frozen=True, slots=True)
class Quota:
    """How many scored items a test takes from an area.

    Attributes:
        area: the name, as in the bank.
        minimum: at least, 0 or more.
        maximum: at most; None for no limit.
    """

    area: str
    minimum: int = 0
    maximum: int | None = None

    def __post_init__(self) -> None:
        if not self.area:
            raise InvalidInput("a quota needs the name of an area", field="quotas")
        if self.minimum < 0 or (self.maximum is not None and self.maximum < max(self.minimum, 0)):
            message = f"the quota of area {self.area!r} must have 0 <= minimum <= maximum"
            raise InvalidInput(message, field="quotas")


class InfeasibleQuota(InvalidInput):
    """No test can meet a quota; the message names it, `details["area"]` too where it is one area's."""


class Blueprint:
    """The quotas of a test compiled for a bank: K quotas, and area K for everything else.

    Attributes:
        names: the quotas' areas, in order.
        code: area number of each item, (n,).
        minimum: (K + 1,); maximum: (K + 1,).
        length: scored items at most.
        shortest: scored items at least.
        in_area: which items belong to each area, (K + 1, n).
    """

    def __init__(self, bank: Bank, quotas: Sequence[Quota], shortest: int, length: int) -> None:
        self.names = tuple(quota.area for quota in quotas)
        if len(set(self.names)) != len(self.names):
            raise InvalidInput("one quota for each area", field="quotas")
        number = {name: k for k, name in enumerate(self.names)}
        other = len(quotas)
        code = np.array([number.get(area, other) for area in bank.areas], dtype=np.int64)
        self.code = code
        self.minimum = np.array([*(quota.minimum for quota in quotas), 0], dtype=np.int64)
        limits = (_UNBOUNDED if quota.maximum is None else quota.maximum for quota in quotas)
        self.maximum = np.array([*limits, _UNBOUNDED], dtype=np.int64)
        self.length, self.shortest = length, shortest
        self.in_area = code == np.arange(other + 1)[:, np.newaxis]
        self._group = bank.group
        self._grouped = bool((bank.group >= 0).any())
        self._crossing = self._crossing_groups(bank) if quotas else {}
        owed = int(self.minimum.sum())
        if owed > length:
            message = (
                f"the quotas ask for at least {owed} items ({self._asked()}), the test has at most {length}"
            )
            raise InfeasibleQuota(message, field="quotas")

    def _asked(self) -> str:
        return ", ".join(f"{name}: {m}" for name, m in zip(self.names, self.minimum, strict=False) if m)

    def _crossing_groups(self, bank: Bank) -> dict[int, IntArray]:
        """Enemy sets whose active items lie in several areas: number -> items."""
        members = np.flatnonzero(bank.active & (bank.group >= 0))
        found = {}
        for group in np.unique(bank.group[members]).tolist():
            own = members[bank.group[members] == group]
            if len(np.unique(self.code[own])) > 1:
                found[group] = own
        return found

    @property
    def binds(self) -> bool:
        """Whether enemy sets have to be bound to areas."""
        return bool(self._crossing)

    def units(self, pool: BoolArray) -> IntArray:
        """How many items a test could take from each area: enemies count once. (K + 1,)."""
        if not self._grouped:
            return np.bincount(self.code[pool], minlength=len(self.minimum))
        alone = np.bincount(self.code[pool & (self._group < 0)], minlength=len(self.minimum))
        members = np.flatnonzero(pool & (self._group >= 0))
        _, first = np.unique(self._group[members], return_index=True)
        found: IntArray = alone + np.bincount(self.code[members[first]], minlength=len(self.minimum))
        return found

    def reach(self, units: IntArray) -> int:
        """How long a test could become, at most its maximum."""
        return min(self.length, int(np.minimum(self.maximum, units).sum()))

    def bind(self, pool: BoolArray, draw: int) -> BoolArray:
        """The pool in which each enemy set lies in one area: what is short first, then by the draw."""
        if not self._crossing:
            return pool
        pool = pool.copy()
        options = {
            group: np.unique(self.code[own[pool[own]]]).tolist() for group, own in self._crossing.items()
        }
        homes = self._needed_homes(pool, options)
        for group, areas in options.items():
            if group not in homes and areas:
                roomy = [k for k in areas if self._room(pool, k)] or areas
                homes[group] = roomy[int(uniform(draw, PER_ITEM + group) * len(roomy))]
        for group, home in homes.items():
            own = self._crossing[group]
            pool[own[self.code[own] != home]] = False
        return pool

    def _room(self, pool: BoolArray, area: int) -> bool:
        """Whether a test could still use one more item of an area."""
        return int(np.count_nonzero(pool & self.in_area[area])) <= int(self.maximum[area])

    def _needed_homes(self, pool: BoolArray, options: dict[int, list[int]]) -> dict[int, int]:
        """Sets that areas short of items need: a largest matching by augmenting paths."""
        free = pool.copy()
        for own in self._crossing.values():
            free[own] = False
        short = np.maximum(self.minimum - self.units(free), 0)
        homes: dict[int, int] = {}
        for area in np.flatnonzero(short).tolist():
            for _ in range(int(short[area])):
                self._match(area, options, homes, set())
        return homes

    def _match(
        self, area: int, options: dict[int, list[int]], homes: dict[int, int], tried: set[int]
    ) -> bool:
        for group, areas in options.items():
            if area not in areas or group in tried:
                continue
            tried.add(group)
            if group not in homes or self._match(homes[group], options, homes, tried):
                homes[group] = area
                return True
        return False

    def require(self, pool: BoolArray) -> None:
        """Refuse a pool (after `bind`) that cannot meet the quotas.

        Raises:
            InfeasibleQuota: naming the area, or saying how long the test could become.
        """
        if not self.names:
            return
        units = self.units(pool)
        for name, owed, there in zip(self.names, self.minimum, units, strict=False):
            if owed > there:
                message = f"the quota of area {name!r} asks for {owed} items, {there} can be given"
                raise InfeasibleQuota(
                    message, field="quotas", area=name, needed=int(owed), available=int(there)
                )
        self._require_length(int(np.minimum(self.maximum, units).sum()))

    def _require_length(self, reach: int) -> None:
        if reach < self.shortest:
            limits = zip(self.names, self.maximum.tolist(), strict=False)
            told = ", ".join(f"{name}: {most}" for name, most in limits if most < _UNBOUNDED) or "no maxima"
            message = f"the quotas ({told}) leave {reach} items, the test has at least {self.shortest}"
            raise InfeasibleQuota(message, field="quotas", available=reach)

    def require_under_rate(self, pool: BoolArray, rate: float) -> None:
        """Refuse quotas that no exposure control can meet: more items a test than `rate` allows on average.

        Raises:
            InfeasibleQuota: naming the area.
        """
        allowed = rate * self.units(pool)
        for name, owed, most in zip(self.names, self.minimum, allowed, strict=False):
            if owed > most + 1e-9:
                message = (
                    f"the quota of area {name!r} asks for {owed} items in each test; with a maximum exposure"
                    f" rate of {rate:g} its items allow {most:.2f}"
                )
                raise InfeasibleQuota(message, field="quotas", area=name, needed=int(owed))
        reach = float(np.minimum(self.maximum, allowed).sum())
        if self.shortest > reach + 1e-9:
            message = (
                f"a maximum exposure rate of {rate:g} allows {reach:.2f} items in each test,"
                f" it has at least {self.shortest}"
            )
            raise InfeasibleQuota(message, field="exposure.rate", available=reach)

    def open_areas(self, counts: IntArray, scored: IntArray) -> BoolArray:
        """Areas that may give the next item: (N, K + 1), from `counts` (N, K + 1) and `scored` (N,)."""
        need = np.maximum(self.minimum - counts, 0)
        spare = (self.length - scored - need.sum(axis=1))[:, np.newaxis]
        found: BoolArray = (counts < self.maximum) & (spare + (need > 0) >= 1)
        return found
