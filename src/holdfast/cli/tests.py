"""``holdfast test``."""

from __future__ import annotations

import csv
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Annotated, Any

import orjson
import typer
import yaml
from rich.progress import Progress

from holdfast.app.services import Services
from holdfast.cli.output import err, failing_clearly, out, table
from holdfast.cli.session import on_stores
from holdfast.kit.errors import InvalidInput
from holdfast.programs.adaptive_test import banks, pools, simulating
from holdfast.programs.adaptive_test.planning import TestPlan, combined
from holdfast.programs.adaptive_test.psychometrics.bank import Bank
from holdfast.programs.adaptive_test.simulating import Crowd, Simulated, simulated
from holdfast.programs.adaptive_test.verifying import Discrepancy, tests_to_verify, verify_test

app = typer.Typer(help="Adaptive tests: verifying what is stored, simulating a test.", no_args_is_help=True)

CONTRADICTION = 1


@app.command()
def verify(
    session: Annotated[str | None, typer.Argument(help="One test; all of them when not given.")] = None,
) -> None:
    """Replay the path of every test from its rows and compare; exit 1 on a contradiction."""

    async def work(services: Services) -> tuple[int, list[Discrepancy]]:
        async with services.database.connection() as connection:
            names = [session] if session else await tests_to_verify(connection)
        found: list[Discrepancy] = []
        with Progress(console=err, transient=True, disable=not err.is_terminal) as progress:
            for name in progress.track(names, description="verifying"):
                async with services.database.snapshot() as connection:
                    found += await verify_test(connection, services.adaptive_tests.giving, name)
        return len(names), found

    with failing_clearly():
        count, found = on_stores(work)
        for one in found:
            out.print(f"{one.session_id}\t{one.where}\t{one.what}", markup=False)
        out.print(f"{count} tests verified, {len(found)} contradictions", markup=False)
        if found:
            raise typer.Exit(CONTRADICTION)


@app.command()
def simulate(
    bank: Annotated[
        str, typer.Argument(help="A pool by name or id, or a bank file (.csv, .json, .xml, .zip).")
    ],
    examinees: Annotated[int, typer.Option(min=1, help="How many take the test.")] = 1000,
    rules: Annotated[
        Path | None, typer.Option(help="A YAML or JSON file with rules; the pool's when not given.")
    ] = None,
    mean: Annotated[float, typer.Option(help="Mean of the true abilities.")] = 0.0,
    sd: Annotated[float, typer.Option(help="Standard deviation of the true abilities.")] = 1.0,
    seed: Annotated[int, typer.Option(min=0, help="The same seed gives the same examinees and answers.")] = 1,
    parameterisation: Annotated[
        str | None, typer.Option(help="Of a file: a*theta-b (when not given) or a(theta-b).")
    ] = None,
    to: Annotated[Path | None, typer.Option(help="A directory for tables and figures.")] = None,
) -> None:
    """Simulate a test: accuracy, honesty of its standard errors, exposure, overlap, length."""

    async def stored(services: Services) -> tuple[Bank, Mapping[str, Any]]:
        async with services.database.snapshot() as connection:
            pool = await pools.by_name(connection, bank)
            giving = services.adaptive_tests.giving
            pinned = await giving.bank(connection, pool.pool_id, pool.revision, pool.parameterisation)
        return pinned.bank, pool.rules

    with failing_clearly():
        crowd = Crowd(examinees, mean, sd, seed)
        asked = _rules(rules)
        path = Path(bank)
        if path.suffix.lower() in {".csv", ".json", ".xml", ".zip"}:
            read = banks.parse(_bytes(path), path.name)
            found, own = simulating.bank_in(read, parameterisation), read.facts.get("rules", {})
        else:
            found, own = on_stores(stored)
        plan = combined(asked, own)
        done = simulated(found, plan, crowd)
        table(("measure", "value", "error", "meaning"), simulating.measures(done))
        if to is not None:
            _write(done, plan, crowd, to)
            out.print(f"tables and figures are in {to}", markup=False)


def _bytes(path: Path) -> bytes:
    try:
        return path.read_bytes()
    except OSError as error:
        raise InvalidInput(f"cannot be read: {error.strerror}", field=str(path)) from error


def _rules(path: Path | None) -> Mapping[str, Any]:
    if path is None:
        return {}
    try:
        document = yaml.safe_load(_bytes(path))
    except (UnicodeDecodeError, yaml.YAMLError) as error:
        raise InvalidInput(f"{path}: {error}", field="--rules") from error
    if not isinstance(document, dict):
        raise InvalidInput(f"{path} must hold an object", field="--rules")
    return document


def _write(done: Simulated, plan: TestPlan, crowd: Crowd, to: Path) -> None:
    to.mkdir(parents=True, exist_ok=True)
    known = {"rules": plan.to_json(), "examinees": crowd.examinees, "mean": crowd.mean, "sd": crowd.sd}
    document = known | {"seed": crowd.seed, "bank": done.bank.digest, **done.report.to_json()}
    (to / "simulation.json").write_bytes(orjson.dumps(document, option=orjson.OPT_INDENT_2))
    _csv(to / "measures.csv", ("measure", "value", "error", "meaning"), simulating.measures(done))
    _csv(to / "bands.csv", *simulating.bands(done))
    _csv(to / "exposure.csv", ("question", "rate"), simulating.exposures(done))
    # Matplotlib takes more than a second to load, which every other command would spend too.
    from holdfast.programs.adaptive_test.psychometrics.simulation.figures import figures  # noqa: PLC0415

    for name, figure in figures(done.outcome, done.report, rate=done.rate).items():
        figure.savefig(to / f"{name}.png", dpi=150, metadata={"Software": None})


def _csv(path: Path, columns: Sequence[str], rows: Sequence[Sequence[Any]]) -> None:
    with path.open("w", encoding="utf-8", newline="") as file:
        writer = csv.writer(file, lineterminator="\n")
        writer.writerow(columns)
        writer.writerows(rows)
