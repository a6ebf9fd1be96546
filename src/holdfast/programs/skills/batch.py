"""Many students assessed by one request, which ends in time: who was not begun is told."""

from __future__ import annotations

import asyncio
from collections import deque
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any

from holdfast.core import students
from holdfast.kit.errors import HoldfastError
from holdfast.programs.skills.service import AT_ONCE, Outcome, Skills
from holdfast.programs.skills.skill import Skill

BATCH_S = 20.0
"""Seconds after which no further student is begun, so that no request stays open for minutes."""


@dataclass(frozen=True, slots=True)
class Batch:
    """What is asked for many students.

    Attributes:
        actor: for the journal.
        lasts_s: after so many seconds no further student is begun; some always are.
    """

    skills: Skills
    wanted: Sequence[Skill]
    use_cached: bool
    actor: str
    lasts_s: float = BATCH_S

    async def assess(self, names: Sequence[str]) -> dict[str, Any]:
        """Assess students, each in a transaction of its own; what failed is told, not raised.

        When the time is over, no further student is begun; who was not is told as remaining, for the next
        request.

        Args:
            names: of students, each once.
        """
        ahead = deque(names)
        done: dict[str, Outcome] = {}
        room = asyncio.Semaphore(AT_ONCE)
        clock = asyncio.get_running_loop().time
        ends = clock() + self.lasts_s

        async def work() -> None:
            while ahead:
                name = ahead.popleft()
                done[name] = await self._one(name, room)
                if clock() >= ends:
                    return

        async with asyncio.TaskGroup() as group:
            for _ in range(AT_ONCE):
                group.create_task(work())
        return self._shown(len(names), [done[name] for name in names if name in done], ahead)

    async def _one(self, name: str, room: asyncio.Semaphore) -> Outcome:
        database = self.skills.database
        try:
            async with database.connection() as connection:
                student = await students.by_name_of_any_kind(connection, name)
            prepared = await self.skills.assess(
                student.student_id, self.wanted, use_cached=self.use_cached, room=room
            )
            async with database.transaction() as connection:
                return await self.skills.keep(connection, prepared, actor=self.actor)
        except HoldfastError as error:
            errors = [{"student_id": name, "skill_type": s, "error": str(error)} for s in self.wanted]
            return Outcome([], errors=errors)

    def _shown(self, asked: int, outcomes: Sequence[Outcome], ahead: Iterable[str]) -> dict[str, Any]:
        assessments = [each for outcome in outcomes for each in outcome.assessments]
        errors = [each for outcome in outcomes for each in outcome.errors]
        return {
            "total": asked * len(self.wanted),
            "successful": len(assessments),
            "failed": len(errors),
            "not_enough_evidence": [each for outcome in outcomes for each in outcome.missing],
            "assessments": assessments,
            "errors": errors,
            "remaining": list(ahead),
        }
