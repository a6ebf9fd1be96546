"""The plan that is proposed when nobody wrote one. Pure."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from holdfast.kit.errors import InvalidInput
from holdfast.research.plan.model import Arm, Outcome, Plan, PopulationPlan
from holdfast.research.plan.named import NAMED

PRIMARY = "overall_score"
SECONDARY = (
    "score_not_performed_zero",
    "safety_score",
    "medication_errors",
    "dangerous_decisions",
    "completion",
    "scenario_score",
)
USUAL_ARMS = ("A", "B")


def default_plan(
    arms: Sequence[str] = USUAL_ARMS,
    challenge_points: Mapping[str, bool] | None = None,
    *,
    title: str = "Two-arm comparison",
    ratio: Mapping[str, float] | None = None,
) -> Plan:
    """A plan for two arms: the overall score is primary, everything else secondary.

    Args:
        arms: the codes that occur, in the design's order; the first two are compared.
        challenge_points: which arm was meant to have challenge points, as the cohort's plan or the data
            say. The arm without them is the control; when that tells nothing, the first one is.
        title: of the study.
        ratio: designed shares; equal when nothing is said.

    Raises:
        InvalidInput: fewer than two arms: say in a plan what is compared.
    """
    if len(arms) < 2:
        raise InvalidInput("a comparison needs two arms; the data have fewer", field="plan.arms")
    codes = list(arms[:2])
    meant = [code for code in codes if (challenge_points or {}).get(code)]
    treated = meant[0] if len(meant) == 1 else None
    if treated == codes[0]:
        codes.reverse()
    return Plan(
        title=title,
        arms=tuple(
            Arm(code=code, label=_label(code, treated), ratio=float((ratio or {}).get(code, 1.0)))
            for code in codes
        ),
        outcomes=(_outcome(PRIMARY, "primary"), *(_outcome(name, "secondary") for name in SECONDARY)),
        population=PopulationPlan(challenge_points=treated),
    )


def _label(code: str, treated: str | None) -> str:
    if treated is None:
        return f"Group {code}"
    return f"Group {code} ({'with' if code == treated else 'without'} challenge points)"


def _outcome(name: str, rank: str) -> Outcome:
    return Outcome.model_validate({"name": name, "rank": rank, **NAMED[name]})
