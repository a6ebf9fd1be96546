"""The values that a session is made of: its state, an answer, a choice and its reason."""

from __future__ import annotations

import hashlib
from typing import Any, NamedTuple

import numpy as np

from holdfast.programs.adaptive_test.psychometrics.ability.estimate import Estimate
from holdfast.programs.adaptive_test.psychometrics.bank import DIGEST_BYTES
from holdfast.programs.adaptive_test.psychometrics.curves import FloatArray
from holdfast.programs.adaptive_test.psychometrics.models import BoolArray
from holdfast.programs.adaptive_test.psychometrics.opening import ENGINE_VERSION, Opening


class Answer(NamedTuple):
    """One answer of a session, as it is stored."""

    item: str
    right: bool
    scored: bool = True


class State(NamedTuple):
    """Where a session stands; a value, never changed.

    Attributes:
        opening: what was fixed at the start.
        available: items that may still be chosen and scored, before quotas, (n,).
        pretest: items that may still be shown unscored, (n,).
        shown: positions of the items shown, in order, scored or not.
        items: positions of the scored items, in order.
        right: whether each was answered right.
        counts: scored items of each quota's area, and of all others.
        log_posterior: at the nodes, (61,), up to a constant.
        posterior: its mean and SD.
        estimate: by the rules' method.
        change: |estimate - the one before the last scored answer|, infinite before the first.
    """

    opening: Opening
    available: BoolArray
    pretest: BoolArray
    shown: tuple[int, ...]
    items: tuple[int, ...]
    right: tuple[bool, ...]
    counts: tuple[int, ...]
    log_posterior: FloatArray
    posterior: Estimate
    estimate: Estimate
    change: float


class Reason(NamedTuple):
    """Why an item was chosen.

    Attributes:
        criterion: by what; "pretest" for an unscored item.
        value: of the item by that criterion; None for a pretest item.
        information: Fisher information of the item at `ability`; None for a pretest item.
        ability: where the item was looked for.
        se: standard error of the estimate at that time.
        among: from how many items the draw chose.
        eligible: how many items could have been asked.
        areas: scored items of each quota's area so far.
        closed: areas whose quota forbade their items now.
        readmitted: items that exposure control held back and the quotas needed.
    """

    criterion: str
    value: float | None
    information: float | None
    ability: float
    se: float
    among: int
    eligible: int
    areas: dict[str, int]
    closed: tuple[str, ...]
    readmitted: int

    def to_json(self) -> dict[str, Any]:
        """As it is stored with the response."""
        return self._asdict() | {"closed": list(self.closed)}


class Choice(NamedTuple):
    """The next item.

    Attributes:
        item: its id.
        position: where it stands in the bank.
        place: in the test, from 1, counting unscored items.
        scored: whether the answer will count.
        reason: why.
        draw: the random draw it was chosen with.
        digest: of the set of eligible items, hexadecimal.
        engine: version of the engine.
    """

    item: str
    position: int
    place: int
    scored: bool
    reason: Reason
    draw: int
    digest: str
    engine: str = ENGINE_VERSION

    def to_json(self) -> dict[str, Any]:
        """As it is stored with the response."""
        return self._asdict() | {"reason": self.reason.to_json()}


def digest_of(items: BoolArray) -> str:
    """Of a set of items of one bank, in hexadecimal."""
    packed = np.packbits(items).tobytes()
    return hashlib.blake2b(packed, digest_size=DIGEST_BYTES).hexdigest()
