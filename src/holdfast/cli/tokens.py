"""``holdfast token``."""

from __future__ import annotations

from typing import Annotated, Literal

import typer

from holdfast.app.services import Services
from holdfast.cli.output import failing_clearly, out
from holdfast.cli.session import on_stores
from holdfast.core import students
from holdfast.core.access import Role
from holdfast.core.journal import Event, record
from holdfast.kit.errors import InvalidInput
from holdfast.kit.ids import uuid7

app = typer.Typer(help="Bearer tokens for students and staff.", no_args_is_help=True)


@app.command()
def issue(
    role: Annotated[
        Literal["student", "instructor", "researcher", "admin"], typer.Option(help="What the bearer may do.")
    ],
    student: Annotated[
        str | None, typer.Option(help="The student's code or id, for the role student.")
    ] = None,
) -> None:
    """Print a new token."""

    async def work(services: Services) -> str:
        async with services.database.transaction() as connection:
            if role != "student":
                subject = uuid7()
            elif student is None:
                raise InvalidInput("name the student whom the token is for", field="--student")
            else:
                subject = (await students.by_name_of_any_kind(connection, student)).student_id
            await record(connection, Event("token.issued", "cli", object=role, result=str(subject)))
        return services.authority.issue(Role(role), str(subject), now=services.clock())

    with failing_clearly():
        out.print(on_stores(work), markup=False, soft_wrap=True)
