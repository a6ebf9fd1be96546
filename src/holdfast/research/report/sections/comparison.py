"""Section 1: the arms side by side, described and not yet compared."""

from __future__ import annotations

from collections.abc import Iterator

from holdfast.research.analysis.results import ITT, ArmSummary, OutcomeResult, Results
from holdfast.research.report.content import Block, Grid, Paragraph, Section, literal
from holdfast.research.report.wording import NONE, interval, number, percent, whole


def comparison(results: Results, figures: tuple[Block, ...]) -> Section:
    """What the students of each arm reached, for every planned outcome."""
    return Section("Group comparison summary", tuple(_blocks(results, figures)))


def _blocks(results: Results, figures: tuple[Block, ...]) -> Iterator[Block]:
    primary = results.primary
    yield Paragraph(
        f"{literal(primary.label)} is the primary outcome. {literal(primary.definition)} Everybody counts in "
        "the arm of the allocation (intention to treat); values that are missing are counted and never "
        "replaced by zero."
    )
    yield _scores(primary)
    yield from figures
    rest = tuple(one for one in results.outcomes if one is not primary)
    if rest:
        yield _all_outcomes(rest)


def _scores(outcome: OutcomeResult) -> Grid:
    arms = outcome.populations[0].arms if outcome.populations else ()
    rows = [
        ("Students", [whole(arm.students) for arm in arms]),
        ("With a value (n)", [whole(arm.observed) for arm in arms]),
        ("Missing", [f"{whole(arm.missing)} ({percent(arm.missing, arm.students)})" for arm in arms]),
        *_of_kind(outcome, arms),
    ]
    return Grid(
        f"{literal(outcome.label)} by arm (intention to treat)",
        ("", *(literal(arm.label) for arm in arms)),
        tuple((name, *cells) for name, cells in rows),
        note=_missing_reasons(outcome),
    )


def _of_kind(outcome: OutcomeResult, arms: tuple[ArmSummary, ...]) -> list[tuple[str, list[str]]]:
    if outcome.kind == "binary":
        return [("Yes", [_yes(arm) for arm in arms])]
    rows = [
        ("Mean (SD)", [f"{number(arm.mean)} ({number(arm.sd)})" for arm in arms]),
        ("95 % CI of the mean", [interval(arm.mean_low, arm.mean_high) for arm in arms]),
        ("Median", [number(arm.median) for arm in arms]),
        ("Quartiles", [interval(arm.q1, arm.q3) for arm in arms]),
        ("Lowest to highest", [interval(arm.low, arm.high) for arm in arms]),
        ("Skewness", [number(arm.skewness) for arm in arms]),
    ]
    if outcome.low is not None or outcome.high is not None:
        rows.append(("At the scale's lowest", [whole(arm.at_low) for arm in arms]))
        rows.append(("At the scale's highest", [whole(arm.at_high) for arm in arms]))
    if outcome.kind == "count":
        rows.append(("Events", [whole(arm.total) for arm in arms]))
        rows.append(("Counted over", [number(arm.exposure, 0) for arm in arms]))
    return rows


def _yes(arm: ArmSummary) -> str:
    return f"{whole(arm.yes)} ({percent(arm.yes or 0, arm.observed)})"


def _missing_reasons(outcome: OutcomeResult) -> str:
    if not outcome.missing:
        return ""
    reasons = "; ".join(f"{literal(arm)}: {literal(why)} ({n:,})" for arm, why, n in outcome.missing)
    return f"Why values are missing: {reasons}."


def _all_outcomes(outcomes: tuple[OutcomeResult, ...]) -> Grid:
    rows: list[tuple[str, ...]] = []
    for outcome in outcomes:
        population = outcome.population(ITT) or outcome.populations[0]
        for place, arm in enumerate(population.arms):
            name = literal(outcome.label) if place == 0 else ""
            rows.append(
                (name, literal(arm.arm), whole(arm.observed), whole(arm.missing), *_short(outcome, arm))
            )
    return Grid(
        "The other outcomes by arm (intention to treat)",
        ("Outcome", "Arm", "*n*", "Missing", "Mean (SD)", "Median", "Total"),
        tuple(rows),
        note="Total: events of a count with what they were counted over, or students with yes.",
    )


def _short(outcome: OutcomeResult, arm: ArmSummary) -> tuple[str, str, str]:
    if outcome.kind == "binary":
        return NONE, NONE, _yes(arm)
    middle = f"{number(arm.mean)} ({number(arm.sd)})"
    total = NONE
    if outcome.kind == "count" and arm.total is not None:
        total = f"{whole(arm.total)} in {number(arm.exposure, 0)}"
    return middle, number(arm.median), total
