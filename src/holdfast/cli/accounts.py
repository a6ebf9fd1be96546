"""``holdfast account``."""

from __future__ import annotations

import sys
from typing import Annotated, Literal

import asyncpg
import typer

from holdfast.app.services import Services
from holdfast.cli.output import failing_clearly, out
from holdfast.cli.session import ACTOR, on_stores
from holdfast.core.access import hash_password
from holdfast.core.journal import Event, record
from holdfast.core.people import clean_email, clean_name
from holdfast.core.students import statements
from holdfast.kit.errors import Conflict, InvalidInput
from holdfast.kit.ids import uuid7

app = typer.Typer(help="Accounts of staff that log in with e-mail and password.", no_args_is_help=True)

SHORTEST_PASSWORD = 12


@app.command()
def add(
    email: Annotated[str, typer.Argument(help="The account's e-mail.")],
    name: Annotated[str, typer.Option(help="The person's name.")],
    role: Annotated[
        Literal["instructor", "researcher", "admin"], typer.Option(help="What the account may do.")
    ] = "instructor",
) -> None:
    """Create an account. The password is asked for, or read from the first line of standard input."""

    async def work(services: Services) -> None:
        async with services.database.transaction() as connection:
            try:
                await statements.insert_account.run(
                    connection,
                    account_id=uuid7(),
                    email=address,
                    name=clean_name(name),
                    role=role,
                    password_hash=hashed,
                )
            except asyncpg.UniqueViolationError as error:
                raise Conflict("an account with this e-mail exists", field="email") from error
            await record(connection, Event("account.created", ACTOR, object=role))

    with failing_clearly():
        address = clean_email(email)
        hashed = hash_password(_password())
        on_stores(work)
        out.print(f"account {address} created", markup=False)


def _password() -> str:
    if sys.stdin.isatty():
        password: str = typer.prompt("Password", hide_input=True, confirmation_prompt=True)
    else:
        password = sys.stdin.readline().rstrip("\n")
    if len(password) < SHORTEST_PASSWORD:
        raise InvalidInput(f"must have at least {SHORTEST_PASSWORD} characters", field="password")
    return password
