"""``holdfast research export``, ``analyse``, ``report``, ``figures`` and ``verify``.

What reads, computes and draws is loaded by the command that needs it: every other command starts without.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer
from rich.progress import BarColumn, Progress, TaskProgressColumn, TextColumn, TimeElapsedColumn

from holdfast.app.services import Services, study_secret
from holdfast.app.settings import Settings, read_settings
from holdfast.app.stores import database_if_any
from holdfast.cli import research_planning, research_summary
from holdfast.cli.output import err, failing_clearly, out
from holdfast.cli.session import ACTOR, on_stores
from holdfast.kit.errors import InvalidInput
from holdfast.research.export.formats import formats_in
from holdfast.store.database import Database, PoolOptions

if TYPE_CHECKING:
    from holdfast.research.deidentification import Person
    from holdfast.research.service import Wish

app = typer.Typer(help="From a cohort to a publication: dataset, analysis, report.", no_args_is_help=True)
research_planning.install(app)
research_summary.install(app)

Bundle = Annotated[Path, typer.Argument(help="The directory of a bundle.")]
PlanFile = Annotated[Path | None, typer.Option("--plan", help="An analysis plan, TOML.")]
Seed = Annotated[int | None, typer.Option(min=0, help="Of resampling; the plan's when not given.")]


@app.command()
def export(  # noqa: PLR0917  # Typer makes an option of each
    out_: Annotated[Path, typer.Option("--out", help="Where the bundle shall stand.")],
    cohort: Annotated[
        list[str] | None, typer.Option(help="The cohort's name; again for each of several.")
    ] = None,
    from_files: Annotated[
        Path | None, typer.Option(help="A folder of student JSON files in the older form, instead.")
    ] = None,
    registry: Annotated[
        bool,
        typer.Option("--registry/--no-registry", help="Mask who is registered in the database, in files."),
    ] = True,
    identified: Annotated[
        bool, typer.Option("--identified", help="With names, e-mail addresses and true dates.")
    ] = False,
    with_text: Annotated[
        bool, typer.Option("--with-text", help="With what was said; names masked as far as known.")
    ] = False,
    plan: PlanFile = None,
    formats: Annotated[str, typer.Option(help="Of csv, excel, spss, stata; all or none.")] = "all",
    seed: Seed = None,
    csv_bom: Annotated[
        bool, typer.Option("--csv-bom", help="CSV begins with a byte order mark, for older Excel.")
    ] = False,
    report: Annotated[bool, typer.Option("--report/--no-report", help="With report and figures.")] = True,
    replace: Annotated[bool, typer.Option("--replace", help="Replace the bundle that stands there.")] = False,
) -> None:
    """Make a bundle: dataset in every format, codebook, analysis, report and figures."""
    from holdfast.research.service import Wish  # noqa: PLC0415

    with failing_clearly():
        wish = Wish(
            out=out_,
            identified=identified,
            with_text=with_text,
            formats=formats_in(formats),
            plan=_text(plan),
            seed=seed,
            bom=csv_bom,
            replace=replace,
            report=report,
        )
        with _bar() as progress:
            if from_files is not None and not cohort:
                facts = _export_files(wish, from_files, progress, ask=registry)
            elif cohort and from_files is None:
                facts = _export_cohorts(wish, cohort, progress)
            else:
                raise InvalidInput("give either --cohort or --from-files", field="--cohort")
        _tell(out_, facts)


Tell = Callable[[int, int, str], None]


def _export_cohorts(wish: Wish, names: list[str], progress: Tell) -> dict[str, Any]:
    from holdfast.research import service  # noqa: PLC0415

    async def work(services: Services) -> dict[str, Any]:
        return await service.export_cohorts(
            services.database, study_secret(services.settings), names, wish, progress, actor=ACTOR
        )

    return on_stores(work)


def _export_files(wish: Wish, folder: Path, progress: Tell, *, ask: bool) -> dict[str, Any]:
    from holdfast.research import service  # noqa: PLC0415

    settings = read_settings()
    people = _registered(settings) if ask and not wish.identified else None
    secret = study_secret(settings)
    return asyncio.run(service.export_files(folder, secret, wish, progress, registry=people))


def _registered(settings: Settings) -> tuple[Person, ...] | None:
    """Everybody registered, where there is a database; a folder alone needs none and starts none."""
    from holdfast.research.sources.registry import registered_people  # noqa: PLC0415

    async def ask(url: str) -> tuple[Person, ...]:
        database = Database(url, PoolOptions(size=1))
        try:
            async with database.snapshot() as connection:
                return await registered_people(connection)
        finally:
            await database.close()

    with database_if_any(settings) as url:
        return None if url is None else asyncio.run(ask(url))


@app.command()
def analyse(bundle: Bundle, plan: PlanFile = None, seed: Seed = None) -> None:
    """Analyse the dataset of a bundle again, by another plan or seed."""
    from holdfast.research import service  # noqa: PLC0415

    with failing_clearly(), _bar() as progress:
        results = service.analyse_again(bundle, _text(plan), seed, progress)
        told = [f"plan {results.plan.sha256[:12]}, {results.plan.status.replace('_', ' ')}"]
        told += list(results.refusals)
    for line in told:
        out.print(line, markup=False)


@app.command("report")
def report_(bundle: Bundle) -> None:
    """Write report and figures of a bundle again, from its results."""
    from holdfast.research.bundle import report_bundle  # noqa: PLC0415

    with failing_clearly(), _bar() as progress:
        names = report_bundle(bundle, progress)
    out.print("\n".join(names), markup=False)


@app.command()
def figures(bundle: Bundle) -> None:
    """Draw the figures of a bundle again."""
    from holdfast.research.bundle import draw_bundle  # noqa: PLC0415

    with failing_clearly(), _bar() as progress:
        names = draw_bundle(bundle, progress)
    out.print("\n".join(names), markup=False)


@app.command()
def verify(bundle: Bundle) -> None:
    """Compare every file of a bundle with its manifest; ends with 1 when one differs."""
    from holdfast.research.export.manifest import differences  # noqa: PLC0415

    with failing_clearly():
        found = list(differences(bundle))
    for line in found:
        err.print(line, markup=False)
    if found:
        raise typer.Exit(1)
    out.print("every file is as the manifest says", markup=False)


def _text(plan: Path | None) -> str | None:
    if plan is None:
        return None
    try:
        return plan.read_text(encoding="utf-8-sig")
    except OSError as error:
        raise InvalidInput(f"cannot be read: {error.strerror}", field=str(plan)) from error
    except UnicodeDecodeError as error:
        raise InvalidInput("is not UTF-8", field=str(plan)) from error


@contextmanager
def _bar() -> Iterator[Callable[[int, int, str], None]]:
    """A progress bar on a terminal; elsewhere nothing, so that logs stay readable."""
    columns = (TextColumn("{task.description}"), BarColumn(), TaskProgressColumn(), TimeElapsedColumn())
    with Progress(*columns, console=err, disable=not err.is_terminal) as bar:
        task = bar.add_task("beginning", total=None)

        def tell(done: int, total: int, what: str) -> None:
            bar.update(task, completed=done, total=total, description=what[:48].ljust(48))

        yield tell


def _tell(place: Path, facts: dict[str, Any]) -> None:
    from holdfast.research.export.readme import reconciliation  # noqa: PLC0415

    for line in reconciliation(facts["intake"]):
        out.print(line, markup=False)
    for notice in facts["notices"]:
        where = f"{notice['file']}: {notice['table']}.{notice['variable']}"
        err.print(f"note: {where}, {notice['count']} values: {notice['what']}", markup=False)
    analysis = facts["analysis"]
    if "refused" in analysis:
        err.print(f"no analysis: {analysis['refused']}", markup=False)
    else:
        said = analysis["plan_status"].replace("_", " ")
        out.print(f"plan {analysis['plan_sha256'][:12]} ({said}), seed {analysis['seed']}", markup=False)
    out.print(f"bundle: {place}", markup=False)
