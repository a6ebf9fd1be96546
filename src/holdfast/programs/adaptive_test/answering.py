"""Answering a question: graded, scored, counted once, and the next question chosen. One transaction."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, NamedTuple

from holdfast.core.access import Principal
from holdfast.kit.errors import Conflict, NotFound, WrongStep
from holdfast.kit.ids import uuid7
from holdfast.programs.adaptive_test import giving, tracking
from holdfast.programs.adaptive_test.bank import PinnedBank
from holdfast.programs.adaptive_test.giving import Giving
from holdfast.programs.adaptive_test.grading import Grade, grade
from holdfast.programs.adaptive_test.place import Pending, Place, locked, require_open
from holdfast.programs.adaptive_test.pools import statements
from holdfast.programs.adaptive_test.psychometrics.steps import Answer, State
from holdfast.programs.adaptive_test.psychometrics.stopping import Stop
from holdfast.programs.adaptive_test.summarising import Totals, totals
from holdfast.programs.adaptive_test.tracking import Knowledge
from holdfast.store.statements import Connection, Row


@dataclass(frozen=True, slots=True)
class Outcome:
    """What an answer led to, now or when it was given for the first time.

    Attributes:
        proficiency: by concept, after the answer.
        next_question: id and version; none when the test is over.
        version: of the session afterwards; none for a repetition.
        answers: all answers so far, each as `coded`; none for a repetition.
    """

    place: Place
    answered: int
    ability: float
    standard_error: float
    proficiency: dict[str, float]
    next_question: tuple[str, int] | None
    version: int | None = None
    answers: tuple[int, ...] | None = None


@dataclass(frozen=True, slots=True)
class Submission:
    """What a client sends: the option, or 0 or 1 from staff."""

    session_id: str
    question_id: str
    response: str | int


class Remembered(NamedTuple):
    """What the hot store says of a test: the session's version, and the answers up to it as `coded`."""

    version: int
    answers: tuple[int, ...]


def coded(pinned: PinnedBank, answer: Answer) -> int:
    """An answer as one small number, for the hot store."""
    return pinned.bank.index[answer.item] * 4 + answer.right * 2 + answer.scored


def decoded(pinned: PinnedBank, code: int) -> Answer:
    """The answer that a number of `coded` stands for."""
    place, rest = divmod(code, 4)
    return Answer(pinned.bank.ids[place], bool(rest & 2), bool(rest & 1))


async def submit(
    connection: Connection,
    made: Giving,
    sent: Submission,
    caller: Principal,
    *,
    idle_s: float,
    remembered: Remembered | None = None,
) -> Outcome:
    """Count an answer to the pending question, once.

    Args:
        connection: inside a transaction.
        made: engines.
        sent: the answer.
        caller: the student, or staff that answers in the student's place.
        idle_s: after which silence the test has expired.
        remembered: version and answers of the session from the hot store; used when they are current.

    Raises:
        NotFound: no such test or question.
        InvalidInput, NotAllowed: as `grade`.
        WrongStep: another question is pending, or the test is not open.
        Idle: the test is to be marked expired.
    """
    place = await locked(connection, sent.session_id, caller)
    pending = place.pending
    if pending is None or sent.question_id != pending.question_id:
        return await _again(connection, made, place, sent)
    require_open(place, idle_s)
    words = await statements.question_words.row(
        connection, question_id=pending.question_id, version=pending.version
    )
    if words is None:
        raise NotFound("there is no such question", field="question_id")
    graded = grade(sent.response, words["options"], words["correct_answer"], trusted=caller.is_staff)
    return await _Counting(connection, made, place, pending, graded, caller).count(remembered)


async def _again(connection: Connection, made: Giving, place: Place, sent: Submission) -> Outcome:
    """The outcome of an answer that was counted before; the first answer stands, whatever is sent now."""
    row = await statements.response_to.row(
        connection, session_id=place.session_id, question_id=sent.question_id
    )
    if row is None:
        pinned, _, _ = await made.of(connection, place)
        if sent.question_id not in pinned.bank.index:
            raise NotFound("there is no such question in this test", field="question_id")
        expected = place.pending.question_id if place.pending is not None else "nothing: the test is complete"
        raise WrongStep("this question is not the one that was asked", field="question_id", expected=expected)
    following = (row["next_id"], row["next_version"]) if row["next_id"] is not None else None
    if following is None and place.pending is not None and place.is_active:
        following = (place.pending.question_id, place.pending.version)
    return Outcome(
        place,
        row["position"],
        row["ability_after"],
        row["standard_error_after"],
        row["proficiency_after"],
        following,
    )


@dataclass(frozen=True, slots=True)
class _Counting:
    """One answer on its way into the database."""

    connection: Connection
    made: Giving
    place: Place
    pending: Pending
    graded: Grade
    caller: Principal

    async def count(self, remembered: Remembered | None) -> Outcome:
        pinned, plan, engine = await self.made.of(self.connection, self.place)
        answers = await self._answers(pinned, remembered)
        before = engine.resume(giving.opening_of(self.place, pinned), answers)
        answer = Answer(self.pending.question_id, self.graded.right, self.pending.scored)
        after = engine.answer(before, answer)
        following = giving.decide(engine, after, pinned, self.place.elapsed_s)
        known = await tracking.locked(
            self.connection, self.place.student_id, self.place.row["scale"], self.place.concept_names, plan
        )
        learnt = self._learnt(known, pinned)
        version = await self._write(known, learnt, before, after, following)
        return Outcome(
            self.place,
            self.pending.position,
            after.estimate.theta,
            after.estimate.se,
            learnt.values(),
            (following.question_id, following.version) if isinstance(following, Pending) else None,
            version,
            tuple(coded(pinned, one) for one in (*answers, answer)),
        )

    async def _answers(self, pinned: PinnedBank, remembered: Remembered | None) -> Sequence[Answer]:
        """The answers so far: those of the hot store if they are of this very version, or else the rows'."""
        if remembered is not None and remembered.version == self.place.version:
            return [decoded(pinned, code) for code in remembered.answers]
        rows = await statements.responses_of.rows(self.connection, session_id=self.place.session_id)
        return giving.answers_of(rows)

    def _learnt(self, known: Knowledge, pinned: PinnedBank) -> Knowledge:
        if not self.pending.scored:
            return known
        item = pinned.bank.index[self.pending.question_id]
        return known.after(pinned.concepts, item, self.place.places, right=self.graded.right)

    async def _write(
        self, known: Knowledge, learnt: Knowledge, before: State, after: State, following: Pending | Stop
    ) -> int:
        place, pending = self.place, self.pending
        ends = isinstance(following, Stop)
        came_to = await self._came_to(learnt) if ends else Totals(None, None, None)
        version = await statements.count_answer.value(
            self.connection,
            session_id=place.session_id,
            question_id=pending.question_id,
            question_version=pending.version,
            position=pending.position,
            response=self.graded.response,
            chosen=self.graded.chosen,
            graded_by=self.graded.graded_by,
            scored=pending.scored,
            ability_before=before.estimate.theta,
            standard_error_before=before.estimate.se,
            ability=after.estimate.theta,
            standard_error=after.estimate.se,
            at_bound=after.estimate.at_bound,
            proficiency_before=known.values(),
            proficiency_after=learnt.values(),
            choice=pending.choice,
            draw=pending.draw,
            eligible_digest=pending.digest,
            eligible_count=pending.eligible,
            prior=after.opening.prior.to_json(),
            engine_version=pending.engine,
            response_s=max(0.0, place.elapsed_s - pending.at_s),
            presented_at=place.row["presented_at"],
            pending=None if isinstance(following, Stop) else following.to_json(),
            status="COMPLETED" if ends else None,
            end_reason=following.reason.value if isinstance(following, Stop) else None,
            proficiencies=learnt.changes(known),
            events=self._events(following),
            **came_to.columns(),
        )
        if version is None:
            raise Conflict("the test has changed meanwhile; try again")
        return int(version)

    async def _came_to(self, learnt: Knowledge) -> Totals:
        rows = await statements.responses_of.rows(self.connection, session_id=self.place.session_id)
        scored = self.place.row["scored_questions"] + int(self.pending.scored)
        correct = self.place.row["correct_responses"] + int(self.pending.scored and self.graded.right)
        path = [*(row["proficiency_after"] for row in rows), learnt.values()]
        return totals(self.place.row["initial_proficiency"], path, scored=scored, correct=correct)

    def _events(self, following: Pending | Stop) -> list[dict[str, Any]]:
        result = "correct" if self.graded.right else "wrong"
        answered = self._event("question.answered", self.pending.question_id, result)
        answered["data"] = {"position": self.pending.position, "scored": self.pending.scored}
        if isinstance(following, Pending):
            return [answered]
        ended = self._event("test.completed", str(self.place.pool_id), following.reason.value)
        return [answered, ended | {"data": following.to_json()}]

    def _event(self, type_: str, about: str, result: str) -> dict[str, Any]:
        actor = self.caller.actor
        return {"event_id": str(uuid7()), "actor": actor, "type": type_, "object": about, "result": result}


def row_totals(place: Place, rows: Sequence[Row]) -> Totals:
    """What a test that ends without another answer came to."""
    path = [row["proficiency_after"] for row in rows]
    scored, correct = place.row["scored_questions"], place.row["correct_responses"]
    return totals(place.row["initial_proficiency"], path, scored=scored, correct=correct)
