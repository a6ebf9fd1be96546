"""Pools of questions: uploading with versions. One command, one transaction."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any
from uuid import UUID

import asyncpg

from holdfast.core.journal import Event, record
from holdfast.kit.errors import Conflict, InvalidInput, NotFound
from holdfast.kit.ids import uuid7
from holdfast.programs.adaptive_test.psychometrics.models import Parameterisation
from holdfast.programs.adaptive_test.question import (
    Problem,
    Question,
    canonical,
    concept_order,
    content_hash,
)
from holdfast.store.statements import Connection, Row, load

statements = load("holdfast.programs.adaptive_test")

MOST_TOLD = 50
"""Of all problems of a file, so many are told in one answer."""


@dataclass(frozen=True, slots=True)
class Pool:
    """A pool as stored. `parameterisation` says what the logit is; tests on one `scale` compare."""

    pool_id: UUID
    name: str
    scale: str
    parameterisation: str
    concept_names: tuple[str, ...]
    rules: dict[str, Any]
    revision: int
    tests_started: int

    @classmethod
    def of(cls, row: Row) -> Pool:
        """From a row of the pool statements."""
        return cls(
            row["pool_id"],
            row["name"],
            row["scale"],
            row["parameterisation"],
            tuple(row["concept_names"]),
            row["rules"],
            row["revision"],
            row["tests_started"],
        )


@dataclass(frozen=True, slots=True)
class Upload:
    """Questions to be stored, with where each stands in its file or request.

    Attributes:
        pool_id, name: an existing pool; or the name of a new one. With neither, the questions' own pool.
        concept_names, parameterisation, scale: of a new pool; of an existing one they may be repeated
            but not changed.
        rules: of the tests that start from now on; none leaves them as they are.
        partial: store the good ones although others are wrong.
    """

    questions: Sequence[tuple[str, Question]]
    problems: Sequence[Problem] = ()
    pool_id: UUID | None = None
    name: str | None = None
    concept_names: Sequence[str] = ()
    parameterisation: str | None = None
    scale: str | None = None
    rules: dict[str, Any] = field(default_factory=dict)
    origin: str = "upload"
    partial: bool = False


@dataclass(slots=True)
class Stored:
    """What an upload did; the problems are those of records that were left out."""

    pool: Pool
    added: list[str] = field(default_factory=list)
    changed: list[str] = field(default_factory=list)
    unchanged: list[str] = field(default_factory=list)
    problems: list[Problem] = field(default_factory=list)
    statuses: Counter[str] = field(default_factory=Counter)

    @property
    def count(self) -> int:
        """Questions that are in the pool as they were given."""
        return len(self.added) + len(self.changed) + len(self.unchanged)


async def by_id(connection: Connection, pool_id: UUID) -> Pool:
    """The pool with this id.

    Raises:
        NotFound: when there is none.
    """
    row = await statements.pool_by_id.row(connection, pool_id=pool_id)
    if row is None:
        raise NotFound("there is no such pool of questions", field="question_pool_id")
    return Pool.of(row)


async def by_name(connection: Connection, name: str) -> Pool:
    """The pool whose name or id this is.

    Raises:
        NotFound: when there is none.
    """
    row = await statements.pool_by_name.row(connection, name=name)
    if row is not None:
        return Pool.of(row)
    try:
        return await by_id(connection, UUID(name))
    except ValueError:
        raise NotFound(f"there is no pool of questions named {name!r}", field="pool") from None


async def upload(connection: Connection, wanted: Upload, *, actor: str) -> Stored:
    """Store questions: new ones, new versions of changed ones; what is unchanged stays as it is.

    A question counts as unchanged when it is what was uploaded last, also after a calibration has
    written newer parameters.

    Raises:
        InvalidInput: something is wrong and `partial` is not asked for; nothing is stored.
        Conflict: the pool is another than the questions', or differs in what cannot be changed.
    """
    if not wanted.questions and not wanted.problems:
        raise InvalidInput("must hold at least one question", field="questions")
    _refuse(wanted.problems, wanted)
    known = await _known(connection, wanted)
    pool = await _pool(connection, wanted, known)
    locked = await statements.lock_pool.row(connection, pool_id=pool.pool_id)
    known = await _known(connection, wanted)
    stored = Stored(pool, problems=list(wanted.problems))
    prepared = await _prepared(connection, wanted, pool, stored)
    _refuse(stored.problems, wanted)
    changes = _classify(prepared, known, locked["next_ordinal"] if locked else 0, stored)
    if wanted.rules and wanted.rules != pool.rules:
        await statements.set_pool_rules.run(connection, pool_id=pool.pool_id, rules=wanted.rules)
        await record(connection, Event("questions.rules_changed", actor, object=str(pool.pool_id)))
    if changes:
        await _write(connection, stored, changes, wanted, actor)
    return stored


def _refuse(problems: Sequence[Problem], wanted: Upload) -> None:
    if problems and not wanted.partial:
        first = problems[0]
        told = [{"where": p.where, "field": p.field, "message": p.message} for p in problems[:MOST_TOLD]]
        place = ".".join(part for part in (first.where, first.field) if part)
        raise InvalidInput(first.message, field=place, problems=told)


async def _known(connection: Connection, wanted: Upload) -> dict[str, Row]:
    ids = [question.id for _, question in wanted.questions]
    return {row["id"]: row for row in await statements.known_questions.rows(connection, ids=ids)}


async def _pool(connection: Connection, wanted: Upload, known: dict[str, Row]) -> Pool:
    """The pool that the questions go to; made when there is none yet."""
    homes = {row["pool_id"] for row in known.values()}
    if wanted.pool_id is not None:
        pool = await by_id(connection, wanted.pool_id)
    else:
        pool = await _named_or_own(connection, wanted, homes)
    strangers = [id_ for id_, row in known.items() if row["pool_id"] != pool.pool_id]
    if strangers:
        raise Conflict(f"question {strangers[0]!r} belongs to another pool", field="questions")
    for name in ("parameterisation", "scale"):
        asked = getattr(wanted, name)
        if asked is not None and asked != getattr(pool, name):
            raise Conflict(f"the pool's is {getattr(pool, name)!r} and cannot be changed", field=name)
    if wanted.concept_names and tuple(wanted.concept_names) != pool.concept_names:
        raise Conflict(
            f"the pool's are {list(pool.concept_names)} and cannot be changed", field="concept_names"
        )
    return pool


async def _named_or_own(connection: Connection, wanted: Upload, homes: set[UUID]) -> Pool:
    if wanted.name is not None:
        row = await statements.pool_by_name.row(connection, name=wanted.name)
        return Pool.of(row) if row is not None else await _create(connection, wanted)
    if len(homes) > 1:
        raise Conflict("the questions belong to several pools; name one", field="question_pool_id")
    return await by_id(connection, homes.pop()) if homes else await _create(connection, wanted)


async def _create(connection: Connection, wanted: Upload) -> Pool:
    pool_id = uuid7()
    concepts = concept_order([question for _, question in wanted.questions], wanted.concept_names)
    if len(set(concepts)) != len(concepts):
        raise InvalidInput("no concept may be there twice", field="concept_names")
    name = (wanted.name or str(pool_id)).strip()
    if not 1 <= len(name) <= 200 or not name.isprintable():
        raise InvalidInput("must have 1 to 200 printable characters", field="pool_name")
    try:
        await statements.insert_pool.run(
            connection,
            pool_id=pool_id,
            name=name,
            scale=wanted.scale or str(pool_id),
            parameterisation=Parameterisation(wanted.parameterisation or Parameterisation.INTERCEPT).value,
            concept_names=list(concepts),
            rules=wanted.rules,
        )
    except asyncpg.UniqueViolationError as error:
        raise Conflict("a pool with this name was made at this moment; try again", field="name") from error
    return await by_id(connection, pool_id)


Prepared = list[tuple[str, Question, dict[str, Any]]]


async def _prepared(connection: Connection, wanted: Upload, pool: Pool, stored: Stored) -> Prepared:
    """Canonical records of the good questions; what is wrong with others is added to the problems."""
    rows = await statements.pool_question_ids.rows(connection, pool_id=pool.pool_id)
    known = {row["id"] for row in rows} | {question.id for _, question in wanted.questions}
    prepared: Prepared = []
    for where, question in wanted.questions:
        strange = next((enemy for enemy in question.enemies if enemy not in known), None)
        if strange is not None:
            stored.problems.append(Problem(where, "enemies", f"{strange!r} is no question of this pool"))
            continue
        try:
            prepared.append((where, question, canonical(question, pool.concept_names)))
        except InvalidInput as error:
            stored.problems.append(Problem(where, error.field or "", error.message))
    return prepared


def _classify(
    prepared: Prepared, known: dict[str, Row], next_ordinal: int, stored: Stored
) -> list[dict[str, Any]]:
    changes = []
    for _, question, canonical_record in prepared:
        digest, row = content_hash(canonical_record), known.get(question.id)
        stored.statuses[canonical_record["status"]] += 1
        if row is not None and digest in {row["uploaded_hash"], row["content_hash"]}:
            stored.unchanged.append(question.id)
            continue
        (stored.added if row is None else stored.changed).append(question.id)
        changes.append(
            {
                "id": question.id,
                "ordinal": next_ordinal if row is None else row["ordinal"],
                "version": 1 if row is None else row["version"] + 1,
                "content_hash": digest,
                "record": canonical_record,
            }
        )
        next_ordinal += row is None
    return changes


async def _write(
    connection: Connection, stored: Stored, changes: list[dict[str, Any]], wanted: Upload, actor: str
) -> None:
    pool = stored.pool
    await write_versions(connection, pool, changes, origin=wanted.origin, actor=actor)
    stored.pool = await by_id(connection, pool.pool_id)
    counts = {"added": len(stored.added), "changed": len(stored.changed), "revision": stored.pool.revision}
    await record(connection, Event("questions.uploaded", actor, object=str(pool.pool_id), data=counts))


async def write_versions(
    connection: Connection, pool: Pool, changes: list[dict[str, Any]], *, origin: str, actor: str
) -> None:
    """Write versions as the pool's next revision; the caller holds the pool's row lock.

    Raises:
        Conflict: a question of this id was stored elsewhere at the same moment.
    """
    locked = await statements.lock_pool.row(connection, pool_id=pool.pool_id)
    try:
        await statements.write_questions.run(
            connection,
            pool_id=pool.pool_id,
            revision=(locked["revision"] if locked else 0) + 1,
            origin=origin,
            actor=actor,
            questions=changes,
        )
    except asyncpg.UniqueViolationError as error:
        raise Conflict("some of these questions were stored elsewhere at this moment") from error
