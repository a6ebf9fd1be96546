"""What the supervisor tells everybody who holds the stores: one small JSON file, replaced as a whole."""

from __future__ import annotations

import errno
import json
from dataclasses import asdict, dataclass, field
from enum import StrEnum

from holdfast.store.embedded.layout import Layout
from holdfast.store.embedded.ownfile import overwrite_own, replace_own


class Phase(StrEnum):
    """How far the stores are."""

    STARTING = "starting"
    RUNNING = "running"
    TROUBLED = "troubled"
    FAILED = "failed"
    STOPPED = "stopped"


@dataclass(frozen=True, slots=True)
class State:
    """The published state.

    Attributes:
        phase: RUNNING when both stores answered last; TROUBLED when one that ran before does not come
            back and is tried again and again; FAILED when the supervisor gave up.
        step: what is being done, for a progress line.
        message: why it is TROUBLED or FAILED, for the person who can help.
        runtime: the runtime directory, "" before there is one.
        options: the PostgreSQL settings that the caller who started the stores asked for.
        supervisor, postgres, valkey: process ids; 0 where there is no process.
    """

    phase: Phase
    step: str = ""
    message: str = ""
    runtime: str = ""
    options: dict[str, str] = field(default_factory=dict)
    supervisor: int = 0
    postgres: int = 0
    valkey: int = 0


def publish(layout: Layout, state: State) -> None:
    """Replace the state of a data directory.

    Raises:
        OSError: the directory cannot be written.
    """
    text = json.dumps(asdict(state), indent=1) + "\n"
    try:
        replace_own(layout.state, text, layout.owner)
    except OSError as error:
        if error.errno != errno.ENOSPC or not layout.state.exists():
            raise
        # That the disk is full is the very thing to be told.
        overwrite_own(layout.state, text, layout.owner)


def published(layout: Layout) -> State:
    """The last state published; STOPPED when there is none or it cannot be read."""
    try:
        fields = json.loads(layout.state.read_text(encoding="utf-8"))
        return State(**{**fields, "phase": Phase(fields["phase"])})
    except (OSError, ValueError, KeyError, TypeError):
        return State(Phase.STOPPED)
