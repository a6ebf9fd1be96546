"""Who may do what to a workshop session: its token opens it and nothing else; bearers by their role."""

from __future__ import annotations

from dataclasses import dataclass
from uuid import UUID

from holdfast.core.access import Principal, Role
from holdfast.kit.errors import InvalidInput, NotAllowed, NotAuthenticated, NotFound
from holdfast.programs.workshop.stored import statements
from holdfast.programs.workshop.tokens import looks_like_one
from holdfast.programs.workshop.views import is_open
from holdfast.store.statements import Connection

_MAY = frozenset({Role.PUBLIC, Role.STUDENT, Role.INSTRUCTOR, Role.ADMIN})


@dataclass(frozen=True, slots=True)
class Access:
    """A session that the caller may reach.

    Attributes:
        caller: who acts; for a bare token the student whose session it is.
        token: the token, told again to whoever brought it; none for those who came otherwise.
    """

    session_id: str
    student_id: UUID
    caller: Principal
    token: str | None


async def reach(
    connection: Connection, caller: Principal, *, token: str | None, session_id: str | None = None
) -> Access:
    """The session that a token opens, or that a bearer may name by its id.

    Raises:
        InvalidInput: neither is given.
        NotFound: no such session, or one of another student, which must look the same.
        NotAuthenticated: a bare token whose session has ended, or an id without a bearer.
        NotAllowed: a role that sees no names.
    """
    if caller.role not in _MAY:
        raise NotAllowed(f"this is not for the role {caller.role}")
    if token is not None:
        return await _by_token(connection, caller, token)
    if session_id is None:
        raise InvalidInput("bring the session's token", field="sessionToken")
    if caller.role is Role.PUBLIC:
        raise NotAuthenticated("a bearer token is needed to name a session by its id")
    student_id = await statements.owner_of_session.value(connection, session_id=session_id)
    if student_id is None or caller.student_id not in {None, student_id}:
        raise NotFound("there is no such session", field="sessionId")
    return Access(session_id, student_id, caller, None)


async def _by_token(connection: Connection, caller: Principal, token: str) -> Access:
    row = None
    if looks_like_one(token):
        row = await statements.session_of_token.row(connection, session_token=token)
    if row is None or caller.student_id not in {None, row["student_id"]}:
        raise NotFound("there is no such session", field="sessionToken")
    if caller.role is Role.PUBLIC:
        if not is_open(row):
            raise NotAuthenticated("this session has ended; sign in, or ask your instructor to extend it")
        caller = Principal(Role.STUDENT, str(row["student_id"]))
    return Access(row["session_id"], row["student_id"], caller, token)
