"""What must hold, as ratios between candidates of one run."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from benchmarks.durable_turn.measuring import Cell, Figures

Results = Mapping[str, Mapping[str, Figures]]
"""Candidate name -> cell name -> its figures."""

TIMES_THE_FLOOR = 2.0
TIMES_LANGGRAPH = 10.0
FLAT = 1.2
OF_THE_FLOOR_OVER_HTTP = 0.25


@dataclass(frozen=True, slots=True)
class Check:
    """One promise: a ratio and the bound that it must keep."""

    what: str
    ratio: float
    bound: float
    at_most: bool

    @property
    def holds(self) -> bool:
        """Whether the bound is kept."""
        return self.ratio <= self.bound if self.at_most else self.ratio >= self.bound

    def line(self) -> str:
        """As it is printed."""
        verdict = "PASS" if self.holds else "FAIL"
        sign = "at most" if self.at_most else "at least"
        return f"{verdict}  {self.what}: {self.ratio:.2f} ({sign} {self.bound:g})"

    def to_json(self) -> dict[str, Any]:
        """As it is kept."""
        return {"what": self.what, "ratio": self.ratio, "bound": self.bound, "holds": self.holds}


def checks(results: Results, judged: Cell, long: list[Cell], http: Mapping[str, Any] | None) -> list[Check]:
    """All that is promised; `judged` is the cell of 20 at once and 100 turns, `long` those for the slope."""
    floor, store = results["floor"][judged.name], results["Holdfast, store path"][judged.name]
    whole = results["Holdfast, whole turn"]
    found = []
    # The peers carry 8 KB of state, so the row with as many bytes is judged as well as the one in play.
    for label, name in (("store path", "Holdfast, store path"), ("8 KB state", "Holdfast, 8 KB state")):
        ours = results[name][judged.name]
        slower, later = floor.per_second / ours.per_second, ours.p50_ms / floor.p50_ms
        per_turn = f"{label}, time per turn over the floor's, {judged.name}"
        found.append(Check(per_turn, slower, TIMES_THE_FLOOR, at_most=True))
        found.append(
            Check(f"{label}, p50 over the floor's, {judged.name}", later, TIMES_THE_FLOOR, at_most=True)
        )
    peer = results.get("LangGraph")
    if peer is not None:
        ratio = store.per_second / peer[judged.name].per_second
        what = f"store path, turns per second over LangGraph's, {judged.name}"
        found.append(Check(what, ratio, TIMES_LANGGRAPH, at_most=False))
    for cell in long:
        for name, slope in (
            ("store path", results["Holdfast, store path"][cell.name].slope),
            ("whole turn", whole[cell.name].slope),
        ):
            what = f"{name}, last tenth of turns over the first, {cell.name}"
            found.append(Check(what, slope, FLAT, at_most=True))
    if http is not None:
        what = "over HTTP, turns per second over the floor's just before and after, 20 at once"
        found.append(Check(what, http["of_the_floor"], OF_THE_FLOOR_OVER_HTTP, at_most=False))
    return found
