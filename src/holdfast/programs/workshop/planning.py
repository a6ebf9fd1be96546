"""What a cohort's plan says about workshops."""

from __future__ import annotations

from pydantic import BaseModel, ConfigDict, ValidationError

from holdfast.core.cohorts import Plan
from holdfast.kit.errors import InvalidInput, NotFound
from holdfast.programs.workshop.library import Library


class WorkshopPlan(BaseModel):
    """The section ``workshop`` of a cohort's plan.

    Attributes:
        workshop: the id of the workshop that every member does; none leaves the choice to the client.
    """

    model_config = ConfigDict(extra="forbid")

    workshop: str | None = None


def workshop_plan(plan: Plan) -> WorkshopPlan:
    """The workshop's part of a plan.

    Raises:
        InvalidInput: naming the field that is wrong.
    """
    try:
        return WorkshopPlan.model_validate(plan.section("workshop"))
    except ValidationError as error:
        first = error.errors()[0]
        place = ".".join(str(part) for part in first["loc"])
        raise InvalidInput(first["msg"], field=f"plan.workshop.{place}") from error


def check_plan(library: Library, plan: Plan) -> None:
    """Refuse a plan that names a workshop that does not exist.

    Raises:
        InvalidInput: naming the field.
    """
    name = workshop_plan(plan).workshop
    try:
        library.find(name)
    except NotFound:
        raise InvalidInput(f"there is no workshop {name!r}", field="plan.workshop.workshop") from None
