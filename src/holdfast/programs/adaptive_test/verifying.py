"""Does what is stored of a test agree with itself? Its whole path is replayed from its rows and compared."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

from holdfast.core.access import Principal, Role
from holdfast.kit.errors import HoldfastError
from holdfast.programs.adaptive_test.answering import row_totals
from holdfast.programs.adaptive_test.bank import PinnedBank
from holdfast.programs.adaptive_test.giving import Giving, answers_of, opening_of
from holdfast.programs.adaptive_test.place import Place, look
from holdfast.programs.adaptive_test.pools import statements
from holdfast.programs.adaptive_test.psychometrics.engine import Engine
from holdfast.programs.adaptive_test.psychometrics.opening import ENGINE_VERSION
from holdfast.programs.adaptive_test.psychometrics.replay import Recorded, replay
from holdfast.store.statements import Connection, Row

CLOSE = 1e-9
"""Two estimates further apart than this are not the same one, computed on another machine."""
_STAFF = Principal(Role.ADMIN, "verify")


@dataclass(frozen=True, slots=True)
class Discrepancy:
    """Something in a test that contradicts something else in it."""

    session_id: str
    where: str
    what: str


async def tests_to_verify(connection: Connection) -> list[str]:
    """The ids of all adaptive tests, oldest first."""
    return [row["session_id"] for row in await statements.all_tests.rows(connection)]


async def verify_test(connection: Connection, made: Giving, session_id: str) -> list[Discrepancy]:
    """Every contradiction in a test; read it in one snapshot.

    Raises:
        NotFound: there is no such test.
    """
    place = await look(connection, session_id, _STAFF)
    rows = await statements.responses_of.rows(connection, session_id=session_id)
    found = [*_counts(place, rows), *_grades(rows, await _keys(connection, rows))]
    try:
        pinned, _, engine = await made.of(connection, place)
        found += _replayed(engine, pinned, place, rows)
    except HoldfastError as error:
        found.append(("opening", f"cannot be replayed by engine {ENGINE_VERSION}: {error}"))
    return [Discrepancy(session_id, where, what) for where, what in found]


Found = list[tuple[str, str]]


def _counts(place: Place, rows: Sequence[Row]) -> Found:
    """Counters, positions and the end, against the answers."""
    row, problems = place.row, Found()
    if [one["position"] for one in rows] != list(range(1, len(rows) + 1)):
        problems.append(("responses", "the positions have gaps"))
    scored = [one for one in rows if one["scored"]]
    counted = {
        "total_questions": len(rows),
        "scored_questions": len(scored),
        "correct_responses": sum(one["response"] for one in scored),
    }
    problems += [
        ("test", f"{name} is {row[name]}, the answers give {value}")
        for name, value in counted.items()
        if row[name] != value
    ]
    if place.is_active and place.pending is None:
        problems.append(("test", "is under way, but no question is pending"))
    if place.pending is not None and place.pending.position != len(rows) + 1:
        problems.append(("test", f"the pending question has position {place.pending.position}"))
    if row["end_reason"] is not None and not place.is_active:
        came_to = row_totals(place, rows).columns()
        problems += [
            ("test", f"{name} is {row[name]}, the answers give {value}")
            for name, value in came_to.items()
            if not _same(row[name], value)
        ]
    return problems


def _same(stored: float | None, found: float | None) -> bool:
    if stored is None or found is None:
        return stored is found
    return math.isclose(stored, found, rel_tol=CLOSE, abs_tol=CLOSE)


async def _keys(connection: Connection, rows: Sequence[Row]) -> dict[tuple[str, int], str]:
    """The correct answers of the versions that were given."""
    versions = sorted({(row["question_id"], row["question_version"]) for row in rows})
    found = await statements.answer_keys.rows(
        connection, ids=[id_ for id_, _ in versions], versions=[version for _, version in versions]
    )
    return {(row["question_id"], row["version"]): row["correct_answer"] for row in found}


def _grades(rows: Sequence[Row], keys: dict[tuple[str, int], str]) -> Found:
    """Every answer that the server graded, graded again."""
    return [
        (f"position {row['position']}", "is graded otherwise than its question says")
        for row in rows
        if row["is_correct"] != (row["response"] == 1)
        or (
            row["graded_by"] == "server"
            and (keys[row["question_id"], row["question_version"]] == row["chosen"]) != row["is_correct"]
        )
    ]


def _replayed(engine: Engine, pinned: PinnedBank, place: Place, rows: Sequence[Row]) -> Found:
    """Choices and estimates, made again from the stored draws and answers."""
    records = [
        Recorded(
            row["question_id"],
            row["scored"],
            row["draw"],
            row["eligible_digest"],
            row["engine_version"],
            row["response"] == 1,
        )
        for row in rows
    ]
    if place.pending is not None:
        one = place.pending
        records.append(Recorded(one.question_id, one.scored, one.draw, one.digest, one.engine, None))
    opening = opening_of(place, pinned)
    problems = [
        (f"position {d.place}", f"{d.what} is {d.stored!r}, the engine finds {d.found!r}")
        for d in replay(engine, opening, records)
    ]
    problems += [
        (f"position {row['position']}", "was scored with another version than the bank's")
        for row in rows
        if pinned.version_of(row["question_id"]) != row["question_version"]
    ]
    return problems + _estimates(engine, pinned, place, rows)


def _estimates(engine: Engine, pinned: PinnedBank, place: Place, rows: Sequence[Row]) -> Found:
    problems = Found()
    state = engine.begin(opening_of(place, pinned))
    for row, answer in zip(rows, answers_of(rows), strict=True):
        stored_before = (row["ability_before"], row["standard_error_before"])
        if not _near(stored_before, state.estimate[:2]):
            problems.append((f"position {row['position']}", "the estimate before the answer is another"))
        state = engine.answer(state, answer)
        if not _near((row["ability_after"], row["standard_error_after"]), state.estimate[:2]):
            problems.append((f"position {row['position']}", "the estimate after the answer is another"))
    if not _near((place.row["ability"], place.row["standard_error"]), state.estimate[:2]):
        problems.append(("test", "the stored ability is not that of its answers"))
    return problems


def _near(stored: tuple[float, ...], found: tuple[float, ...]) -> bool:
    return all(math.isclose(a, b, rel_tol=CLOSE, abs_tol=CLOSE) for a, b in zip(stored, found, strict=True))
