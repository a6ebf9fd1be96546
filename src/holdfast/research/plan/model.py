"""What an analysis plan holds. Pure."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Annotated, Literal

import orjson
from pydantic import AfterValidator, BaseModel, ConfigDict, Field, StringConstraints, model_validator

from holdfast.kit.plain import filled, storable

Code = Annotated[str, StringConstraints(max_length=64), AfterValidator(storable), AfterValidator(filled)]
Sentence = Annotated[str, StringConstraints(max_length=2000), AfterValidator(storable)]
Identifier = Annotated[str, StringConstraints(pattern=r"^[a-z][a-z0-9_]{0,31}$")]
Share = Annotated[float, Field(gt=0, lt=1, allow_inf_nan=False)]
Finite = Annotated[float, Field(allow_inf_nan=False)]
OutcomeKind = Literal["score", "count", "binary", "repeated"]
Population = Literal["intention_to_treat", "per_protocol"]


class _Section(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True, strict=True)


class Arm(_Section):
    """One arm: its code in the data, and what it is called in a report."""

    code: Code
    label: Sentence = ""
    ratio: Annotated[float, Field(gt=0, allow_inf_nan=False)] = 1.0
    """Its designed share, relative to the other arm's."""

    @property
    def name(self) -> str:
        """The label, or the code where there is none."""
        return self.label or self.code


class Outcome(_Section):
    """One outcome.

    Attributes:
        name: unique in the plan; a named outcome brings its own table, column and definition.
        rank: the family is made of the primary ones alone unless ``family`` says otherwise.
        kind: ``score`` (a mean), ``count`` (events over an exposure), ``binary`` (yes or no),
            ``repeated`` (one value per student and scenario; the mean of a student's is compared).
        exposure: column of ``students_overview``; of a count.
        margin: of equivalence, on the outcome's scale; none, no equivalence test.
        low, high: the scale's ends, for bounds of missing outcomes and for ceiling counts.
    """

    name: Identifier
    rank: Literal["primary", "secondary"] = "secondary"
    kind: OutcomeKind
    table: Identifier
    column: Identifier
    label: Sentence
    definition: Sentence
    unit: Sentence = ""
    better: Literal["higher", "lower", ""] = ""
    low: Finite | None = None
    high: Finite | None = None
    exposure: Identifier | None = None
    margin: Annotated[float, Field(gt=0, allow_inf_nan=False)] | None = None
    family: bool | None = None

    @property
    def in_family(self) -> bool:
        """Whether it is in the family over which the p values are adjusted."""
        return self.rank == "primary" if self.family is None else self.family

    @model_validator(mode="after")
    def _fits(self) -> Outcome:
        if self.kind == "count" and self.exposure is None:
            raise ValueError("a count needs an exposure, such as scenarios_completed")
        if self.kind != "count" and self.exposure is not None:
            raise ValueError("only a count has an exposure")
        if self.margin is not None and self.kind in {"count", "binary"}:
            raise ValueError("a margin is for scores")
        if self.low is not None and self.high is not None and self.low >= self.high:
            raise ValueError("low must be below high")
        return self


class PopulationPlan(_Section):
    """Who is analysed.

    Intention to treat is everybody who was allocated to an arm of the plan and has not withdrawn consent,
    in the arm of the allocation. Per protocol are those of them who completed every scenario that they
    were assigned and had challenge points as their arm says.
    """

    primary: Population = "intention_to_treat"
    per_protocol: bool = True
    challenge_points: Code | None = None
    """The arm that was meant to have challenge points; none: not an element of this study."""


class Looks(_Section):
    """Looks at the outcome while the study runs.

    ``planned`` at fractions of ``students_per_arm`` times two, spent as O'Brien and Fleming would by
    Lan and DeMets; ``open-ended`` at any time by a confidence sequence; ``none``: once, at the end.
    """

    kind: Literal["none", "planned", "open-ended"] = "none"
    fractions: tuple[Annotated[float, Field(gt=0, le=1)], ...] = ()
    students: Annotated[int, Field(ge=4, le=10_000_000)] | None = None
    """How many students with a value the study plans in all; the information at the end."""

    @model_validator(mode="after")
    def _rises(self) -> Looks:
        if self.kind != "planned":
            if self.fractions or self.students is not None:
                raise ValueError("only planned looks have fractions and students")
            return self
        if self.students is None:
            raise ValueError("planned looks need the number of students at the end")
        if len(self.fractions) < 2 or self.fractions[-1] != 1:
            raise ValueError("fractions must be at least two and end with 1.0")
        if any(late <= early for early, late in zip(self.fractions, self.fractions[1:], strict=False)):
            raise ValueError("fractions must rise")
        return self


class Analysis(_Section):
    """How it is analysed.

    Attributes:
        covariates: names of ``baseline_covariates``; they adjust the estimates, in this order.
        cluster: the column of ``students_overview`` with the class that was taught together; none: no
            clusters. ``allocated_by_cluster``: whole classes were allocated.
        blocks: permute within the allocation blocks.
        seed_figures: also show the figures of the older script (Student t, its d), named as such.
        prior_scale: of the Cauchy prior of the Bayes factor.
    """

    alpha: Annotated[float, Field(gt=0, lt=0.5, allow_inf_nan=False)] = 0.05
    multiplicity: Literal["holm", "none"] = "holm"
    minimum_per_arm: Annotated[int, Field(ge=2, le=1000)] = 5
    covariates: tuple[Code, ...] = ()
    cluster: Identifier | None = None
    allocated_by_cluster: bool = False
    blocks: bool = True
    permutations: Annotated[int, Field(ge=999, le=1_000_000)] = 9_999
    bootstraps: Annotated[int, Field(ge=999, le=1_000_000)] = 9_999
    seed: Annotated[int, Field(ge=0, le=2**53)] = 1
    prior_scale: Annotated[float, Field(gt=0, le=10, allow_inf_nan=False)] = 0.7071067811865476
    seed_figures: bool = False
    power: Share = 0.8
    """At which the minimum detectable effect is told."""

    @model_validator(mode="after")
    def _clustered(self) -> Analysis:
        if self.allocated_by_cluster and self.cluster is None:
            raise ValueError("allocated_by_cluster needs a cluster")
        return self


class Plan(_Section):
    """An analysis plan. The control arm stands first; the first primary outcome leads the report."""

    version: Literal[1] = 1
    title: Sentence
    arms: Annotated[tuple[Arm, ...], Field(min_length=2, max_length=2)]
    outcomes: Annotated[tuple[Outcome, ...], Field(min_length=1, max_length=40)]
    population: PopulationPlan = PopulationPlan()
    analysis: Analysis = Analysis()
    looks: Looks = Looks()

    @model_validator(mode="after")
    def _whole(self) -> Plan:
        _no_twins("arms", (arm.code for arm in self.arms))
        _no_twins("outcomes", (outcome.name for outcome in self.outcomes))
        _no_twins("analysis.covariates", self.analysis.covariates)
        if not any(outcome.rank == "primary" for outcome in self.outcomes):
            raise ValueError("outcomes: one must be primary")
        wanted = self.population.challenge_points
        if wanted is not None and wanted not in {arm.code for arm in self.arms}:
            raise ValueError(f"population.challenge_points: there is no arm {wanted!r}")
        return self

    @property
    def ordered(self) -> tuple[Outcome, ...]:
        """The outcomes, primary ones first, else as the plan lists them."""
        return tuple(sorted(self.outcomes, key=lambda outcome: outcome.rank != "primary"))

    @property
    def codes(self) -> tuple[str, str]:
        """The arms' codes, control first."""
        control, other = self.arms
        return control.code, other.code

    @property
    def canonical(self) -> bytes:
        """One text per meaning: every field, sorted; spacing, comments and order of the file do not count."""
        return orjson.dumps(self.model_dump(mode="json"), option=orjson.OPT_SORT_KEYS)

    @property
    def sha256(self) -> str:
        """Of the canonical form, in hexadecimal."""
        return hashlib.sha256(self.canonical).hexdigest()


def _no_twins(what: str, names: Iterable[str]) -> None:
    seen: set[str] = set()
    for name in names:
        if name in seen:
            raise ValueError(f"{what}: {name!r} stands there twice")
        seen.add(name)


@dataclass(frozen=True, slots=True)
class RecordedLook:
    """A look that was taken at a cohort's outcomes before: an analysis that was run."""

    looked_at: datetime
    plan_sha256: str
    observed: int
    fraction: float | None


@dataclass(frozen=True, slots=True)
class Registration:
    """A plan as it was registered for a cohort.

    Attributes:
        sha256: of the registered plan's canonical form; ``toml`` is its text as it was given.
        first_outcome_at: when the cohort's first session was completed, as far as the database knew when
            the registration was read; None when there was none yet.
        after_first_outcome: an outcome was there when the plan was registered.
        looks: earlier looks, oldest first.
    """

    cohort: str
    sha256: str
    toml: str
    registered_at: datetime
    registered_by: str
    first_outcome_at: datetime | None
    after_first_outcome: bool
    looks: tuple[RecordedLook, ...] = ()
