"""What is fixed when a session opens: its prior, and the items that it may use, decided by one recorded draw.

The pool is the bank's active items without those that the student has seen; exposure control then holds
some of it back. Where the rest could not meet the quotas or the length, the items with the least exposure
come back, so that a session that opens can be finished by its rules.
"""

from __future__ import annotations

import base64
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from holdfast.kit.errors import InvalidInput
from holdfast.programs.adaptive_test.psychometrics.ability.estimate import Prior
from holdfast.programs.adaptive_test.psychometrics.bank import Bank
from holdfast.programs.adaptive_test.psychometrics.curves import FloatArray
from holdfast.programs.adaptive_test.psychometrics.models import BoolArray, IntArray
from holdfast.programs.adaptive_test.psychometrics.rules import Rules
from holdfast.programs.adaptive_test.psychometrics.selection.content import Blueprint
from holdfast.programs.adaptive_test.psychometrics.selection.draws import PER_ITEM, uniforms
from holdfast.programs.adaptive_test.psychometrics.selection.exposure import ExposureCounts, eligibility

ENGINE_VERSION = "1"
"""Changes whenever the same stored facts could lead to another item or another estimate."""


@dataclass(frozen=True, slots=True, eq=False)
class Opening:
    """What a session keeps from its start; with the draws and answers it determines everything else.

    Attributes:
        draw: the recorded draw, 0 to 2^63 - 1.
        prior: the session's prior.
        eligible: items that may be chosen and scored, (n,).
        pretest: items that may be shown unscored, (n,).
        readmitted: how many items came back that exposure control had held back.
        bank: digest of the bank's version.
        rules: digest of the rules.
        engine: version of the engine.
    """

    draw: int
    prior: Prior
    eligible: BoolArray
    pretest: BoolArray
    readmitted: int
    bank: str
    rules: str
    engine: str = ENGINE_VERSION

    def to_json(self) -> dict[str, Any]:
        """As it is stored with the session: item sets are bit strings, n / 6 characters each."""
        return {
            "draw": self.draw,
            "prior": self.prior.to_json(),
            "eligible": _packed(self.eligible),
            "pretest": _packed(self.pretest),
            "readmitted": self.readmitted,
            "bank": self.bank,
            "rules": self.rules,
            "engine": self.engine,
        }

    @classmethod
    def from_json(cls, given: Mapping[str, Any], n: int) -> Opening:
        """From what `to_json` made, for a bank of n items."""
        made = dict(given) | {
            "prior": Prior(**given["prior"]),
            "eligible": _unpacked(given["eligible"], n),
            "pretest": _unpacked(given["pretest"], n),
        }
        return cls(**made)


def _packed(items: BoolArray) -> str:
    return base64.b64encode(np.packbits(items).tobytes()).decode()


def _unpacked(text: str, n: int) -> BoolArray:
    packed = np.frombuffer(base64.b64decode(text), dtype=np.uint8)
    if len(packed) != (n + 7) // 8:
        raise InvalidInput("the set of items is not one of this bank", field="eligible")
    return np.unpackbits(packed, count=n).astype(np.bool_)


class Admission:
    """Opens sessions on one bank under one set of rules.

    Raises:
        InfeasibleQuota: no session could meet the quotas, or none under the maximum exposure rate.
        InvalidInput: there is nothing to ask, or an admission probability names no item.
    """

    def __init__(self, bank: Bank, rules: Rules) -> None:
        self._bank, self._rules = bank, rules
        self.rules_digest = rules.digest
        stopping = rules.stopping
        self.blueprint = Blueprint(bank, rules.quotas, stopping.minimum, stopping.maximum)
        if not bank.active.any():
            raise InvalidInput("the bank has no active item", field="status")
        whole = self.blueprint.bind(bank.active, 0)
        self.blueprint.require(whole)
        if rules.exposure is not None:
            self.blueprint.require_under_rate(whole, rules.exposure.rate)
        self._whole = whole
        self._units = self.blueprint.units(whole)
        self._fixed = self._fixed_admission()
        self._pretest = self._harmless_pretest()

    def _fixed_admission(self) -> FloatArray | None:
        if not self._rules.admission:
            return None
        chances = np.ones(len(self._bank))
        for item, chance in self._rules.admission.items():
            if item not in self._bank.index:
                raise InvalidInput(f"item {item!r} is not in the bank", field="admission")
            chances[self._bank.index[item]] = chance
        return chances

    def _harmless_pretest(self) -> BoolArray:
        """Pretest items without an active enemy: to show one must not cost the test an item."""
        bank = self._bank
        taken = np.unique(bank.group[bank.active & (bank.group >= 0)])
        found: BoolArray = bank.pretest & ~np.isin(bank.group, taken)
        return found

    def chances(self, counts: ExposureCounts | None) -> FloatArray | None:
        """Probability of each item to be eligible, (n,); None when there is no control."""
        live = None
        if self._rules.exposure is not None:
            live = eligibility(self._rules.exposure, counts or ExposureCounts.none(len(self._bank)))
        if live is None or self._fixed is None:
            return live if self._fixed is None else self._fixed
        return np.minimum(live, self._fixed)

    def luck(self, draw: int | IntArray) -> FloatArray:
        """The number that decides each item's eligibility: (n,), or a row for each of N draws."""
        return uniforms(np.asarray(draw)[..., np.newaxis], PER_ITEM + np.arange(len(self._bank)))

    def open(
        self,
        draw: int,
        prior: Prior | None,
        seen: Sequence[str],
        chances: FloatArray | None,
        luck: FloatArray | None = None,
    ) -> Opening:
        """A session's opening.

        Args:
            draw: 0 to 2^63 - 1, stored with the session.
            prior: the session's own; the rules' when None.
            seen: ids of items that the student was shown in earlier sessions.
            chances: of each item to be eligible, from `chances`; None for no control.
            luck: from `luck`, where many were drawn at once.

        Raises:
            InfeasibleQuota: what the student has not seen cannot meet the quotas.
        """
        pool, pretest = self._pools(draw, seen)
        eligible, readmitted = pool, 0
        if chances is not None:
            luck = self.luck(draw) if luck is None else luck
            eligible = pool & (luck < chances)
            readmitted = self._readmit(pool, eligible, chances, luck)
        return Opening(
            draw=draw,
            prior=prior or self._rules.prior,
            eligible=eligible,
            pretest=pretest,
            readmitted=readmitted,
            bank=self._bank.digest,
            rules=self.rules_digest,
        )

    def _pools(self, draw: int, seen: Sequence[str]) -> tuple[BoolArray, BoolArray]:
        """What a student may be asked, scored and unscored."""
        if not seen and not self.blueprint.binds:
            return self._whole, self._pretest
        new = np.ones(len(self._bank), dtype=np.bool_)
        new[self._bank.positions(seen)] = False
        pool = self.blueprint.bind(self._bank.active & new, draw)
        if seen:
            self.blueprint.require(pool)
        return pool, self._pretest & new

    def _readmit(self, pool: BoolArray, eligible: BoolArray, chances: FloatArray, luck: FloatArray) -> int:
        """Add to `eligible` what quotas and length need, least exposed first; how many were added."""
        blueprint = self.blueprint
        there = self._units if pool is self._whole else blueprint.units(pool)
        units, aim = blueprint.units(eligible), blueprint.reach(there)
        short = np.maximum(np.minimum(blueprint.minimum, there) - units, 0)
        if not short.any() and blueprint.reach(units) >= aim:
            return 0
        held = np.flatnonzero(pool & ~eligible)
        groups = set(self._bank.group[eligible].tolist()) - {-1}
        count = 0
        for item in held[np.lexsort((luck[held], -chances[held]))].tolist():
            area, group = blueprint.code[item], int(self._bank.group[item])
            useful = short[area] > 0 or (
                units[area] < blueprint.maximum[area] and blueprint.reach(units + short) < aim
            )
            if group in groups or not useful:
                continue
            eligible[item] = True
            units[area] += 1
            short[area] = max(short[area] - 1, 0)
            count += 1
            groups |= {group} - {-1}
        return count
