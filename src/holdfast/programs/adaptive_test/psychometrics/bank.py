"""An item bank in one version: which items there are, what is known of them, what they are good for."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any

import numpy as np
from numpy.typing import NDArray

from holdfast.kit.errors import InvalidInput
from holdfast.programs.adaptive_test.psychometrics.models import BoolArray, IntArray, ItemParameters

DIGEST_BYTES = 16


class Status(StrEnum):
    """What an item is used for."""

    DRAFT = "draft"
    PRETEST = "pretest"
    ACTIVE = "active"
    RETIRED = "retired"


@dataclass(frozen=True, slots=True, eq=False)
class Bank:
    """One version of a bank of n items; immutable, so that whatever was computed from it stays right.

    Attributes:
        version: the name under which the version is stored.
        ids: unique item ids; their order decides ties, so it belongs to the version.
        parameters: of all items; NaN for those that are not calibrated.
        status: of each item; all are active when not given.
        areas: content area of each item, "" for none; all none when not given.
        enemies: sets of ids of which one test may use one; overlapping sets are one larger set.
        active: items that may be chosen and scored.
        pretest: items that may be shown without being scored.
        group: number of each item's enemy set, -1 for none.
        index: position of each id.
        digest: of all of the above, in hexadecimal.

    Raises:
        InvalidInput: naming the column and, in the message, the item.
    """

    version: str
    ids: tuple[str, ...]
    parameters: ItemParameters
    status: tuple[Status, ...] = ()
    areas: tuple[str, ...] = ()
    enemies: tuple[frozenset[str], ...] = ()
    active: BoolArray = field(init=False)
    pretest: BoolArray = field(init=False)
    group: IntArray = field(init=False)
    index: dict[str, int] = field(init=False)
    digest: str = field(init=False)

    def __post_init__(self) -> None:
        n = len(self.ids)
        put = object.__setattr__
        put(self, "ids", tuple(self.ids))
        put(self, "status", tuple(Status(s) for s in self.status) or (Status.ACTIVE,) * n)
        put(self, "areas", tuple(self.areas) or ("",) * n)
        put(self, "enemies", tuple(frozenset(s) for s in self.enemies))
        put(self, "index", {item: i for i, item in enumerate(self.ids)})
        self._check(n)
        put(self, "active", _frozen(np.array([s is Status.ACTIVE for s in self.status], dtype=np.bool_)))
        put(self, "pretest", _frozen(np.array([s is Status.PRETEST for s in self.status], dtype=np.bool_)))
        put(self, "group", _frozen(_groups(n, [[self.index[i] for i in s] for s in self.enemies])))
        for i in np.flatnonzero(self.active & ~self.parameters.calibrated):
            message = f"item {self.ids[i]!r} is active but has no calibrated parameters"
            raise InvalidInput(message, field="status")
        put(self, "digest", self._digest())

    def __len__(self) -> int:
        return len(self.ids)

    def _check(self, n: int) -> None:
        if len(self.index) != n:
            raise InvalidInput("item ids must be unique", field="ids")
        for name in ("parameters", "status", "areas"):
            if len(getattr(self, name)) != n:
                raise InvalidInput("one value for each item is needed", field=name)
        for unknown in (i for s in self.enemies for i in s if i not in self.index):
            raise InvalidInput(f"item {unknown!r} is not in the bank", field="enemies")

    def _digest(self) -> str:
        found = hashlib.blake2b(digest_size=DIGEST_BYTES)
        texts = ("\x1f".join(column) for column in (self.ids, self.status, self.areas))
        for text in (self.version, *texts, self.parameters.parameterisation):
            found.update(text.encode() + b"\x1e")
        for column in (self.parameters.a, self.parameters.b, self.parameters.c, self.parameters.d):
            found.update(column.astype("<f8").tobytes())
        found.update(self.group.astype("<i8").tobytes())
        return found.hexdigest()

    def positions(self, ids: Sequence[str]) -> IntArray:
        """Positions of ids; those that this version does not know are left out."""
        known = (self.index[i] for i in ids if i in self.index)
        return np.fromiter(known, dtype=np.int64)


def _frozen(values: NDArray[Any]) -> NDArray[Any]:
    values.setflags(write=False)
    return values


def _groups(n: int, sets: Sequence[Sequence[int]]) -> IntArray:
    """Connected sets as numbers 0, 1, … in order of their first item; -1 for items in none of two or more."""
    root = list(range(n))

    def find(i: int) -> int:
        while root[i] != i:
            root[i] = root[root[i]]
            i = root[i]
        return i

    for members in sets:
        for i in members[1:]:
            low, high = sorted((find(members[0]), find(i)))
            root[high] = low
    roots = np.array([find(i) for i in range(n)], dtype=np.int64)
    kinds, sizes = np.unique(roots, return_counts=True)
    number = np.full(n, -1, dtype=np.int64)
    number[kinds[sizes > 1]] = np.arange(int((sizes > 1).sum()))
    return number[roots] if n else roots
