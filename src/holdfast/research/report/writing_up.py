"""The report as a whole: which sections, in which order, with which figures."""

from __future__ import annotations

from holdfast.research.analysis.results import Results
from holdfast.research.figures.drawing import Figures
from holdfast.research.report.content import (
    Block,
    Bullets,
    Document,
    Facts,
    Paragraph,
    Picture,
    Section,
    literal,
    unmarked,
)
from holdfast.research.report.sections.comparison import comparison
from holdfast.research.report.sections.conclusions import conclusions
from holdfast.research.report.sections.effect import effect
from holdfast.research.report.sections.methods import limitations, methods, registration, software
from holdfast.research.report.sections.outcomes import course, over_cohorts, safety, secondary
from holdfast.research.report.sections.participants import participants
from holdfast.research.report.sections.testing import testing
from holdfast.research.report.wording import NONE, listed

_COURSE = ("scenario_difficulty", "learning", "vital_signs", "actions", "challenge_points")


def write_up(results: Results, figures: Figures) -> Document:
    """The report of these results; the same results give the same words."""
    sections = (
        comparison(results, _shown(figures, "raincloud", "distribution")),
        testing(results),
        effect(results, _shown(figures, "estimation")),
        conclusions(results),
        participants(results, _shown(figures, "consort_flow")),
        secondary(results),
        safety(results),
        course(_shown(figures, *_COURSE)),
        over_cohorts(results),
        methods(results),
        limitations(results),
        registration(results),
        _left_out(figures),
        software(results),
    )
    return Document(
        title="A/B testing statistical report",
        subtitle=unmarked(literal(results.study.title)),
        facts=_facts(results),
        sections=tuple(one for one in sections if one is not None),
    )


def _facts(results: Results) -> Facts:
    plan = results.plan
    registered = {
        "registered": f"registered {plan.registered_at or 'at an unknown time'}",
        "differs": "differs from the registered one",
        "not_registered": "not registered",
    }.get(plan.status, plan.status)
    return Facts(
        (
            ("Data as of", literal(results.study.snapshot)),
            ("Source", literal(results.study.source)),
            ("Cohorts", listed(literal(one) for one in results.study.cohorts) or NONE),
            ("Arms", listed(literal(label or code) for code, label in results.study.arms)),
            ("Analysis plan", f"{plan.sha256[:16]}…, {literal(registered)}"),
        )
    )


def _shown(figures: Figures, *names: str) -> tuple[Block, ...]:
    found = [figures.named(name) for name in names]
    return tuple(
        Picture(one.name, one.title, literal(one.caption), one.alt) for one in found if one is not None
    )


def _left_out(figures: Figures) -> Section | None:
    if not figures.left_out:
        return None
    return Section(
        "Figures that were left out",
        (
            Paragraph("They would have been empty or misleading:"),
            Bullets(tuple(f"{literal(title)}: {literal(reason)}." for title, reason in figures.left_out)),
        ),
    )
