"""Section 2: the one test of each outcome, the family of outcomes, and looks during the study."""

from __future__ import annotations

from collections.abc import Iterator

from holdfast.research.analysis.results import Family, OutcomeResult, Results, Role, Statistic
from holdfast.research.report.content import Block, Grid, Paragraph, Section, literal
from holdfast.research.report.sections.spoken import difference_sentence
from holdfast.research.report.wording import (
    NONE,
    interval,
    level,
    number,
    p_value,
    sentence,
    statistic_and_p,
    whole,
    with_interval,
)


def testing(results: Results) -> Section:
    """What was tested, and what came of it."""
    return Section("Statistical significance test", tuple(_blocks(results)))


def _blocks(results: Results) -> Iterator[Block]:
    yield Paragraph(difference_sentence(results, results.primary), lead="Primary outcome.")
    yield _tests(results)
    if results.family.size > 1:
        yield _family(results, results.family)
    yield from _looks(results)
    yield from _seed(results.primary)


def _tests(results: Results) -> Grid:
    rows = []
    for outcome in results.outcomes:
        found = outcome.confirmatory or _leading(outcome)
        kind = "primary" if outcome.rank == "primary" else "secondary"
        if found is None or not found.there:
            why = found.refusal if found else "nothing was computed"
            rows.append((literal(outcome.label), kind, NONE, sentence(literal(why)), NONE))
            continue
        estimate = f"{number(found.estimate)} {interval(found.low, found.high)}"
        rows.append((literal(outcome.label), kind, estimate, f"{literal(found.label)}: {test_of(found)}",
                     p_value(found.p)))  # fmt: skip
    return Grid(
        "One test for each outcome",
        ("Outcome", "Rank", "Estimate [95 % CI]", "Test", "*p*"),
        tuple(rows),
        note=(
            "Differences are the second arm less the control; a count is compared by the ratio of rates, a "
            f"yes-or-no outcome by the difference of shares. Two-sided, alpha {results.alpha:g}. "
            "Secondary outcomes are exploratory unless they belong to the family below."
        ),
        words=True,
    )


def _leading(outcome: OutcomeResult) -> Statistic | None:
    for population in outcome.populations:
        for one in population.statistics:
            if one.role is not Role.DESCRIPTIVE:
                return one
    return None


def test_of(found: Statistic) -> str:
    """The test in a few symbols; the p stands in its own column."""
    symbol = "z" if found.name == "risk_difference" else "t"
    text = statistic_and_p(found, symbol).rsplit("*p*", 1)[0].rstrip(", ")
    return text or "exact"


def _family(results: Results, family: Family) -> Grid:
    labels = {one.name: one.label for one in results.outcomes}
    rows = tuple(
        (
            literal(labels.get(one.outcome, one.outcome)),
            p_value(one.p),
            p_value(one.p_adjusted),
            f"{number(one.estimate)} {interval(one.low, one.high)}" if not one.refusal else NONE,
            level(one.level),
            sentence(literal(one.refusal)) if one.refusal else "yes" if one.rejected else "no",
        )
        for one in family.members
    )
    return Grid(
        f"The declared family of {family.size} outcomes",
        ("Outcome", "*p*", "Adjusted *p*", "Estimate and interval", "Level", "Below alpha"),
        rows,
        note=(
            f"Adjusted by the method of {literal(family.method.capitalize())} over {family.size} outcomes; "
            "each interval has the level that its outcome keeps of alpha, so that intervals and adjusted "
            "p values agree."
        ),
    )


def _looks(results: Results) -> Iterator[Block]:
    looks = results.looks
    yield Paragraph(sentence(literal(looks.finding)), lead="Looks at the outcome.")
    if looks.looks and looks.kind == "planned":
        rows = tuple(
            (
                f"{one.number}{' (now)' if one.present else ''}",
                literal(one.at or NONE),
                NONE if one.fraction is None else f"{100 * one.fraction:.0f} %",
                p_value(one.p),
                NONE if one.threshold is None else f"{one.threshold:.4g}",
                NONE if one.alpha_spent is None else f"{one.alpha_spent:.4g}",
                NONE if one.crossed is None else "yes" if one.crossed else "no",
            )
            for one in looks.looks
        )
        columns = ("Look", "When", "Information", "*p*", "Threshold", "Alpha spent", "Crossed")
        yield Grid("Looks and what they spent", columns, rows)
    sequence = looks.sequence
    if sequence is not None:
        said = with_interval(sequence) if sequence.there else sentence(literal(sequence.refusal))
        yield Paragraph(
            f"{literal(sequence.label)}: {said}. {sentence(literal(sequence.note))}".replace("..", ".")
        )


def _seed(outcome: OutcomeResult) -> Iterator[Block]:
    found = [one for population in outcome.populations[:1] for one in population.statistics]
    older = [one for one in found if one.role is Role.SEED]
    if older:
        yield Grid(
            "Figures of the older script, for comparison with older tables only",
            ("Figure", "Estimate", "Statistic", "*df*", "*p*"),
            tuple(
                (literal(one.label), number(one.estimate, 3), number(one.statistic, 3), whole(one.df),
                 p_value(one.p))
                for one in older
            ),
            note="Student's test assumes equal variances; nothing is concluded from these figures.",
        )  # fmt: skip
