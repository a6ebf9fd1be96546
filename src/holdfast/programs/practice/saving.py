"""Saving a finished session: one transaction, in which its words are reviewed and milestones reached."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID

from holdfast.core import journal, sessions
from holdfast.core.access import Principal
from holdfast.core.journal import Event
from holdfast.kit.errors import NotAuthenticated
from holdfast.kit.ids import session_id as new_session_id
from holdfast.kit.ids import uuid7
from holdfast.programs.practice import milestones
from holdfast.programs.practice.milestones import Standing
from holdfast.programs.practice.phrases import Phrases, by_key, phrases
from holdfast.programs.practice.results import shown
from holdfast.programs.practice.spacing import UNRATED, Card, Rating, reviewed
from holdfast.store.statements import Connection, Row, load

statements = load("holdfast.programs.practice")

PROGRAM = "practice"


@dataclass(frozen=True, slots=True)
class Finished:
    """A finished session as its client tells it; phrases are spelled as `phrases.spelling` leaves them.

    Attributes:
        duration_seconds: 0 or more.
        pronunciation_score, fluency_score, grammar_score: 0 to 100; none when it was not scored.
        ratings: words learned, in any spelling, each with 1 (again) to 4 (easy).
    """

    session_type: str
    duration_seconds: int
    words_spoken: int = 0
    pronunciation_score: float | None = None
    fluency_score: float | None = None
    grammar_score: float | None = None
    topics: Sequence[str] = ()
    vocabulary_learned: Sequence[str] = ()
    areas_to_improve: Sequence[str] = ()
    metadata: Mapping[str, Any] = field(default_factory=dict)
    ratings: Sequence[tuple[str, int]] = ()


async def save(
    connection: Connection, student_id: UUID, finished: Finished, caller: Principal
) -> dict[str, Any]:
    """Store a finished session; what was stored, as a client reads it.

    Raises:
        NotAuthenticated: there is no such student (any more).
        WrongStep: the cohort's plan has no practice, or not at the time when the session was begun.
    """
    now, before = await _locked(connection, student_id)
    member = await sessions.membership(connection, student_id)
    begun = now - timedelta(seconds=finished.duration_seconds)
    sessions.check_window(member.plan, PROGRAM, now=begun)
    words = phrases(finished.vocabulary_learned)
    known = await statements.cards.rows(connection, student_id=student_id, words=list(words.keys))
    after = _after(before, finished, new_words=len(words.keys) - len(known), now=now)
    won = milestones.newly_reached(before, after)
    stored = await statements.save_result.row(
        connection,
        now=now,
        session_id=new_session_id(),
        session_result_id=uuid7(),
        student_id=student_id,
        enrolment_id=member.enrolment_id,
        **_columns(finished, words),
        **_reviews(words, by_key(finished.ratings), known, now),
        **_totals(after),
        milestones=won,
    )
    return await _journalled(connection, stored, won, caller)


async def _locked(connection: Connection, student_id: UUID) -> tuple[datetime, Standing]:
    """The moment and the totals so far, once it is this student's turn.

    A student's sessions are saved one after another, so that totals and cards count each of them once.
    """
    locked = await statements.lock_student.row(connection, student_id=student_id)
    row = await statements.standing.row(connection, student_id=student_id)
    if locked is None or row is None:
        raise NotAuthenticated("the token's student is not known here")
    return row["now"].astimezone(UTC), _standing(row)


def _after(before: Standing, finished: Finished, *, new_words: int, now: datetime) -> Standing:
    return milestones.after_session(
        before,
        seconds=finished.duration_seconds,
        words_spoken=finished.words_spoken,
        new_words=new_words,
        day=now.date(),
    )


async def _journalled(
    connection: Connection, stored: Row | None, won: Sequence[str], caller: Principal
) -> dict[str, Any]:
    if stored is None:
        raise LookupError("the statement returns what it stores")
    student_id, session_id = stored["student_id"], stored["session_id"]
    result_id = str(stored["session_result_id"])
    saved = Event("practice.saved", caller.actor, student_id, session_id, result_id, stored["session_type"])
    await journal.record(connection, saved)
    for milestone in won:
        reached = Event("practice.milestone_reached", caller.actor, student_id, session_id, milestone)
        await journal.record(connection, reached)
    return shown(stored) | {"milestones_reached": list(won)}


def _columns(finished: Finished, words: Phrases) -> dict[str, Any]:
    topics, areas = phrases(finished.topics), phrases(finished.areas_to_improve)
    return {
        "session_type": finished.session_type,
        "duration_seconds": finished.duration_seconds,
        "words_spoken": finished.words_spoken,
        "pronunciation_score": finished.pronunciation_score,
        "fluency_score": finished.fluency_score,
        "grammar_score": finished.grammar_score,
        "topics": list(topics.keys),
        "topics_spelled": list(topics.spelled),
        "vocabulary_learned": list(words.keys),
        "vocabulary_learned_spelled": list(words.spelled),
        "areas_to_improve": list(areas.keys),
        "areas_to_improve_spelled": list(areas.spelled),
        "metadata": dict(finished.metadata),
    }


def _reviews(
    words: Phrases, ratings: Mapping[str, int], known: Sequence[Row], now: datetime
) -> dict[str, Any]:
    """The cards of the words after this session, as the columns of the statement that stores them."""
    cards = {
        row["word"]: Card(row["stability"], row["difficulty"], row["due_at"], row["reviewed_at"])
        for row in known
    }
    given = [Rating(ratings.get(word, UNRATED)) for word in words.keys]
    after = [
        reviewed(cards.get(word), rating, now=now) for word, rating in zip(words.keys, given, strict=True)
    ]
    return {
        "stabilities": [card.stability for card in after],
        "difficulties": [card.difficulty for card in after],
        "due": [card.due_at for card in after],
        "ratings": [int(rating) for rating in given],
        "rated": [word in ratings for word in words.keys],
    }


def _standing(row: Row) -> Standing:
    if row["sessions"] is None:
        return Standing()
    return Standing(
        sessions=row["sessions"],
        seconds=row["seconds"],
        words_spoken=row["words_spoken"],
        words_learned=row["words_learned"],
        streak_days=row["streak_days"],
        last_day=row["last_day"],
    )


def _totals(standing: Standing) -> dict[str, Any]:
    return {
        "sessions": standing.sessions,
        "seconds": standing.seconds,
        "total_words_spoken": standing.words_spoken,
        "words_learned": standing.words_learned,
        "streak_days": standing.streak_days,
        "last_day": standing.last_day,
    }
