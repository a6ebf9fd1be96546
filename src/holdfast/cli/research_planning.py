"""``holdfast research plan``, ``research covariates`` and ``research power``: before a study begins."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated
from uuid import UUID

import typer

from holdfast.app.services import Services
from holdfast.cli.output import failing_clearly, out, table
from holdfast.cli.session import ACTOR, on_stores
from holdfast.core import cohorts
from holdfast.core.cohorts import Cohort
from holdfast.kit.errors import InvalidInput
from holdfast.kit.paging import Page
from holdfast.programs.simulation.planning import simulation_plan
from holdfast.research.plan import covariates, power, registering
from holdfast.research.plan.covariates import Imported
from holdfast.research.plan.default import default_plan
from holdfast.research.plan.document import read_plan, write_plan
from holdfast.research.plan.power import Design, Planned
from holdfast.research.plan.registering import RegisteredPlan

plans = typer.Typer(
    help="Analysis plans: what a study will be judged by, registered before its outcomes are known.",
    no_args_is_help=True,
)
known_before = typer.Typer(
    help="Baseline covariates: what was measured before the study.", no_args_is_help=True
)

CohortOption = Annotated[str, typer.Option("--cohort", help="The cohort's name.")]
PlanFile = Annotated[Path, typer.Argument(help="The plan, a TOML file.")]


def install(research: typer.Typer) -> None:
    """Put these commands into the group ``holdfast research``."""
    research.add_typer(plans, name="plan")
    research.add_typer(known_before, name="covariates")
    research.command("power")(plan_power)


@plans.command("init")
def init(
    cohort: Annotated[str | None, typer.Option("--cohort", help="Take the arms of this cohort.")] = None,
    file: Annotated[Path, typer.Option("--out", help="Where to write the plan.")] = Path("plan.toml"),
    force: Annotated[bool, typer.Option("--force", help="Write over an existing file.")] = False,
) -> None:
    """Write a plan to begin with: the overall score is primary, everything else secondary."""

    async def work(services: Services) -> Cohort:
        async with services.database.connection() as connection:
            return await cohorts.by_name(connection, cohort or "")

    with failing_clearly():
        if file.exists() and not force:
            raise InvalidInput(f"{file} is there already; --force writes over it", field="--out")
        if cohort is None:
            text = write_plan(default_plan())
        else:
            found = on_stores(work)
            section = simulation_plan(found.plan)
            meant = {arm: section.challenges_for(arm, asked=None) for arm in found.arms}
            text = write_plan(default_plan(found.arms, meant, title=found.name))
        try:
            file.write_text(text, encoding="utf-8")
        except OSError as error:
            raise InvalidInput(str(error), field="--out") from error
        out.print(f"{file} written; change it, then register it before the first outcome", markup=False)


@plans.command()
def check(file: PlanFile) -> None:
    """Check a plan; what is wrong is told by line and field."""
    with failing_clearly():
        plan = read_plan(_text(file))
        control, other = plan.arms
        out.print(f"{plan.title}: {other.name} against {control.name}", markup=False)
        rows = [
            (one.name, one.rank, one.kind, f"{one.table}.{one.column}", "yes" if one.in_family else "no")
            for one in plan.ordered
        ]
        table(("outcome", "rank", "kind", "from", "in the family"), rows)
        out.print(f"SHA-256 {plan.sha256}", markup=False)


@plans.command()
def register(file: PlanFile, cohort: CohortOption) -> None:
    """Register a plan for a cohort, for good; the same plan again shows its registration."""

    async def work(services: Services) -> RegisteredPlan:
        async with services.database.transaction() as connection:
            found = await cohorts.by_name(connection, cohort)
            return await registering.register(connection, found, text, actor=ACTOR)

    with failing_clearly():
        text = _text(file)
        read_plan(text)
        made = on_stores(work)
        order = "AFTER" if made.after_first_outcome else "before"
        out.print(
            f"registered {made.registered_at:%Y-%m-%d %H:%M:%S} UTC, {order} the first outcome: "
            f"{made.sha256} ({made.plan_id})",
            markup=False,
        )


@plans.command("list")
def list_(
    cohort: Annotated[str | None, typer.Option("--cohort", help="Only this cohort's plans.")] = None,
) -> None:
    """List registered plans, newest first."""

    async def work(services: Services) -> list[RegisteredPlan]:
        async with services.database.connection() as connection:
            found: list[RegisteredPlan] = []
            while True:
                page = await registering.listing(connection, cohort, Page(100, len(found)))
                found += page.items
                if not page.items or len(found) >= page.total:
                    return found

    with failing_clearly():
        rows = [
            (
                plan.plan_id,
                plan.cohort,
                plan.title,
                f"{plan.registered_at:%Y-%m-%d %H:%M}",
                "after the first outcome" if plan.after_first_outcome else "before any outcome",
                plan.sha256[:12],
            )
            for plan in on_stores(work)
        ]
        table(("plan", "cohort", "title", "registered (UTC)", "order", "hash"), rows)


@plans.command()
def show(plan_id: Annotated[UUID, typer.Argument(help="The plan's id, as the list shows it.")]) -> None:
    """Print a registered plan as it was given."""

    async def work(services: Services) -> RegisteredPlan:
        async with services.database.connection() as connection:
            return await registering.by_id(connection, plan_id)

    with failing_clearly():
        typer.echo(on_stores(work).toml)


@known_before.command("import")
def import_(
    cohort: CohortOption,
    file: Annotated[
        Path | None,
        typer.Argument(
            help="CSV: a column student (code, id or e-mail), one for each covariate; perhaps class, a text."
        ),
    ] = None,
    pool: Annotated[
        str | None,
        typer.Option(
            "--from-adaptive-test", help="Take the ability by this pool before the first simulation session."
        ),
    ] = None,
    name: Annotated[str, typer.Option(help="What an ability is called as a covariate.")] = "ability",
    replace: Annotated[
        bool, typer.Option("--replace", help="Put new values in the place of differing old ones.")
    ] = False,
) -> None:
    """Import baseline covariates and classes, all lines or none; the same file again changes nothing."""

    async def work(services: Services) -> Imported:
        async with services.database.transaction() as connection:
            found = await cohorts.by_name(connection, cohort)
            if pool is not None:
                return await covariates.import_abilities(
                    connection, found, pool, name=name, actor=ACTOR, replace=replace
                )
            return await covariates.import_measured(
                connection, found, measured, source=source, actor=ACTOR, replace=replace
            )

    with failing_clearly():
        if (file is None) == (pool is None):
            raise InvalidInput("give either a file or --from-adaptive-test", field="file")
        measured = covariates.read_csv(_text(file)) if file is not None else []
        source = file.name if file is not None else ""
        done = on_stores(work)
        out.print(
            f"{', '.join(done.names)}: {done.written} values of {done.students} students written, "
            f"{done.unchanged} there already",
            markup=False,
        )


def plan_power(  # noqa: PLR0917 - Typer makes an option of each
    effect: Annotated[
        float | None, typer.Option(help="Difference of means in standard deviations to be found.")
    ] = None,
    power_: Annotated[float | None, typer.Option("--power", help="Chance of finding it.")] = None,
    students: Annotated[
        str | None,
        typer.Option(help="Recruited: control and second arm, such as 64,64; one number for both."),
    ] = None,
    control: Annotated[
        float | None, typer.Option(help="Plan proportions instead: the control arm's, such as 0.6.")
    ] = None,
    second: Annotated[float | None, typer.Option(help="The second arm's proportion.")] = None,
    alpha: Annotated[float, typer.Option(help="Two-sided error rate.")] = 0.05,
    ratio: Annotated[float, typer.Option(help="Students of the second arm for each control.")] = 1.0,
    sd_ratio: Annotated[
        float, typer.Option(help="Second arm's standard deviation over the control's.")
    ] = 1.0,
    class_size: Annotated[float, typer.Option(help="Students of a class that is allocated whole.")] = 1.0,
    icc: Annotated[float, typer.Option(help="Share of the variance between classes.")] = 0.0,
    attrition: Annotated[float, typer.Option(help="Share of students who will have no outcome.")] = 0.0,
) -> None:
    """Plan a study: give two of effect, power and students, and the third is computed."""
    with failing_clearly():
        design = Design(alpha, ratio, sd_ratio, class_size, icc, attrition)
        sizes = _sizes(students)
        if control is None:
            if second is not None:
                raise InvalidInput("needs --control, the other proportion", field="second")
            found = power.plan_means(design, effect=effect, power=power_, students=sizes)
        else:
            if effect is not None:
                raise InvalidInput("is for means; of proportions give --second", field="effect")
            found = power.plan_proportions(design, control, second=second, power=power_, students=sizes)
        table(("", "control", "second arm"), _shown(found, control))


def _shown(found: Planned, control: float | None) -> list[tuple[str, object, object]]:
    def marked(name: str) -> str:
        return " (computed)" if found.solved == name else ""

    rows: list[tuple[str, object, object]] = [
        ("students to recruit" + marked("students"), *found.recruited),
        ("students with an outcome", *found.observed),
    ]
    if found.classes is not None:
        rows.append(("classes", *found.classes))
        worth = [f"{n:.1f}" for n in found.effective]
        rows.append(("worth, as students one by one", worth[0], worth[1]))
        rows.append(("design effect", f"{found.design_effect:.3f}", ""))
    if control is None:
        rows.append(("effect in standard deviations" + marked("effect"), f"{found.effect:.4f}", ""))
    else:
        rows.append(("proportion" + marked("effect"), f"{control:.4f}", f"{control + found.effect:.4f}"))
    rows.append(("power" + marked("power"), f"{found.power:.4f}", ""))
    rows.append(("alpha, two-sided", f"{found.alpha:g}", ""))
    return rows


def _sizes(students: str | None) -> tuple[int, int] | None:
    if students is None:
        return None
    try:
        numbers = [int(part) for part in students.split(",")]
    except ValueError:
        numbers = []
    if len(numbers) not in {1, 2}:
        raise InvalidInput("must be one whole number or two with a comma", field="students")
    return numbers[0], numbers[-1]


def _text(file: Path) -> str:
    try:
        return file.read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError) as error:
        raise InvalidInput(f"{file}: {error}", field="file") from error
