"""Section 3: how large the effect is, with intervals, and whether other assumptions change the answer."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from holdfast.research.analysis.results import (
    OutcomeResult,
    PopulationResult,
    Results,
    Role,
    Statistic,
    Value,
)
from holdfast.research.report.content import Block, Grid, Paragraph, Section, literal
from holdfast.research.report.wording import NONE, degrees, interval, level, number, p_value, sentence

POPULATIONS = {
    "intention_to_treat": "intention to treat",
    "per_protocol": "per protocol",
    "all": "everybody",
}
_ROLES = {
    Role.CONFIRMATORY: "confirmatory",
    Role.ESTIMATE: "estimate",
    Role.SENSITIVITY: "sensitivity",
    Role.DESCRIPTIVE: "description",
    Role.PLANNING: "planning",
    Role.SEED: "older script",
}


def effect(results: Results, figures: tuple[Block, ...]) -> Section:
    """Estimates and sensitivity analyses of the primary outcome."""
    return Section("Effect size analysis", (*_blocks(results.primary), *figures))


def _blocks(outcome: OutcomeResult) -> Iterator[Block]:
    yield Paragraph(
        "No verbal label such as small or large is given: at these numbers of students the label would "
        "change "
        "from study to study. The interval says which effects the data are compatible with."
    )
    for population in outcome.populations:
        yield statistics_table(outcome, population)
        notes = _notes(population.statistics)
        if notes:
            yield Paragraph(notes, lead="To be read with the table.")


def statistics_table(outcome: OutcomeResult, population: PopulationResult) -> Block:
    """Everything that was computed for one outcome in one population; one sentence when nothing was."""
    found = [one for one in population.statistics if one.role is not Role.SEED]
    name = POPULATIONS.get(population.population, population.population)
    reasons = {one.refusal for one in found}
    if len(reasons) == 1 and "" not in reasons:
        why = sentence(literal(reasons.pop()))
        return Paragraph(
            f"Nothing was computed ({len(found)} statistics). {why}", lead=f"{name.capitalize()}."
        )
    return Grid(
        f"{literal(outcome.label)}: {name}",
        ("Statistic", "Role", "Estimate [interval]", "Test", "*p*"),
        tuple(_row(one, primary=outcome.rank == "primary") for one in found),
        words=True,
    )


def _row(one: Statistic, *, primary: bool) -> tuple[str, ...]:
    role = _ROLES[one.role] if primary or one.role is not Role.CONFIRMATORY else "planned test"
    if not one.there:
        return (literal(one.label), role, NONE, sentence(literal(one.refusal)), NONE)
    return (literal(one.label), role, _own(one) or _estimate(one), _test(one), p_value(one.p))


def _own(one: Statistic) -> str:
    """What a statistic says that has no plain estimate with an interval."""
    if one.name == "jzs":
        return f"BF10 {number(one.extra.get('bf10'), 3)}"
    if one.name == "tost":
        return _equivalence(one)
    if "bound_low" in one.extra:
        ends = f"bounds {number(one.extra['bound_low'])} to {number(one.extra['bound_high'])}"
        return ends if one.low is None else f"{ends}, {level(one.level)} CI {interval(one.low, one.high)}"
    if one.name == "detectable" and one.extra.get("in_units") is not None:
        return f"{number(one.estimate, 3)} SD ({number(one.extra['in_units'])} in units)"
    return _shape(one) if one.name == "diagnostics" else ""


def _equivalence(one: Statistic) -> str:
    """Whether the interval lies within the margin, and both one-sided tests."""
    found = one.extra
    verdict = "within" if found.get("equivalent") else "not within"
    margin, sides = number(found.get("margin")), (_p(found.get("p_lower")), _p(found.get("p_upper")))
    return (
        f"{level(one.level)} CI {interval(one.low, one.high, 3)}, {verdict} ±{margin}; "
        f"one-sided *p* {sides[0]} and {sides[1]}"
    )


def _shape(one: Statistic) -> str:
    """Spread and shape of both arms, the arm that differences start from first."""
    found = one.extra
    parts = [f"ratio of SDs {number(found.get('sd_ratio'))}"]
    for name, label in (("skew", "skewness"), ("shapiro_p", "Shapiro *p*"), ("at_ceiling", "at ceiling")):
        shown = _p if name == "shapiro_p" else number
        arms = (found.get(f"{name}_treated"), found.get(f"{name}_control"))
        parts.append(f"{label} {' and '.join(shown(arm) for arm in arms)}")
    return "; ".join(parts)


def _p(value: Value) -> str:
    return p_value(value) if isinstance(value, float) else NONE


def _estimate(one: Statistic) -> str:
    if one.estimate is None:
        return NONE
    if one.low is None and one.high is None:
        return number(one.estimate, 3)
    share = "" if one.level == 0.95 else f" ({level(one.level)})"
    return f"{number(one.estimate, 3)} {interval(one.low, one.high, 3)}{share}"


def _test(one: Statistic) -> str:
    if one.statistic is None:
        return NONE
    df = f", *df* = {degrees(one.df)}" if one.df is not None else ""
    return f"{number(one.statistic, 3)}{df}"


def _notes(found: Iterable[Statistic]) -> str:
    said: list[str] = []
    for one in found:
        if one.note and one.there and one.role is not Role.SEED:
            text = f"{literal(one.label)}: {sentence(literal(one.note))}"
            if text not in said:
                said.append(text)
    return " ".join(said)
