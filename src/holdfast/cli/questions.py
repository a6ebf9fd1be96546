"""``holdfast questions``."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Annotated, Literal

import typer

from holdfast.app.services import Services
from holdfast.cli.output import err, failing_clearly, out, table
from holdfast.cli.session import ACTOR, on_stores
from holdfast.kit.errors import InvalidInput
from holdfast.kit.paging import Page
from holdfast.programs.adaptive_test import banks, listing, pools
from holdfast.programs.adaptive_test.banks import BankFile
from holdfast.programs.adaptive_test.calibrating import (
    Calibrated,
    Wish,
    answers_in,
    calibrated,
    store,
    stored_answers,
)
from holdfast.programs.adaptive_test.planning import checked
from holdfast.programs.adaptive_test.pools import Pool, Stored, Upload
from holdfast.programs.adaptive_test.psychometrics.calibration import CalibrationModel
from holdfast.programs.adaptive_test.psychometrics.models import Parameterisation

app = typer.Typer(help="Item banks: importing, listing, exporting, calibrating.", no_args_is_help=True)

PoolName = Annotated[str, typer.Argument(help="The pool's name or id.")]


@app.command("import")
def import_(
    files: Annotated[
        list[Path], typer.Argument(help="Files: CSV, JSON, or QTI 3 (.xml items, .zip package).")
    ],
    pool: Annotated[str | None, typer.Option(help="The pool's name; made when there is none.")] = None,
    concepts: Annotated[
        str | None, typer.Option(help="Names of a new pool's concepts, separated by commas.")
    ] = None,
    parameterisation: Annotated[
        Literal["a*theta-b", "a(theta-b)"] | None,
        typer.Option(help="What difficulty means in a new pool; a*theta-b when not given."),
    ] = None,
    scale: Annotated[
        str | None, typer.Option(help="Pools of one scale were calibrated together; abilities compare.")
    ] = None,
    partial: Annotated[
        bool, typer.Option("--partial", help="Import the good records of a wrong file.")
    ] = False,
) -> None:
    """Import item banks, all or none; changed questions become new versions."""

    async def work(services: Services) -> list[tuple[Path, Stored]]:
        stored = []
        async with services.database.transaction() as connection:
            for path, found in read:
                wanted = _wanted(found, pool, concepts, parameterisation, scale, partial=partial)
                stored.append((path, await pools.upload(connection, wanted, actor=ACTOR)))
        return stored

    with failing_clearly():
        read = [(path, _read(path)) for path in files]
        wrong = [problem for _, found in read for problem in found.problems]
        if wrong and not partial:
            for problem in wrong:
                err.print(str(problem), markup=False)
            raise InvalidInput(
                f"{len(wrong)} problems; nothing was imported (--partial takes the good records)"
            )
        done = on_stores(work)
        for path, stored in done:
            _tell(path, stored)


def _read(path: Path) -> BankFile:
    try:
        raw = path.read_bytes()
    except OSError as error:
        raise InvalidInput(f"cannot be read: {error.strerror}", field=str(path)) from error
    return banks.parse(raw, path.name)


def _wanted(
    found: BankFile,
    pool: str | None,
    concepts: str | None,
    parameterisation: str | None,
    scale: str | None,
    *,
    partial: bool,
) -> Upload:
    facts = found.facts
    names = [name.strip() for name in concepts.split(",")] if concepts else facts.get("concept_names", [])
    if not isinstance(names, list) or not all(isinstance(name, str) for name in names):
        raise InvalidInput("must be a list of names", field="concept_names")
    said = parameterisation or facts.get("parameterisation")
    if said is not None and said not in set(Parameterisation):
        raise InvalidInput(f"must be one of {', '.join(Parameterisation)}", field="parameterisation")
    rules = facts.get("rules", {})
    if not isinstance(rules, dict):
        raise InvalidInput("must be an object", field="rules")
    return Upload(
        found.questions,
        found.problems,
        name=pool or facts.get("name"),
        concept_names=names,
        parameterisation=said,
        scale=scale or facts.get("scale"),
        rules=checked(rules, "rules"),
        origin="import",
        partial=partial,
    )


def _tell(path: Path, stored: Stored) -> None:
    for problem in stored.problems:
        err.print(str(problem), markup=False)
    pool = stored.pool
    uses = ", ".join(f"{count} {status}" for status, count in sorted(stored.statuses.items()))
    out.print(
        f"{path.name}: {len(stored.added)} added, {len(stored.changed)} changed,"
        f" {len(stored.unchanged)} unchanged ({uses}) in pool {pool.name!r},"
        f" logit {pool.parameterisation}, revision {pool.revision}",
        markup=False,
    )


@app.command("list")
def list_(
    pool: Annotated[
        str | None, typer.Argument(help="A pool by name or id; all pools when not given.")
    ] = None,
) -> None:
    """List the pools, or the questions of one."""

    async def pools_(services: Services) -> list[tuple[object, ...]]:
        async with services.database.connection() as connection:
            rows = await pools.statements.questions_per_pool.rows(connection)
        return [
            (row["name"], row["pool_id"], row["question_count"], row["active"], row["tests_started"])
            for row in rows
        ]

    async def questions_(services: Services) -> list[tuple[object, ...]]:
        async with services.database.snapshot() as connection:
            found = await pools.by_name(connection, str(pool))
            rows: list[dict[str, object]] = []
            while True:
                page = Page(100, len(rows))
                part = await listing.questions(connection, pool_id=found.pool_id, status=None, page=page)
                rows += part["questions"]
                if len(rows) >= part["total"] or not part["questions"]:
                    return [tuple(row[name] for name in _COLUMNS) for row in rows]

    with failing_clearly():
        if pool is None:
            table(("pool", "id", "questions", "active", "tests"), on_stores(pools_))
        else:
            table(_COLUMNS, on_stores(questions_))


_COLUMNS = (
    "id",
    "version",
    "status",
    "difficulty",
    "discrimination",
    "guessing",
    "content_area",
    "administered",
)


@app.command()
def export(
    pool: PoolName,
    to: Annotated[
        Path | None, typer.Option(help="A .csv, .json or .zip (QTI 3) file; JSON to standard output.")
    ] = None,
) -> None:
    """Export a pool as a file that can be imported again. Correct answers are in it."""

    async def work(services: Services) -> bytes:
        async with services.database.snapshot() as connection:
            found: Pool = await pools.by_name(connection, pool)
            facts, rows = await listing.export(connection, found)
        return banks.render(form, facts, rows)

    with failing_clearly():
        forms: dict[str, banks.Format] = {".csv": "csv", ".json": "json", ".zip": "qti"}
        if to is not None and to.suffix.lower() not in forms:
            raise InvalidInput("must end with .csv, .json or .zip", field=str(to))
        form: banks.Format = forms[to.suffix.lower()] if to is not None else "json"
        content = on_stores(work)
        if to is None:
            sys.stdout.buffer.write(content)
        else:
            to.write_bytes(content)
            out.print(f"written to {to}", markup=False)


@app.command()
def calibrate(
    pool: PoolName,
    model: Annotated[Literal["Rasch", "1PL", "2PL", "3PL"], typer.Option(help="The model.")] = "2PL",
    responses: Annotated[
        Path | None,
        typer.Option(
            help="A CSV table, a column for each question: 1, 0 or empty. The stored answers when not given."
        ),
    ] = None,
    free: Annotated[
        bool, typer.Option("--free", help="Estimate active questions too: a new scale, with no anchors.")
    ] = False,
    activate: Annotated[bool, typer.Option("--activate", help="What is calibrated becomes active.")] = False,
    minimum: Annotated[int, typer.Option(min=2, help="A question with fewer answers is left as it is.")] = 30,
    dry_run: Annotated[
        bool, typer.Option("--dry-run", help="Print what would be stored, and store nothing.")
    ] = False,
) -> None:
    """Estimate item parameters from answers; each becomes a new version of its question."""
    wish = Wish(CalibrationModel(model), anchored=not free, activate=activate, minimum_responses=minimum)

    async def work(services: Services) -> Calibrated:
        async with services.database.transaction() as connection:
            found = await pools.by_name(connection, pool)
            answers = table_ or await stored_answers(connection, found)
            done = await calibrated(connection, found, answers, wish)
            if not dry_run:
                await store(connection, found, done, actor=ACTOR)
            return done

    with failing_clearly():
        table_ = answers_in(_bytes(responses), responses.name) if responses is not None else None
        _tell_calibration(on_stores(work), dry_run=dry_run)


def _bytes(path: Path) -> bytes:
    try:
        return path.read_bytes()
    except OSError as error:
        raise InvalidInput(f"cannot be read: {error.strerror}", field=str(path)) from error


def _tell_calibration(done: Calibrated, *, dry_run: bool) -> None:
    found = done.found
    rows = [
        tuple(row[name] if isinstance(row[name], int | str) else f"{row[name]:.4f}" for name in _CALIBRATED)
        for row in found.rows()
    ]
    table(_CALIBRATED, rows)
    for warning in found.warnings:
        err.print(f"warning: {warning}", markup=False)
    for item in done.left_out:
        err.print(f"{item} has too few answers and stays as it is", markup=False)
    stored = "nothing stored" if dry_run else f"{len(done.changes)} new versions"
    out.print(
        f"{found.model.value}, {found.persons} persons, log-likelihood {found.log_likelihood:.4f},"
        f" {int(found.anchored.sum())} anchors, {stored}",
        markup=False,
    )


_CALIBRATED = ("item", "a", "a_se", "b", "b_se", "c", "c_se", "answers", "anchored")
