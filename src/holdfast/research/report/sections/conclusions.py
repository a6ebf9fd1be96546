"""Section 4: what follows, and what does not. A p value alone decides nothing here."""

from __future__ import annotations

from collections.abc import Iterator

from holdfast.research.analysis.results import FamilyMember, Results, Statistic
from holdfast.research.report.content import Block, Paragraph, Section, literal
from holdfast.research.report.sections.spoken import difference_sentence
from holdfast.research.report.wording import interval, level, number, p_equals, sentence

MINIMUM_DETECTABLE = "detectable"


def conclusions(results: Results) -> Section:
    """What the primary outcome says, what a study of this size could find, and what to beware of."""
    return Section("Conclusions", tuple(_blocks(results)))


def _blocks(results: Results) -> Iterator[Block]:
    test = results.primary.confirmatory
    if test is None or not test.there:
        yield Paragraph(
            f"{difference_sentence(results, results.primary)} Nothing is concluded about a difference "
            "between "
            "the arms: neither that there is one nor that there is none."
        )
        return
    member = next((one for one in results.family.members if one.outcome == results.primary.name), None)
    yield Paragraph(_verdict(results, test, member))
    size = _could_find(results)
    if size:
        yield Paragraph(size)
    yield Paragraph(_weight(results))


def _verdict(results: Results, test: Statistic, member: FamilyMember | None) -> str:
    adjusted = member.p_adjusted if member is not None and results.family.size > 1 else test.p
    against = f"{p_equals(adjusted)}{' after adjustment' if results.family.size > 1 else ''}"
    range_ = f"within {interval(test.low, test.high)} ({level(test.level)} CI)"
    alpha = f"{results.alpha:g}"
    if results.looks.kind == "planned" and not _crossed(results):
        return (
            f"At this look the planned threshold was not crossed ({p_equals(test.p)}): the study has no "
            "result "
            f"yet. The difference so far is {number(test.estimate)}; the data are compatible with "
            "differences "
            f"{range_}."
        )
    if adjusted is not None and adjusted < results.alpha:
        return (
            f"The arms differ in the primary outcome at alpha {alpha} ({against}): the difference is "
            f"{number(test.estimate)}, and the data are compatible with true differences {range_}."
        )
    return (
        f"At alpha {alpha} the data do not tell a difference in the primary outcome from none ({against}). "
        f"That is not evidence of no difference: they are compatible with true differences {range_}."
    )


def _crossed(results: Results) -> bool:
    present = [one for one in results.looks.looks if one.present]
    return any(one.crossed for one in present)


def _could_find(results: Results) -> str:
    for population in results.primary.populations[:1]:
        one = population.statistic(MINIMUM_DETECTABLE)
        if one is not None and one.there and one.estimate is not None:
            power = one.origin.parameters.get("power", 0.8)
            return (
                f"With the students it has, the study had a power of {number(power)} for a true difference "
                "of "
                f"{number(one.estimate)} standard deviations{_in_units(results, one)}; smaller ones it would "
                "more often miss."
            )
    return ""


def _in_units(results: Results, one: Statistic) -> str:
    size = one.extra.get("in_units")
    return f", here {number(size)} {literal(results.primary.unit or 'units')}" if size is not None else ""


def _weight(results: Results) -> str:
    parts = []
    if results.plan.status != "registered" or results.plan.before_first_outcome is not True:
        parts.append("the plan was not known to be registered before the first outcome")
    failed = [literal(check.label) for check in results.checks if check.passed is False]
    if failed:
        parts.append(f"checks of the conduct did not pass ({', '.join(failed)})")
    if results.deviations:
        parts.append(f"deviations from the plan are listed below ({len(results.deviations)})")
    if results.study.source != "database":
        parts.append("how students came to their arms cannot be seen from files")
    if not parts:
        return (
            "The arms were allocated, the plan was registered before the first outcome, and it was followed."
        )
    return sentence("when weighing this: " + "; ".join(parts))
