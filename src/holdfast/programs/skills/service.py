"""Assessing: gather, judge, store. A model is asked between two transactions, never in one."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from statistics import fmean
from typing import Any
from uuid import UUID

import orjson

from holdfast.agents.ledger import Price, UsageRow, usage_row
from holdfast.agents.speech import Usage
from holdfast.core import journal, students
from holdfast.core.journal import Event, record
from holdfast.kit.ids import uuid7
from holdfast.programs.skills import views
from holdfast.programs.skills.assessment import Assessed, NotEnough
from holdfast.programs.skills.material import Material, inputs_of, keep_features, material_from
from holdfast.programs.skills.producing import Produced, Producers, Unheard, nothing_came_in
from holdfast.programs.skills.records import AssessmentRecord, EvidenceRecord
from holdfast.programs.skills.skill import Skill
from holdfast.programs.skills.stored import statements
from holdfast.programs.skills.storing import store
from holdfast.store.database import Database
from holdfast.store.statements import Connection, Row

AT_ONCE = 4
"""Models asked at once for one request."""
DAY_S = 86_400.0


@dataclass(frozen=True, slots=True)
class Prepared:
    """What was judged for one student and is not yet stored.

    Attributes:
        cached: recent assessments that stand in place of new ones, with their evidence.
        silent: skills that no model answered for.
    """

    student_id: UUID
    skills: Sequence[Skill]
    cached: Mapping[Skill, Row]
    produced: Sequence[Produced]
    silent: Sequence[Unheard] = ()


@dataclass(frozen=True, slots=True)
class Outcome:
    """What is answered, in the order of the skills asked for."""

    assessments: list[dict[str, Any]]
    missing: list[dict[str, Any]] = field(default_factory=list)
    errors: list[dict[str, Any]] = field(default_factory=list)

    @property
    def overall_score(self) -> float | None:
        """The mean score; none where nothing was assessed."""
        return fmean(one["score"] for one in self.assessments) if self.assessments else None


class Skills:
    """The program on its stores.

    Args:
        database: where it is kept.
        producers: who judges.
        cache_days: how long an assessment stands in place of a new one.
        prices: for the ledger.
    """

    def __init__(
        self,
        database: Database,
        producers: Producers,
        *,
        cache_days: float = 7,
        prices: Mapping[str, Price] | None = None,
    ) -> None:
        self.database = database
        self._producers = producers
        self._cache_s = cache_days * DAY_S
        self._prices = prices or {}

    async def assess(
        self,
        student_id: UUID,
        skills: Sequence[Skill],
        *,
        use_cached: bool,
        room: asyncio.Semaphore | None = None,
    ) -> Prepared:
        """Judge skills the AI way, several at once; recent assessments stand in place of new ones.

        Args:
            student_id: whose skills.
            skills: which.
            use_cached: whether recent assessments stand in.
            room: for models asked at once, where several students share it.

        Raises:
            NotFound: no such student.
            Unheard: no model answered for any skill; what was asked is in the ledger.
        """
        cached, material = await self._gather(student_id, skills, use_cached=use_cached)
        asking = room or asyncio.Semaphore(AT_ONCE)

        async def one(skill: Skill) -> Produced | Unheard:
            if material.is_empty:
                return Produced(nothing_came_in(skill))
            async with asking:
                try:
                    return await self._producers.assess(skill, material)
                except Unheard as silent:
                    return silent

        done = await asyncio.gather(*(one(skill) for skill in skills if skill not in cached))
        silent = [each for each in done if isinstance(each, Unheard)]
        produced = [each for each in done if isinstance(each, Produced)]
        if silent and not produced and not cached:
            async with self.database.transaction() as connection:
                for each in silent:
                    await self._charge(connection, student_id, each.skill, each.usage, "silence")
            raise silent[0]
        return Prepared(student_id, skills, cached, produced, silent)

    async def infer(self, student_id: UUID, skills: Sequence[Skill]) -> Prepared:
        """Judge skills the ML way.

        Raises:
            NotFound: no such student.
        """
        _, material = await self._gather(student_id, skills, use_cached=False)

        def work() -> list[Produced]:
            if material.is_empty:
                return [Produced(nothing_came_in(skill)) for skill in skills]
            return [self._producers.infer(skill, material) for skill in skills]

        # Text features and models take processor time that other requests should not wait for.
        return Prepared(student_id, skills, {}, await asyncio.to_thread(work))

    async def _gather(
        self, student_id: UUID, skills: Sequence[Skill], *, use_cached: bool
    ) -> tuple[dict[Skill, Row], Material]:
        async with self.database.snapshot() as connection:
            await students.by_id(connection, student_id)
            cached: dict[Skill, Row] = {}
            if use_cached and self._cache_s:
                rows = await statements.latest_of.rows(
                    connection, student_id=student_id, skills=list(skills), within_s=self._cache_s
                )
                cached = {Skill(row["skill_type"]): row for row in rows}
            if len(cached) == len(set(skills)):
                return cached, Material(student_id)
            rows = await inputs_of(connection, student_id)
        # Long inputs are work for the processor; other requests should not wait for it.
        material = await asyncio.to_thread(material_from, student_id, rows)
        if material.anew:
            async with self.database.transaction() as connection:
                await keep_features(connection, material)
        return cached, material

    async def keep(self, connection: Connection, prepared: Prepared, *, actor: str) -> Outcome:
        """Store what was judged, each assessment with all its evidence, and what is answered."""
        now = await connection.fetchval("SELECT clock_timestamp()")
        ids: dict[Skill, UUID] = {}
        made = []
        for each in prepared.produced:
            if isinstance(each.judgement, Assessed):
                one = _record(prepared.student_id, each.judgement, now)
                ids[each.skill] = one.id
                made.append(one)
        await store(connection, made)
        for each in prepared.produced:
            await self._book(connection, prepared.student_id, each, ids.get(each.skill), actor)
        for silent in prepared.silent:
            await self._charge(connection, prepared.student_id, silent.skill, silent.usage, "silence")
        rows = await statements.assessments_by_ids.rows(connection, ids=list(ids.values()))
        return _outcome(prepared, {Skill(row["skill_type"]): row for row in rows})

    async def _book(
        self, connection: Connection, student_id: UUID, each: Produced, stored: UUID | None, actor: str
    ) -> None:
        if each.usage:
            await self._charge(connection, student_id, each.skill, each.usage, each.fallback or "model")
        judged = each.judgement
        data: dict[str, Any] = {
            "skill": judged.skill,
            "fallback": each.fallback,
            "droppedQuotes": each.dropped,
        }
        if isinstance(judged, NotEnough):
            event = Event("skill.not_enough_evidence", actor, student_id, result=judged.reason, data=data)
        else:
            data |= {"producer": judged.producer, "score": judged.score}
            event = Event("skill.assessed", actor, student_id, object=str(stored), data=data)
        await record(connection, event)

    async def _charge(
        self, connection: Connection, student_id: UUID, skill: Skill, usage: Usage, outcome: str
    ) -> None:
        row: UsageRow = usage_row(f"skill assessor ({skill})", usage, outcome, self._prices)
        await journal.statements.insert_usage.run(
            connection,
            usage_id=uuid7(),
            student_id=student_id,
            session_id=None,
            seq=None,
            **row.columns(),
        )


def _record(student_id: UUID, judged: Assessed, now: datetime) -> AssessmentRecord:
    assessment_id = uuid7()
    importance = dict(judged.importance)
    return AssessmentRecord(
        id=assessment_id,
        student_id=student_id,
        skill_type=judged.skill,
        score=judged.score,
        confidence=judged.confidence,
        reasoning=judged.reasoning,
        recommendations="\n".join(judged.recommendations) or None,
        feature_importance=orjson.dumps(importance).decode() if importance else None,
        created_at=now,
        updated_at=now,
        evidence=[
            EvidenceRecord(
                id=uuid7(),
                assessment_id=assessment_id,
                evidence_type=piece.kind,
                source=piece.source,
                content=piece.content,
                relevance_score=piece.relevance,
                created_at=now,
                updated_at=now,
            )
            for piece in judged.evidence
        ],
    )


def _outcome(prepared: Prepared, stored: Mapping[Skill, Row]) -> Outcome:
    produced = {each.skill: each for each in prepared.produced}
    outcome = Outcome([])
    for skill in prepared.skills:
        if skill in prepared.cached:
            outcome.assessments.append(views.assessment_shown(prepared.cached[skill], cached=True))
        elif skill in stored:
            each = produced[skill]
            judged = each.judgement
            outcome.assessments.append(
                views.assessment_shown(stored[skill], cached=False)
                | {
                    "producer": judged.producer if isinstance(judged, Assessed) else None,
                    "fallback": each.fallback,
                    "dropped_quotes": each.dropped,
                }
            )
        elif skill in produced and isinstance(produced[skill].judgement, NotEnough):
            told = produced[skill].judgement
            if isinstance(told, NotEnough):
                outcome.missing.append(views.not_enough_shown(told, prepared.student_id))
    for silent in prepared.silent:
        outcome.errors.append(
            {"student_id": str(prepared.student_id), "skill_type": silent.skill, "error": silent.message}
        )
    return outcome
