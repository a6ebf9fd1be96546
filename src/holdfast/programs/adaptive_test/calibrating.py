"""Calibrating a pool from stored answers or a table from elsewhere: new versions, never over old ones."""

from __future__ import annotations

import csv
import io
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from holdfast.core.journal import Event, record
from holdfast.kit.errors import InvalidInput
from holdfast.programs.adaptive_test import pools
from holdfast.programs.adaptive_test.pools import Pool, statements
from holdfast.programs.adaptive_test.psychometrics.calibration import (
    Calibration,
    CalibrationModel,
    CalibrationPlan,
    FixedItem,
    calibrate,
)
from holdfast.programs.adaptive_test.psychometrics.models import Parameterisation
from holdfast.programs.adaptive_test.question import Status, content_hash
from holdfast.store.statements import Connection

MISSING = -1
COUNT = "count"


@dataclass(frozen=True, slots=True)
class Answers:
    """Answers to be calibrated from.

    Attributes:
        items: names of the columns.
        matrix: persons by items, 1, 0, or -1 where there is none.
        counts: how many persons each row stands for.
    """

    items: tuple[str, ...]
    matrix: NDArray[np.int8]
    counts: NDArray[np.int64]


@dataclass(frozen=True, slots=True)
class Wish:
    """What is to be calibrated.

    Attributes:
        model: of the free questions.
        anchored: active questions keep their parameters, so that the others come onto their scale.
        activate: what was calibrated becomes active.
        minimum_responses: a question with fewer answers is left as it is.
    """

    model: CalibrationModel = CalibrationModel.TWO
    anchored: bool = True
    activate: bool = False
    minimum_responses: int = 30


async def stored_answers(connection: Connection, pool: Pool) -> Answers:
    """The answers that tests on a pool have stored, one row a test; voided tests are left out."""
    rows = await statements.calibration_responses.rows(connection, pool_id=pool.pool_id)
    sessions = {name: n for n, name in enumerate(dict.fromkeys(row["session_id"] for row in rows))}
    items = {name: n for n, name in enumerate(dict.fromkeys(row["question_id"] for row in rows))}
    matrix = np.full((len(sessions), len(items)), MISSING, dtype=np.int8)
    for row in rows:
        matrix[sessions[row["session_id"]], items[row["question_id"]]] = row["response"]
    return Answers(tuple(items), matrix, np.ones(len(sessions), dtype=np.int64))


def answers_in(raw: bytes, name: str) -> Answers:
    """A CSV table: a column for each question by its id, 1, 0 or empty; `count` may say for how many.

    Raises:
        InvalidInput: naming the line and the column.
    """
    try:
        lines = list(csv.reader(io.StringIO(raw.decode("utf-8-sig"), newline=""), strict=True))
    except (UnicodeDecodeError, csv.Error) as error:
        raise InvalidInput(f"is no CSV in UTF-8: {error}", field=name) from error
    header = [column.strip() for column in lines[0]] if lines else []
    if len(set(header)) != len(header) or not set(header) - {COUNT}:
        raise InvalidInput("the first line must name the questions, each once", field=f"{name} line 1")
    rows, counts = [], []
    for number, line in enumerate(lines[1:], 2):
        if any(line):
            row, count = _row(header, line, f"{name} line {number}")
            rows.append(row)
            counts.append(count)
    items = tuple(column for column in header if column != COUNT)
    return Answers(items, np.array(rows, dtype=np.int8).reshape(len(rows), -1), np.array(counts))


def _row(header: Sequence[str], line: Sequence[str], where: str) -> tuple[list[int], int]:
    if len(line) != len(header):
        raise InvalidInput(f"has {len(line)} cells, the first line {len(header)}", field=where)
    row, count = [], 1
    for column, cell in zip(header, (cell.strip() for cell in line), strict=True):
        if column == COUNT:
            if not cell.isdecimal():
                raise InvalidInput(f"{cell!r} is no number of persons", field=f"{where} {column}")
            count = int(cell)
        elif cell in _CODES:
            row.append(_CODES[cell])
        else:
            raise InvalidInput(f"{cell!r} is not 1, 0 or empty", field=f"{where} {column}")
    return row, count


_CODES = {"1": 1, "0": 0, "": MISSING}


@dataclass(frozen=True, slots=True)
class Calibrated:
    """What a calibration of a pool found, and which versions it makes."""

    found: Calibration
    changes: list[dict[str, Any]]
    left_out: list[str]


async def calibrated(connection: Connection, pool: Pool, answers: Answers, wish: Wish) -> Calibrated:
    """Calibrate a pool's questions; nothing is written.

    Raises:
        InvalidInput: unknown questions, too few answers, or what `calibrate` refuses.
    """
    rows = {
        row["question_id"]: row
        for row in await statements.pool_records.rows(connection, pool_id=pool.pool_id)
    }
    strange = next((item for item in answers.items if item not in rows), None)
    if strange is not None:
        raise InvalidInput(f"{strange!r} is no question of this pool", field="responses")
    given = {item: rows[item]["record"] for item in answers.items}
    anchors = _anchors(given, pool) if wish.anchored else {}
    numbers = (answers.counts[:, np.newaxis] * (answers.matrix != MISSING)).sum(axis=0)
    enough = numbers >= wish.minimum_responses
    used = [n for n, item in enumerate(answers.items) if item in anchors or enough[n]]
    if not any(answers.items[n] not in anchors for n in used):
        message = f"no question to calibrate has {wish.minimum_responses} answers"
        raise InvalidInput(message, field="responses")
    plan = CalibrationPlan(
        model=wish.model, anchors=anchors, minimum_responses=max(2, wish.minimum_responses)
    )
    found = calibrate(
        answers.matrix[:, used], plan, items=[answers.items[n] for n in used], counts=answers.counts
    )
    changes = [
        _change(found, place, rows[name], pool, wish)
        for place, name in enumerate(found.items)
        if not found.anchored[place]
    ]
    left_out = [item for n, item in enumerate(answers.items) if n not in set(used)]
    return Calibrated(found, changes, left_out)


def _anchors(given: Mapping[str, Mapping[str, Any]], pool: Pool) -> dict[str, FixedItem]:
    """Active questions as they are, in a (theta - b); one with an upper asymptote cannot be an anchor."""
    return {
        item: FixedItem(
            known["discrimination"],
            known["difficulty"] / (known["discrimination"] if _intercept(pool) else 1.0),
            known["guessing"],
        )
        for item, known in given.items()
        if known["status"] == Status.ACTIVE and known["slipping"] == 1.0
    }


def _intercept(pool: Pool) -> bool:
    return Parameterisation(pool.parameterisation) is Parameterisation.INTERCEPT


def _change(found: Calibration, place: int, row: Any, pool: Pool, wish: Wish) -> dict[str, Any]:
    """A question's next version."""
    slope, difficulty = float(found.discrimination[place]), float(found.difficulty[place])
    if slope <= 0:
        name = found.items[place]
        raise InvalidInput(
            f"question {name!r} does not rise with ability; retire it first", field="responses"
        )
    parameters = {
        "difficulty": difficulty * slope if _intercept(pool) else difficulty,
        "discrimination": slope,
        "guessing": float(found.guessing[place]),
        "slipping": 1.0,
    }
    changed = row["record"] | parameters
    if wish.activate:
        changed["status"] = Status.ACTIVE.value
    return {
        "id": row["question_id"],
        "ordinal": row["ordinal"],
        "version": row["version"] + 1,
        "content_hash": content_hash(changed),
        "record": changed,
        "calibration": _report(found, place),
    }


def _report(found: Calibration, place: int) -> dict[str, Any]:
    return {
        "model": found.model.value,
        "b": float(found.difficulty[place]),
        "a_se": _number(found.discrimination_se[place]),
        "b_se": _number(found.difficulty_se[place]),
        "c_se": _number(found.guessing_se[place]),
        "answers": int(found.answers[place]),
        "persons": found.persons,
        "anchors": int(found.anchored.sum()),
        "log_likelihood": found.log_likelihood,
        "converged": found.convergence.converged,
        "warnings": list(found.warnings),
    }


def _number(value: float) -> float | None:
    return float(value) if np.isfinite(value) else None


async def store(connection: Connection, pool: Pool, done: Calibrated, *, actor: str) -> None:
    """Write what was calibrated as new versions, one revision of the pool.

    Raises:
        InvalidInput: the search did not converge; its parameters are not to be used.
        Conflict: somebody changed the questions meanwhile.
    """
    if not done.found.convergence.converged:
        raise InvalidInput(done.found.convergence.message, field="responses")
    await pools.write_versions(connection, pool, done.changes, origin="calibration", actor=actor)
    data = {"questions": len(done.changes), "model": done.found.model.value, "persons": done.found.persons}
    await record(connection, Event("questions.calibrated", actor, object=str(pool.pool_id), data=data))
