"""``holdfast cohort``."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Any

import typer
import yaml

from holdfast.app.services import Services
from holdfast.cli.output import failing_clearly, out, table
from holdfast.cli.session import ACTOR, on_stores
from holdfast.core import cohorts
from holdfast.core.cohorts import Cohort, NewCohort, parse_plan
from holdfast.core.consent import publish
from holdfast.kit.errors import InvalidInput
from holdfast.programs.adaptive_test.starting import check_plan as check_adaptive_plan
from holdfast.programs.simulation.planning import check_plan
from holdfast.programs.workshop.planning import check_plan as check_workshop_plan

app = typer.Typer(
    help="Cohorts: who may join, which study groups there are, what the plan is.", no_args_is_help=True
)


@app.command()
def create(
    name: Annotated[str, typer.Argument(help="The cohort's name.")],
    arms: Annotated[str, typer.Option(help="Study groups, separated by commas.")] = "A,B",
    block_size: Annotated[int, typer.Option(help="Size of the allocation blocks.")] = 4,
    join_code: Annotated[str | None, typer.Option(help="What students type; drawn when not given.")] = None,
    seed: Annotated[int | None, typer.Option(help="Allocation seed; drawn when not given.")] = None,
    plan: Annotated[Path | None, typer.Option(help="A YAML or JSON file with the plan.")] = None,
) -> None:
    """Create a cohort."""

    async def work(services: Services) -> Cohort:
        async with services.database.transaction() as connection:
            parsed = parse_plan(_plan(plan))
            names = [arm.strip() for arm in arms.split(",")]
            await check_plan(connection, services.catalog, parsed, names)
            check_workshop_plan(services.workshop.library, parsed)
            await check_adaptive_plan(connection, parsed)
            new = NewCohort(name, names, block_size, parsed, join_code, seed)
            return await cohorts.create(connection, new, actor=ACTOR)

    with failing_clearly():
        made = on_stores(work)
        out.print(f"cohort {made.name!r} created; join code {made.join_code}", markup=False)


@app.command("list")
def list_() -> None:
    """List all cohorts with the number of students in each arm."""

    async def work(services: Services) -> list[tuple[Cohort, dict[str, int]]]:
        async with services.database.connection() as connection:
            return await cohorts.listing(connection)

    with failing_clearly():
        rows = [
            (
                c.name,
                c.join_code,
                " ".join(f"{arm}={sizes.get(arm, 0)}" for arm in c.arms),
                f"{c.created_at:%Y-%m-%d}",
            )
            for c, sizes in on_stores(work)
        ]
        table(("cohort", "join code", "students", "created"), rows)


@app.command()
def consent(
    name: Annotated[str, typer.Argument(help="The cohort's name.")],
    version: Annotated[str, typer.Option(help="The new version's name.")],
    text: Annotated[Path, typer.Option(help="A file with the text that newcomers will be shown.")],
) -> None:
    """Publish a new version of the consent text; those who consented before keep their version."""

    async def work(services: Services) -> None:
        async with services.database.transaction() as connection:
            cohort = await cohorts.by_name(connection, name)
            await publish(connection, cohort, version, wording, actor=ACTOR)

    with failing_clearly():
        try:
            wording = text.read_text(encoding="utf-8")
        except (OSError, UnicodeDecodeError) as error:
            raise InvalidInput(f"{text}: {error}", field="--text") from error
        on_stores(work)
        out.print(f"newcomers of {name!r} now consent to version {version}", markup=False)


def _plan(path: Path | None) -> dict[str, Any]:
    if path is None:
        return {}
    try:
        document = yaml.safe_load(path.read_text(encoding="utf-8"))
    except (OSError, UnicodeDecodeError, yaml.YAMLError) as error:
        raise InvalidInput(f"{path}: {error}", field="plan") from error
    if not isinstance(document, dict):
        raise InvalidInput(f"{path} must hold an object", field="plan")
    return document
