"""What cannot be calibrated is refused before anything is computed, and the item is named."""

from __future__ import annotations

from collections.abc import Iterable

import numpy as np
from numpy.typing import NDArray
from scipy.sparse import csr_array, issparse
from scipy.sparse.csgraph import connected_components

from holdfast.kit.errors import InvalidInput
from holdfast.programs.adaptive_test.psychometrics.calibration.plan import CalibrationModel, CalibrationPlan
from holdfast.programs.adaptive_test.psychometrics.calibration.responses import ResponsePatterns


def check_design(responses: ResponsePatterns, plan: CalibrationPlan) -> None:
    """Refuse responses from which the plan's parameters cannot be estimated.

    Raises:
        InvalidInput: an unknown anchor; too few items; an item with too few answers or with answers that
            are all right or all wrong; items that nothing links to the rest. ``details["item"]`` names it.
    """
    for name in plan.anchors:
        if name not in responses.items:
            raise InvalidInput(f"anchor {name} is not among the items", field="anchors", item=name)
    fewest = 3 if plan.model in {CalibrationModel.TWO, CalibrationModel.THREE} else 2
    if len(responses.items) < fewest and not plan.anchors:
        raise InvalidInput(f"the {plan.model} needs at least {fewest} items", field="items")
    _check_answers(responses, plan)
    _check_links(responses, plan)


def _check_answers(responses: ResponsePatterns, plan: CalibrationPlan) -> None:
    for name, right, wrong in zip(responses.items, responses.right, responses.wrong, strict=True):
        if name in plan.anchors:
            continue
        answers = int(right + wrong)
        if answers < plan.minimum_responses:
            raise InvalidInput(
                f"item {name} has {answers} answers; at least {plan.minimum_responses} are needed",
                field="responses",
                item=name,
                answers=answers,
            )
        if right == 0 or wrong == 0:
            how = "right" if wrong == 0 else "wrong"
            raise InvalidInput(
                f"item {name} was answered {how} by all {answers}: without variance it has no parameters",
                field="responses",
                item=name,
                answers=answers,
            )


def _check_links(responses: ResponsePatterns, plan: CalibrationPlan) -> None:
    labels = _components(responses, through_groups=plan.equivalent_groups)
    known = set(plan.anchors) or {responses.items[_home(labels, responses, plan)]}
    linked = {labels[responses.items.index(name)] for name in known}
    lost = [name for name, label in zip(responses.items, labels, strict=True) if label not in linked]
    if lost:
        to_what = "an anchor" if plan.anchors else "the other items"
        raise InvalidInput(
            f"no person links {_listed(lost)} to {to_what}: the design is disconnected",
            field="responses",
            item=lost[0],
            items=lost,
        )


def _home(labels: NDArray[np.int32], responses: ResponsePatterns, plan: CalibrationPlan) -> int:
    """An item of the component that carries the scale: the largest, or the reference group's."""
    if plan.equivalent_groups:
        reference = responses.groups[0]
        return int(np.argmax(reference.counts @ reference.answered))
    return int(np.argmax(np.bincount(labels)[labels]))


def _components(responses: ResponsePatterns, *, through_groups: bool) -> NDArray[np.int32]:
    """The connected component of each item; items are linked by persons, or also by groups."""
    together = np.zeros((len(responses.items), len(responses.items)), dtype=bool)
    for group in responses.groups:
        answered = group.answered
        pairs = answered.T @ answered
        together |= np.asarray(pairs.toarray() if issparse(pairs) else pairs) > 0
        if through_groups:
            seen = group.counts @ answered > 0
            together |= np.outer(seen, seen)
    _, labels = connected_components(csr_array(together), directed=False)
    return np.asarray(labels, dtype=np.int32)


def _listed(names: Iterable[str], most: int = 5) -> str:
    every = list(names)
    shown = ", ".join(every[:most])
    more = f" and {len(every) - most} more" if len(every) > most else ""
    return f"item{'s' if len(every) > 1 else ''} {shown}{more}"
