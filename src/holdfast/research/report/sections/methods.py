"""Sections on how it was done: methods from the plan and the results, limitations, registration, software."""

from __future__ import annotations

from collections.abc import Iterator

from holdfast.research.analysis.results import PlanRecord, Results, Statistic
from holdfast.research.plan.document import read_plan
from holdfast.research.plan.model import Outcome, Plan
from holdfast.research.report.content import Block, Bullets, Facts, Grid, Paragraph, Section, literal
from holdfast.research.report.wording import FIRM, NONE, listed, number, sentence

_TESTS = (
    "Scores were compared by Welch's t test, counts by an exact conditional ratio of rates, yes-or-no "
    "outcomes "
    "by the difference of shares (Miettinen and Nurminen); differences are the second arm less the control, "
    "tests two-sided at alpha {alpha}."
)
_PLAN_STATUS = {
    "registered": "This very plan is the registered one.",
    "differs": "Another plan is registered than the one that was followed: see the deviations.",
    "not_registered": "No plan was registered: every analysis here is exploratory.",
}


def methods(results: Results) -> Section:
    """What was done, in the past tense and from the record."""
    return Section("Methods", tuple(_methods(results, read_plan(results.plan.toml))))


def _methods(results: Results, plan: Plan) -> Iterator[Block]:
    yield Paragraph(_design(results, plan), lead="Design.")
    yield Paragraph(_outcomes(plan), lead="Outcomes.")
    yield Paragraph(_populations(plan), lead="Populations and missing values.")
    yield Paragraph(_analysis(results, plan), lead="Analysis.")
    yield Paragraph(_reading(results, plan), lead="Sample size and looks.")


def _design(results: Results, plan: Plan) -> str:
    control, other = plan.arms
    source = (
        f"the database, in one snapshot of {literal(results.study.snapshot)}"
        if results.study.source == "database"
        else f"files of students, read as of {literal(results.study.snapshot)}"
    )
    cohorts = listed(literal(one) for one in results.study.cohorts)
    allocated = (
        "Students were allocated by permuted blocks from a stored seed"
        if results.study.source == "database"
        else "How students were allocated is not recorded in files"
    )
    challenge = plan.population.challenge_points
    meaning = f" The arm {literal(challenge)} was meant to have challenge points." if challenge else ""
    return (
        f"Two parallel arms were compared: {literal(control.name)} (control) and {literal(other.name)}, "
        "designed "
        f"in the ratio {control.ratio:g} to {other.ratio:g}. {allocated}.{meaning} The data come from "
        f"{source}"
        f"{f' (cohorts: {cohorts})' if cohorts else ''}."
    )


def _outcomes(plan: Plan) -> str:
    parts = []
    for rank in ("primary", "secondary"):
        chosen = [one for one in plan.ordered if one.rank == rank]
        if chosen:
            parts.append(f"{rank.capitalize()}: " + "; ".join(_outcome(one) for one in chosen) + ".")
    return " ".join(parts)


def _outcome(outcome: Outcome) -> str:
    definition = literal(outcome.definition).rstrip(".")
    return f"{literal(outcome.label)} ({definition})"


def _populations(plan: Plan) -> str:
    per = (
        " Per protocol are those of them who completed every scenario assigned to them and had challenge "
        "points "
        "as their arm says."
        if plan.population.per_protocol
        else ""
    )
    return (
        "Intention to treat is everybody who was allocated to one of the arms and has not withdrawn "
        "consent, in "
        f"the arm of the allocation.{per} The analysis that counts is by "
        f"{plan.population.primary.replace('_', ' ')}. Missing outcomes were left out of the tests, "
        "counted by "
        "arm and reason, and given bounds where the outcome has a lowest and a highest value; none was "
        "imputed."
    )


def _analysis(results: Results, plan: Plan) -> str:
    how = plan.analysis
    done = {one.name: one for one in _all(results)}
    labels = listed(
        literal(one.label) for one in done.values() if one.role.value == "sensitivity" and one.there
    )
    parts = [
        _TESTS.format(alpha=f"{how.alpha:g}"),
        _multiplicity(how.multiplicity),
        f"Fewer than {how.minimum_per_arm} values in an arm are described and not tested.",
    ]
    if how.covariates:
        parts.append(
            f"Estimates were adjusted for {listed(literal(one) for one in how.covariates)} (Lin's interacted "
            "model, HC3 errors, t degrees of freedom)."
        )
    if how.cluster:
        parts.append(
            f"Classes ({literal(how.cluster)}) were handled as clusters with a small-sample correction."
        )
    if labels:
        parts.append(f"Sensitivity analyses: {labels}.")
    parts.append(
        f"Permutations ({how.permutations:,}{', within the allocation blocks' if how.blocks else ''}) and "
        "bootstrap "
        f"samples ({how.bootstraps:,}) were drawn from seed {results.seed}."
    )
    margins = [one for one in plan.outcomes if one.margin is not None]
    parts.append(
        "Equivalence was tested with the margins "
        + "; ".join(f"{literal(one.label)} {number(one.margin)}" for one in margins)
        + "."
        if margins
        else "The plan names no margin, so equivalence was not tested."
    )
    return " ".join(parts)


def _multiplicity(method: str) -> str:
    if method == "none":
        return "No adjustment for several outcomes was planned."
    return f"Over the declared family, p values were adjusted by the method of {method.capitalize()}."


def _all(results: Results) -> Iterator[Statistic]:
    for outcome in results.outcomes:
        for population in outcome.populations:
            yield from population.statistics


def _reading(results: Results, plan: Plan) -> str:
    looks = plan.looks
    if looks.kind == "planned":
        shares = listed(f"{100 * one:.0f}{FIRM}%" for one in looks.fractions)
        planned = (
            f"Looks were planned at {shares} of {looks.students:,} students (Lan and DeMets, O'Brien and "
            "Fleming's spending)."
        )
    elif looks.kind == "open-ended":
        planned = (
            "Looks were allowed at any time, judged by a t-mixture confidence sequence (right Haar prior, "
            "effect "
            "from a standard normal distribution, from 5 students per arm)."
        )
    else:
        planned = "The plan names no size and allows one look, at the end."
    taken = [one for one in results.looks.looks if not one.present]
    return f"{planned} Earlier looks on record: {len(taken)}."


def limitations(results: Results) -> Section:
    """What the data say against the result."""
    items = tuple(sentence(literal(one)) for one in results.limitations)
    if not items:
        return Section(
            "Limitations", (Paragraph("The data give no particular reason for doubt beyond the intervals."),)
        )
    return Section("Limitations", (Bullets(items),))


def registration(results: Results) -> Section:
    """The plan, when it was registered, and what was done otherwise."""
    return Section("Registration and deviations", tuple(_registration(results.plan, results)))


def _registration(plan: PlanRecord, results: Results) -> Iterator[Block]:
    order = {
        True: "before the first outcome",
        False: "AFTER the first outcome",
        None: "not known",
    }[plan.before_first_outcome]
    rows = [
        ("Plan followed (SHA-256)", plan.sha256),
        ("Status", _PLAN_STATUS.get(plan.status, plan.status)),
        ("Registered plan (SHA-256)", plan.registered_sha256 or NONE),
        ("Registered at", literal(plan.registered_at) or NONE),
        ("First outcome at", literal(plan.first_outcome_at) or NONE),
        ("Registered", order),
        ("Whose plan", "the default of the software" if plan.default else "the study's own"),
    ]
    yield Facts(tuple(rows))
    if results.deviations:
        yield Grid(
            "Deviations from the plan",
            ("Kind", "What", "Planned", "Done"),
            tuple(
                (
                    literal(one.kind.replace("_", " ")),
                    literal(one.what),
                    literal(one.planned) or NONE,
                    literal(one.done) or NONE,
                )
                for one in results.deviations
            ),
            words=True,
        )
    else:
        yield Paragraph("No deviation from the plan was found.")


def software(results: Results) -> Section:
    """What it was computed with, and how to compute it again."""
    names = {"holdfast": "Holdfast", "python": "Python"}
    rows = tuple((names.get(name, literal(name)), literal(version)) for name, version in results.software)
    return Section(
        "Software and reproduction",
        (
            Facts((*rows, ("Seed", str(results.seed)))),
            Paragraph(
                "The scripts analysis.R (base R) and analysis.py (NumPy and SciPy) in this bundle "
                "recompute the "
                "numbers of this report from the exported csv files without Holdfast, compare them with "
                "report_numbers.csv and fail where one differs. results.json holds every number with all its "
                "digits, plan.toml the plan."
            ),
        ),
    )
