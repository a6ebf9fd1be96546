"""The rules of a test in one value: what stands in settings, is stored with a session, and is simulated."""

from __future__ import annotations

import hashlib
import json
import math
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from typing import Any, cast

from holdfast.kit.errors import InvalidInput
from holdfast.programs.adaptive_test.psychometrics.ability.estimate import BOUND, Method, Prior
from holdfast.programs.adaptive_test.psychometrics.bank import DIGEST_BYTES
from holdfast.programs.adaptive_test.psychometrics.selection.content import Quota
from holdfast.programs.adaptive_test.psychometrics.selection.criteria import Criterion
from holdfast.programs.adaptive_test.psychometrics.selection.exposure import MaximumRate
from holdfast.programs.adaptive_test.psychometrics.stopping import LONGEST, Classification, Stopping

MOST_AMONG = 100


@dataclass(frozen=True, slots=True)
class Start:
    """How a test begins.

    Attributes:
        ability: where the first item is looked for; None for the prior's mean.
        positions: for how many scored items `among` of this rule holds, 0 or more.
        among: from how many of the best items the first ones are drawn.
    """

    ability: float | None = None
    positions: int = 0
    among: int = 1

    def __post_init__(self) -> None:
        if self.ability is not None and not -BOUND <= self.ability <= BOUND:
            message = f"must lie between {-BOUND:g} and {BOUND:g}"
            raise InvalidInput(message, field="start.ability")
        if not 0 <= self.positions <= LONGEST:
            raise InvalidInput(f"must be between 0 and {LONGEST}", field="start.positions")
        _check_among(self.among, "start.among")


def _check_among(among: int, name: str) -> None:
    if not 1 <= among <= MOST_AMONG:
        raise InvalidInput(f"must be between 1 and {MOST_AMONG}", field=name)


@dataclass(frozen=True, slots=True)
class Rules:
    """Everything that decides a test, given a bank, a person's answers and the draws.

    Attributes:
        stopping: when it ends.
        method: the estimator reported; the choice of items uses it too, but where it stands at a bound, the
            posterior's mean.
        prior: for EAP and MAP, unless a session has its own.
        criterion: what the next item is best at.
        among: the item is drawn from this many of the best (randomesque); 1 gives the best.
        exposure: the maximum rate, controlled live; None for no control.
        admission: Sympson and Hetter's probabilities by item id; items not named have 1.
        quotas: content.
        pretest_positions: places in the test, from 1 and counting unscored items, that take a pretest item
            when there is one.
        start: how it begins.
    """

    stopping: Stopping = field(default_factory=Stopping)
    method: Method = Method.EAP
    prior: Prior = field(default_factory=Prior)
    criterion: Criterion = Criterion.INFORMATION
    among: int = 1
    exposure: MaximumRate | None = None
    admission: Mapping[str, float] = field(default_factory=dict)
    quotas: tuple[Quota, ...] = ()
    pretest_positions: tuple[int, ...] = ()
    start: Start = field(default_factory=Start)

    def __post_init__(self) -> None:
        put = object.__setattr__
        put(self, "method", Method(self.method))
        put(self, "criterion", Criterion(self.criterion))
        put(self, "quotas", tuple(self.quotas))
        put(self, "pretest_positions", tuple(sorted(set(self.pretest_positions))))
        _check_among(self.among, "among")
        for item, chance in self.admission.items():
            if not 0.0 <= chance <= 1.0:
                raise InvalidInput(f"the probability of item {item!r} must be 0 to 1", field="admission")
        if self.pretest_positions and self.pretest_positions[0] < 1:
            raise InvalidInput("places count from 1", field="pretest_positions")

    @property
    def digest(self) -> str:
        """Of all rules, in hexadecimal: two equal digests are the same test."""
        text = json.dumps(self.to_json(), sort_keys=True, separators=(",", ":"))
        return hashlib.blake2b(text.encode(), digest_size=DIGEST_BYTES).hexdigest()

    def to_json(self) -> dict[str, Any]:
        """As it is stored; `from_json` gives it back."""
        return asdict(self) | {
            "method": self.method.value,
            "criterion": self.criterion.value,
            "admission": dict(self.admission),
            "quotas": [asdict(quota) for quota in self.quotas],
            "pretest_positions": list(self.pretest_positions),
        }

    @classmethod
    def from_json(cls, given: Mapping[str, Any]) -> Rules:
        """From what `to_json` made, or from a settings file; what is not given has its default.

        Raises:
            InvalidInput: naming the field, also one that no rule has.
        """
        made = dict(given)
        stopping = dict(_table(made, "stopping"))
        if stopping.get("classification") is not None:
            stopping["classification"] = _make(Classification, _table(stopping, "classification"), "stopping")
        made["stopping"] = _make(Stopping, stopping, "stopping")
        made["prior"] = _make(Prior, _table(made, "prior"), "prior")
        made["start"] = _make(Start, _table(made, "start"), "start")
        made["quotas"] = tuple(_make(Quota, quota, "quotas") for quota in made.get("quotas") or ())
        if made.get("exposure") is not None:
            made["exposure"] = _make(MaximumRate, _table(made, "exposure"), "exposure")
        made["pretest_positions"] = tuple(made.get("pretest_positions") or ())
        for name, kind in (("method", Method), ("criterion", Criterion)):
            if name in made and made[name] not in {member.value for member in kind}:
                raise InvalidInput(f"must be one of {', '.join(kind)}", field=name)
        return cast("Rules", _make(cls, made, "rules"))


def _table(given: Mapping[str, Any], name: str) -> Mapping[str, Any]:
    found = given.get(name)
    if found is None:
        return {}
    if not isinstance(found, Mapping):
        raise InvalidInput("must be an object", field=name)
    return found


def _make(kind: type[Any], given: Mapping[str, Any], name: str) -> Any:
    """A value of a rule's class; wrong names, kinds and numbers that are none are told by their field."""
    known = kind.__dataclass_fields__
    for key, value in given.items():
        path = key if name == "rules" else f"{name}.{key}"
        if key not in known:
            raise InvalidInput("there is no such rule", field=path)
        if isinstance(value, float) and not math.isfinite(value):
            raise InvalidInput("must be a finite number", field=path)
        if known[key].type in ("int", "int | None") and value is not None and type(value) is not int:
            raise InvalidInput("must be a whole number", field=path)
    try:
        return kind(**given)
    except TypeError as wrong:
        raise InvalidInput("has a value of the wrong kind", field=name) from wrong
