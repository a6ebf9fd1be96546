"""Section 5: who was found, allocated, treated and analysed, and what the arms were like at the beginning."""

from __future__ import annotations

from collections.abc import Iterator

from holdfast.research.analysis.results import ArmFlow, BaselineCell, BaselineRow, Count, Results
from holdfast.research.report.content import Block, Grid, Paragraph, Section, literal
from holdfast.research.report.wording import NONE, number, percent, sentence, whole


def participants(results: Results, figures: tuple[Block, ...]) -> Section:
    """Intake, flow, conduct and baseline."""
    return Section("Participants", (*_intake(results), *figures, *_conduct(results)))


def _intake(results: Results) -> Iterator[Block]:
    study = results.study
    excluded = sum(one.count for one in study.excluded)
    total = study.loaded + study.quarantined + study.duplicates + excluded
    agrees = "agrees" if total == study.found else f"DOES NOT AGREE (the parts make {total:,})"
    yield Paragraph(
        f"Found {study.found:,} = loaded {study.loaded:,} + quarantined {study.quarantined:,} + duplicate "
        f"{study.duplicates:,} + excluded {excluded:,}; the sum {agrees}.{_reasons(study.excluded)}",
        lead="Intake.",
    )


def _reasons(counts: tuple[Count, ...]) -> str:
    if not counts:
        return ""
    return " Excluded: " + "; ".join(f"{literal(one.reason)} ({one.count:,})" for one in counts) + "."


def _conduct(results: Results) -> Iterator[Block]:
    if results.flow.arms:
        yield _attrition(results.flow.arms)
    if results.checks:
        yield Grid(
            "Checks of the conduct",
            ("Check", "Passed", "Finding"),
            tuple(
                (literal(one.label), _passed(one.passed), sentence(literal(one.finding)))
                for one in results.checks
            ),
            words=True,
        )
    if results.baseline:
        yield _baseline(results)
    else:
        yield Paragraph("No baseline covariate was imported; the arms cannot be compared at the beginning.")


def _passed(passed: bool | None) -> str:  # noqa: FBT001
    return "not made" if passed is None else "yes" if passed else "no"


def _attrition(arms: tuple[ArmFlow, ...]) -> Grid:
    rows = [
        ("Allocated", [whole(arm.allocated) for arm in arms]),
        ("Received what was allocated", [whole(arm.received) for arm in arms]),
        ("Completed", [f"{whole(arm.completed)} ({percent(arm.completed, arm.allocated)})" for arm in arms]),
        ("Lost", [_with_reasons(arm.lost) for arm in arms]),
        ("Analysed", [f"{whole(arm.analysed)} ({percent(arm.analysed, arm.allocated)})" for arm in arms]),
        ("Not analysed", [_with_reasons(arm.not_analysed) for arm in arms]),
        ("Per protocol", [whole(arm.per_protocol) for arm in arms]),
        ("Not per protocol", [_with_reasons(arm.not_per_protocol) for arm in arms]),
    ]
    return Grid(
        "Students from allocation to analysis",
        ("", *(literal(arm.label) for arm in arms)),
        tuple((name, *cells) for name, cells in rows),
        words=True,
    )


def _with_reasons(counts: tuple[Count, ...]) -> str:
    total = sum(one.count for one in counts)
    reasons = "; ".join(f"{literal(one.reason)} {one.count:,}" for one in counts if one.count)
    return f"{total:,} ({reasons})" if reasons else f"{total:,}"


def _baseline(results: Results) -> Grid:
    arms = [one.arm for one in results.baseline[0].cells]
    labels = dict(results.study.arms)
    rows = tuple(_baseline_row(one) for one in results.baseline)
    return Grid(
        "Baseline by arm",
        ("Characteristic", *(literal(labels.get(arm) or arm) for arm in arms), "Std. difference"),
        rows,
        note=(
            "Mean (SD), median [quartiles] or count (share). Without tests, as CONSORT asks: any difference "
            "between allocated arms is due to chance. The standardised difference describes its size."
        ),
    )


def _baseline_row(one: BaselineRow) -> tuple[str, ...]:
    name = literal(one.label) + (f": {literal(one.category)}" if one.category else "")
    return (name, *(_cell(cell) for cell in one.cells), number(one.standardised_difference))


def _cell(cell: BaselineCell) -> str:
    missing = f"; {cell.missing:,} missing" if cell.missing else ""
    if cell.count is not None:
        return f"{cell.count:,} ({percent(cell.count, cell.present)}){missing}"
    if cell.present == 0:
        return f"{NONE}{missing}"
    middle = f"{number(cell.mean)} ({number(cell.sd)})"
    return f"{middle}, {number(cell.median)} [{number(cell.q1)}, {number(cell.q3)}]{missing}"
