"""Run states that this process wrote last, so that its next turn need not fetch what it has.

Never the only copy, and never believed: each is held under the id that its row carries, and the
database sends the state whenever the row carries another one.
"""

from __future__ import annotations

from collections import OrderedDict
from typing import NamedTuple
from uuid import UUID

from holdfast.programs.simulation.engine import RunState

SESSIONS_HELD = 512
"""How many sessions' states a process holds, some 10 KB each; the one unused for longest goes first."""


class HeldState(NamedTuple):
    """A state and the id under which its row was written."""

    state_id: UUID
    state: RunState


class HeldStates:
    """The newest state of each session that this process has written."""

    def __init__(self, size: int = SESSIONS_HELD) -> None:
        self._size = size
        self._states: OrderedDict[str, HeldState] = OrderedDict()

    def of(self, session_id: str) -> HeldState | None:
        """The state held for a session, if any."""
        held = self._states.get(session_id)
        if held is not None:
            self._states.move_to_end(session_id)
        return held

    def hold(self, session_id: str, state_id: UUID, state: RunState) -> None:
        """Keep what was committed under this id."""
        self._states[session_id] = HeldState(state_id, state)
        self._states.move_to_end(session_id)
        while len(self._states) > self._size:
            self._states.popitem(last=False)
