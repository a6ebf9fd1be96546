"""The trained models of a folder, read when they are first needed and again when they have changed."""

from __future__ import annotations

import logging
from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING

from holdfast.kit.errors import Misconfigured
from holdfast.programs.skills.skill import Skill

if TYPE_CHECKING:
    from holdfast.programs.skills.learning.saved import Trained

_log = logging.getLogger(__name__)


class Shelf:
    """Models by skill. A damaged one is as good as none, and said in the log."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self._held: dict[Skill, tuple[int, Trained | None]] = {}

    def __call__(self) -> Mapping[Skill, Trained]:
        """The models there are now."""
        found = {skill: self._of(skill) for skill in Skill}
        return {skill: model for skill, model in found.items() if model is not None}

    def _of(self, skill: Skill) -> Trained | None:
        try:
            stamp = (self.folder / f"{skill}.json").stat().st_mtime_ns
        except OSError:
            return None
        held = self._held.get(skill)
        if held is None or held[0] != stamp:
            held = (stamp, self._read(skill))
            self._held[skill] = held
        return held[1]

    def _read(self, skill: Skill) -> Trained | None:
        # Models bring libraries that take seconds to load, which whoever has none need not spend.
        from holdfast.programs.skills.learning.saved import load  # noqa: PLC0415

        try:
            return load(self.folder, skill)
        except Misconfigured as error:
            _log.warning("%s; the baseline answers", error)
            return None
