"""Whether a stored session is what the engine would do again with the same draws and answers."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

from holdfast.programs.adaptive_test.psychometrics.engine import Engine
from holdfast.programs.adaptive_test.psychometrics.opening import ENGINE_VERSION, Opening
from holdfast.programs.adaptive_test.psychometrics.steps import Answer


class Recorded(NamedTuple):
    """What the database keeps of one choice and its answer; `right` is None for a pending item."""

    item: str
    scored: bool
    draw: int
    digest: str
    engine: str
    right: bool | None


class Difference(NamedTuple):
    """Something that does not verify: at which place of the test, what, as stored and as found now."""

    place: int
    what: str
    stored: str
    found: str


def replay(engine: Engine, opening: Opening, records: Sequence[Recorded]) -> list[Difference]:
    """Choose every item again; empty when all choices are confirmed.

    Replay goes on behind a difference with what is stored, so that one difference is told once.

    Args:
        engine: of the bank's version and the rules that the session was opened with.
        opening: as stored.
        records: in the order of the test.

    Raises:
        InvalidInput: the opening belongs to another bank, other rules or another engine.
    """
    state = engine.begin(opening)
    differences = []
    for place, record in enumerate(records, start=1):
        choice = engine.choose(state, record.draw)
        stored = (record.item, str(record.scored), record.digest, record.engine)
        found = ("", "", "", ENGINE_VERSION)
        if choice is not None:
            found = (choice.item, str(choice.scored), choice.digest, choice.engine)
        names = ("item", "scored", "digest", "engine")
        differences += [
            Difference(place, name, was, now)
            for name, was, now in zip(names, stored, found, strict=True)
            if was != now
        ]
        if record.right is None:
            break
        state = engine.answer(state, Answer(record.item, record.right, record.scored))
    return differences
