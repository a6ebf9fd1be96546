"""What was known before the study began: values and classes from a file, abilities from an adaptive test."""

from __future__ import annotations

import csv
import io
import math
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from uuid import UUID

from holdfast.core.cohorts import Cohort
from holdfast.core.journal import Event, record
from holdfast.kit.errors import Conflict, InvalidInput, NotFound
from holdfast.programs.adaptive_test.pools import statements as adaptive_statements
from holdfast.research.plan.registering import statements
from holdfast.store.statements import Connection

STUDENT_COLUMNS = ("student", "student_code", "student_id", "code", "id", "email", "e-mail")
LARGEST_FILE = 5_000_000
SHOWN_LINES = 20
CLASS_COLUMNS = ("class", "cluster", "classroom", "site")
CLASS = "cluster"
"""What a class is called in the data, however its column is headed."""
LONGEST_CLASS = 100
_NAME = re.compile(r"[A-Za-z][A-Za-z0-9_]{0,31}")


@dataclass(frozen=True, slots=True)
class Measured:
    """One value of one student, as a file states it; ``line`` from 1. A class is a text, others numbers."""

    line: int
    student: str
    name: str
    value: float | str


@dataclass(frozen=True, slots=True)
class Imported:
    """What an import did: values that were new or different, and values that stood there already."""

    written: int
    unchanged: int
    students: int
    names: tuple[str, ...]


def read_csv(text: str) -> list[Measured]:
    """Values from a CSV file: a column that names the student, and one column for each covariate.

    The student's column is one of ``student``, ``student_code``, ``student_id``, ``code``, ``id``,
    ``email``; a column ``class``, ``cluster``, ``classroom`` or ``site`` names the class that the student
    was taught in, and holds a text. An empty cell is a value that is not there. Commas or semicolons
    separate; decimals have a point.

    Raises:
        InvalidInput: naming every line that is wrong (the first 20 in the message).
    """
    if len(text) > LARGEST_FILE:
        raise InvalidInput(f"must not be longer than {LARGEST_FILE} characters", field="csv")
    text = text.removeprefix("\ufeff")
    head = text.split("\n", 1)[0]
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=";" if ";" in head else ",", strict=True)
    try:
        numbered = [(reader.line_num, row) for row in reader if any(cell.strip() for cell in row)]
    except csv.Error as error:
        raise InvalidInput(f"line {reader.line_num}: {error}", field="csv") from error
    if not numbered:
        raise InvalidInput("the file is empty", field="csv")
    place, names = _header([cell.strip() for cell in numbered[0][1]])
    return _rows(numbered[1:], place, names)


def _header(cells: Sequence[str]) -> tuple[int, list[str]]:
    found = [number for number, cell in enumerate(cells) if cell.lower() in STUDENT_COLUMNS]
    if len(found) != 1:
        raise InvalidInput(
            f"line 1: exactly one column must name the student: {', '.join(STUDENT_COLUMNS)}", field="csv"
        )
    names = [cell for number, cell in enumerate(cells) if number != found[0]]
    names = [CLASS if name.lower() in CLASS_COLUMNS else name for name in names]
    wrong = [name for name in names if not _NAME.fullmatch(name)]
    if wrong or not names or len(set(names)) < len(names):
        problem = f"{wrong[0]!r} is no name" if wrong else "covariates or a class must be there, none twice"
        raise InvalidInput(f"line 1: {problem} (a letter, then letters, digits, _; 32 at most)", field="csv")
    return found[0], names


def _rows(numbered: Sequence[tuple[int, list[str]]], place: int, names: Sequence[str]) -> list[Measured]:
    problems: list[str] = []
    made: list[Measured] = []
    for line, row in numbered:
        if len(row) != len(names) + 1:
            problems.append(f"line {line}: {len(row)} cells instead of {len(names) + 1}")
            continue
        student = row[place].strip()
        values = [cell.strip() for number, cell in enumerate(row) if number != place]
        if not student:
            problems.append(f"line {line}: no student")
        for name, cell in zip(names, values, strict=True):
            value = _class(cell) if name == CLASS else _number(cell)
            if cell and value is None:
                wanted = f"a printable text of at most {LONGEST_CLASS} characters"
                wanted = wanted if name == CLASS else "a number"
                problems.append(f"line {line}: {name} is not {wanted}")
            elif value is not None:
                made.append(Measured(line, student, name, value))
    _refuse(problems)
    return made


def _number(cell: str) -> float | None:
    try:
        number = float(cell)
    except ValueError:
        return None
    return number if math.isfinite(number) and "_" not in cell else None


def _class(cell: str) -> str | None:
    return cell if 0 < len(cell) <= LONGEST_CLASS and cell.isprintable() else None


def _refuse(problems: Sequence[str]) -> None:
    if not problems:
        return
    shown = "; ".join(problems[:SHOWN_LINES])
    more = f"; and {len(problems) - SHOWN_LINES} more" if len(problems) > SHOWN_LINES else ""
    raise InvalidInput(
        f"nothing was imported: {shown}{more}", field="csv", problems=list(problems[:SHOWN_LINES])
    )


async def import_measured(
    connection: Connection,
    cohort: Cohort,
    measured: Sequence[Measured],
    *,
    source: str,
    actor: str,
    replace: bool = False,
) -> Imported:
    """Keep values of a cohort's members; all of them or none.

    Raises:
        InvalidInput: a line names nobody in the cohort, or somebody twice.
        Conflict: another value is there already and ``replace`` does not say that it should go.
    """
    by_name = await _members(connection, cohort)
    values: dict[tuple[UUID, str], Measured] = {}
    problems: list[str] = []
    for one in measured:
        student_id = by_name.get(one.student.casefold())
        if student_id is None:
            problems.append(f"line {one.line}: {one.student!r} is not in the cohort")
        elif (student_id, one.name) in values:
            problems.append(
                f"line {one.line}: {one.student!r} was on line {values[student_id, one.name].line}"
            )
        else:
            values[student_id, one.name] = one
    _refuse(list(dict.fromkeys(problems)))
    kept = {key: one.value for key, one in values.items()}
    return await _keep(connection, cohort, kept, source=source, actor=actor, replace=replace)


async def import_abilities(
    connection: Connection, cohort: Cohort, pool: str, *, name: str, actor: str, replace: bool = False
) -> Imported:
    """Keep the ability by the last test on a pool that ended before the first simulation session began.

    Raises:
        NotFound: there is no such pool.
        InvalidInput: nobody has such a test, or the name is none.
        Conflict: as ``import_measured``.
    """
    if not _NAME.fullmatch(name) or name.lower() in CLASS_COLUMNS:
        raise InvalidInput("a letter, then letters, digits, _; 32 at most; not a class", field="name")
    found = await adaptive_statements.pool_by_name.row(connection, name=pool)
    if found is None:
        raise NotFound(f"there is no pool named {pool!r}", field="pool")
    rows = await statements.abilities_before.rows(
        connection, cohort_id=cohort.cohort_id, pool_id=found["pool_id"]
    )
    if not rows:
        raise InvalidInput(
            "nobody completed a test on this pool before the first simulation session", field="pool"
        )
    values = {(row["student_id"], name): row["value"] for row in rows}
    source = f"adaptive test on {pool}"
    return await _keep(connection, cohort, values, source=source, actor=actor, replace=replace)


async def _members(connection: Connection, cohort: Cohort) -> dict[str, UUID]:
    known: dict[str, UUID] = {}
    for row in await statements.members.rows(connection, cohort_id=cohort.cohort_id):
        for spelled in (row["student_code"], str(row["student_id"]), row["email"]):
            if spelled:
                known[spelled.casefold()] = row["student_id"]
    return known


async def _keep(
    connection: Connection,
    cohort: Cohort,
    values: Mapping[tuple[UUID, str], float | str],
    *,
    source: str,
    actor: str,
    replace: bool,
) -> Imported:
    there = await _there(connection, cohort)
    other = [key for key, value in values.items() if there.get(key, value) != value]
    if other and not replace:
        raise Conflict(
            f"{len(other)} values are there already and differ; nothing was imported", field="replace"
        )
    ordered = sorted(values, key=lambda key: (str(key[0]), key[1]))
    keys = [key for key in ordered if key[1] != CLASS]
    classes = [key[0] for key in ordered if key[1] == CLASS]
    written = await statements.write_covariates.run(
        connection,
        cohort_id=cohort.cohort_id,
        students=[student for student, _ in keys],
        names=[name for _, name in keys],
        values=[values[key] for key in keys],
        source=source,
    ) + await statements.write_classes.run(
        connection,
        cohort_id=cohort.cohort_id,
        students=classes,
        classes=[values[student, CLASS] for student in classes],
    )
    names = tuple(sorted({name for _, name in values}))
    if written:
        data = {"names": list(names), "values": written, "source": source}
        await record(connection, Event("research.covariates_imported", actor, object=cohort.name, data=data))
    return Imported(written, len(values) - written, len({student for student, _ in values}), names)


async def _there(connection: Connection, cohort: Cohort) -> dict[tuple[UUID, str], float | str]:
    """What is kept of a cohort's members, classes included."""
    measured = await statements.covariates_of.rows(connection, cohort_id=cohort.cohort_id)
    classes = await statements.classes_of.rows(connection, cohort_id=cohort.cohort_id)
    kept = {(row["student_id"], row["name"]): row["value"] for row in measured}
    return kept | {(row["student_id"], CLASS): row["cluster"] for row in classes}
