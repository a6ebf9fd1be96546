"""Section 3: how large the effect is, with intervals, and whether other assumptions change the answer."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from holdfast.research.analysis.results import OutcomeResult, PopulationResult, Results, Role, Statistic
from holdfast.research.report.content import Block, Grid, Paragraph, Section, literal
from holdfast.research.report.wording import degrees, interval, level, number, p_value, sentence

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
        "No verbal label such as small or large is given: at these numbers of students the label would change "
        "from study to study. The interval says which effects the data are compatible with."
    )
    for population in outcome.populations:
        yield statistics_table(outcome, population)
        notes = _notes(population.statistics)
        if notes:
            yield Paragraph(notes, lead="To be read with the table.")


def statistics_table(outcome: OutcomeResult, population: PopulationResult) -> Grid:
    """Everything that was computed for one outcome in one population."""
    found = [one for one in population.statistics if one.role is not Role.SEED]
    return Grid(
        f"{literal(outcome.label)}: {POPULATIONS.get(population.population, population.population)}",
        ("Statistic", "Role", "Estimate [interval]", "Test", "*p*"),
        tuple(row(one) for one in found),
        words=True,
    )


def row(one: Statistic) -> tuple[str, ...]:
    """One statistic as a row of a table."""
    if not one.there:
        return (literal(one.label), _ROLES[one.role], "–", sentence(literal(one.refusal)), "–")
    return (literal(one.label), _ROLES[one.role], _estimate(one), _test(one), p_value(one.p))


def _estimate(one: Statistic) -> str:
    if one.estimate is None:
        return "–"
    if one.low is None and one.high is None:
        return number(one.estimate, 3)
    share = "" if one.level == 0.95 else f" ({level(one.level)})"
    return f"{number(one.estimate, 3)} {interval(one.low, one.high, 3)}{share}"


def _test(one: Statistic) -> str:
    if one.statistic is None:
        return "–"
    df = f", *df* = {degrees(one.df)}" if one.df is not None else ""
    return f"{number(one.statistic, 3)}{df}"


def _notes(found: Iterable[Statistic]) -> str:
    said: list[str] = []
    for one in found:
        if one.note and one.role is not Role.SEED:
            text = f"{literal(one.label)}: {sentence(literal(one.note))}"
            if text not in said:
                said.append(text)
    return " ".join(said)
