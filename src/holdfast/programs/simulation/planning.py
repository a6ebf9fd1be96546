"""What a cohort's plan says about simulation, and which scenarios a new session gets."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Literal

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from holdfast.core.cohorts import Plan
from holdfast.kit.errors import InvalidInput
from holdfast.kit.randomness import stream
from holdfast.programs.simulation.catalog import Catalog
from holdfast.programs.simulation.scenario import library
from holdfast.store.statements import Connection

USUAL_SCENARIOS = 3
LONGEST_QUEUE = 10
ARM_WITH_CHALLENGES = "A"
"""The arm that has challenge points when the plan does not say."""


class SimulationPlan(BaseModel):
    """The section ``simulation`` of a cohort's plan.

    Attributes:
        scenario_queue: the scenarios of every session; empty leaves the choice to the client.
        order: ``fixed`` plays them as listed, ``shuffled`` in an order drawn from the session's seed.
        coach_questions: how many questions the coach asks, 2 to 5.
        challenge_points: by arm, whether it has challenge points; arms not named have none.
    """

    model_config = ConfigDict(extra="forbid")

    scenario_queue: tuple[str, ...] = Field(default=(), max_length=LONGEST_QUEUE)
    order: Literal["fixed", "shuffled"] = "fixed"
    coach_questions: int = Field(default=3, ge=2, le=5)
    challenge_points: dict[str, bool] | None = None

    def challenges_for(self, arm: str | None, *, asked: bool | None) -> bool:
        """Whether a session has challenge points.

        The arm decides; a student in no arm may ask (``asked``), and has them by default.
        """
        if arm is None:
            return True if asked is None else asked
        if self.challenge_points is None:
            return arm == ARM_WITH_CHALLENGES
        return self.challenge_points.get(arm, False)


def simulation_plan(plan: Plan) -> SimulationPlan:
    """The simulation's part of a plan.

    Raises:
        InvalidInput: naming the field that is wrong.
    """
    try:
        return SimulationPlan.model_validate(plan.section("simulation"))
    except ValidationError as error:
        first = error.errors()[0]
        place = ".".join(str(part) for part in first["loc"])
        raise InvalidInput(first["msg"], field=f"plan.simulation.{place}") from error


async def check_plan(connection: Connection, catalog: Catalog, plan: Plan, arms: Sequence[str]) -> None:
    """Refuse a plan that names scenarios or arms that do not exist.

    Raises:
        InvalidInput: naming the field.
    """
    section = simulation_plan(plan)
    for index, name in enumerate(section.scenario_queue):
        await _known(connection, catalog, name, f"plan.simulation.scenario_queue[{index}]")
    for arm in section.challenge_points or {}:
        if arm not in arms:
            raise InvalidInput(
                f"the cohort has no arm {arm!r}", field=f"plan.simulation.challenge_points.{arm}"
            )


async def queue_for(
    connection: Connection, catalog: Catalog, plan: SimulationPlan, *, wanted: Sequence[str], seed: int
) -> tuple[str, ...]:
    """The scenarios of a new session, by the names they were given.

    The plan wins over the client; without either, three of the shipped ones in an order drawn from
    the seed.

    Raises:
        InvalidInput: a scenario that does not exist, or too many.
    """
    if plan.scenario_queue:
        names = list(plan.scenario_queue)
        if plan.order == "shuffled":
            stream(seed, "scenario order").shuffle(names)
        return tuple(names)
    if not wanted:
        names = sorted(library.shipped())
        stream(seed, "scenario order").shuffle(names)
        return tuple(names[:USUAL_SCENARIOS])
    if len(wanted) > LONGEST_QUEUE:
        raise InvalidInput(f"at most {LONGEST_QUEUE} scenarios", field="scenarioQueue")
    for index, name in enumerate(wanted):
        await _known(connection, catalog, name, f"scenarioQueue[{index}]")
    return tuple(wanted)


async def _known(connection: Connection, catalog: Catalog, name: str, field: str) -> None:
    try:
        await catalog.by_name(connection, name)
    except InvalidInput as error:
        raise InvalidInput(error.message, field=field) from error
