"""Sections 6 to 8: secondary outcomes, unwanted outcomes, and what happened in the scenarios."""

from __future__ import annotations

from collections.abc import Iterator

from holdfast.research.analysis.results import Longitudinal, Results, SafetyCell, SafetyRow
from holdfast.research.report.content import Block, Grid, Paragraph, Section, literal
from holdfast.research.report.sections.effect import statistics_table
from holdfast.research.report.sections.spoken import difference_sentence
from holdfast.research.report.wording import (
    NONE,
    interval,
    listed,
    number,
    p_value,
    percent,
    sentence,
    statistic_and_p,
    whole,
    with_interval,
)


def secondary(results: Results) -> Section | None:
    """Every other outcome: a sentence, then all that was computed."""
    rest = tuple(one for one in results.outcomes if one is not results.primary)
    if not rest:
        return None
    blocks: list[Block] = [
        Paragraph(
            "These are planned and reported whatever they show. Outside the declared family they are "
            "exploratory: their p values are not adjusted and confirm nothing."
        )
    ]
    for outcome in rest:
        blocks.append(Paragraph(difference_sentence(results, outcome), lead=f"{outcome.label}."))
        blocks.extend(statistics_table(outcome, population) for population in outcome.populations)
    return Section("Secondary outcomes", tuple(blocks))


def safety(results: Results) -> Section | None:
    """Unwanted outcomes by arm."""
    if not results.safety:
        return None
    known = [one for one in results.safety if any(cell.students for cell in one.cells)]
    unknown = [literal(one.label) for one in results.safety if one not in known]
    nothing = f" Without any value: {listed(unknown)}." if unknown else ""
    arms = [cell.arm for cell in results.safety[0].cells]
    labels = dict(results.study.arms)
    grid = Grid(
        "Unwanted outcomes by arm",
        ("", *(literal(labels.get(arm) or arm) for arm in arms), "Ratio of rates"),
        tuple(_safety_row(one) for one in known),
        note=f"Students with at least one (share), and events in completed scenarios.{nothing}",
        words=True,
    )
    return Section("Safety", (grid,))


def _safety_row(one: SafetyRow) -> tuple[str, ...]:
    compared = one.comparison
    if compared is None:
        said = NONE
    elif not compared.there:
        said = sentence(literal(compared.refusal))
    else:
        said = f"{number(compared.estimate)} {interval(compared.low, compared.high)}, *p* {_p(compared.p)}"
    return (literal(one.label), *(_safety_cell(cell) for cell in one.cells), said)


def _p(p: float | None) -> str:
    text = p_value(p)
    return text if text[0] in "<>" else f"= {text}"


def _safety_cell(cell: SafetyCell) -> str:
    share = percent(cell.with_event, cell.students)
    events = f"{whole(cell.events)} in {number(cell.exposure, 0)}"
    return f"{cell.with_event:,} of {cell.students:,} ({share}); {events}"


def course(figures: tuple[Block, ...]) -> Section | None:
    """Figures of what happened in the scenarios."""
    if not figures:
        return None
    lead = Paragraph("These figures describe; no test belongs to them.")
    return Section("The scenarios", (lead, *figures))


def over_cohorts(results: Results) -> Section | None:
    """The longitudinal view, when there are several cohorts."""
    if results.longitudinal is None:
        return None
    return Section(
        "Several cohorts",
        tuple(_cohorts(results.longitudinal, _label(results, results.longitudinal.outcome))),
    )


def _label(results: Results, name: str) -> str:
    outcome = results.outcome(name)
    return outcome.label if outcome is not None else name


def _cohorts(found: Longitudinal, label: str) -> Iterator[Block]:
    yield Paragraph(sentence(literal(found.statement)))
    yield Grid(
        f"{literal(label)}: difference in each cohort",
        ("Cohort", "*n* by arm", "Difference [95 % CI]", "*p*"),
        tuple(
            (
                literal(one.cohort),
                " + ".join(whole(arm.observed) for arm in one.arms),
                f"{number(one.difference.estimate)} {interval(one.difference.low, one.difference.high)}"
                if one.difference.there
                else sentence(literal(one.difference.refusal)),
                p_value(one.difference.p),
            )
            for one in found.cohorts
        ),
        words=True,
    )
    for one in (found.summary, found.heterogeneity, found.trend):
        if not one.there:
            yield Paragraph(f"{literal(one.label)}: {sentence(literal(one.refusal))}")
            continue
        parts = [with_interval(one)] if one.estimate is not None else []
        parts += (
            [statistic_and_p(one, "Q" if one is found.heterogeneity else "t")] if one.p is not None else []
        )
        yield Paragraph(f"{literal(one.label)}: {', '.join(parts)}. {sentence(literal(one.note))}".strip())
