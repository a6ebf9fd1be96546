"""One root error with a stable code; what it means over HTTP or as an exit code is said elsewhere."""

from __future__ import annotations

from typing import Any, ClassVar


class HoldfastError(Exception):
    """An expected failure with a stable code.

    Attributes:
        message: a sentence for the person who can do something about it.
        field: the input field (dotted path) that is wrong, where one is.
        details: machine-readable facts that belong to the failure; never anything internal.
        code: the stable name that clients may switch on; fixed per class.
    """

    code: ClassVar[str] = "error"

    def __init__(self, message: str, *, field: str | None = None, **details: Any) -> None:
        super().__init__(message)
        self.message = message
        self.field = field
        self.details = details

    def __str__(self) -> str:
        return f"{self.field}: {self.message}" if self.field else self.message


class InvalidInput(HoldfastError):
    """The input is wrong; nothing was changed."""

    code = "invalid_input"


class NotAuthenticated(HoldfastError):
    """No credentials, or credentials that do not hold."""

    code = "not_authenticated"


class NotAllowed(HoldfastError):
    """The caller is known but may not do this."""

    code = "not_allowed"


class NotFound(HoldfastError):
    """There is no such thing, or the caller may not know of it."""

    code = "not_found"


class WrongStep(HoldfastError):
    """The request is right but comes at the wrong time; `details["expected"]` names the step."""

    code = "wrong_step"


class Conflict(HoldfastError):
    """Another change was there first, or the thing exists already."""

    code = "conflict"


class IdempotencyMismatch(HoldfastError):
    """An idempotency key was used before with another request."""

    code = "idempotency_mismatch"


class TooManyRequests(HoldfastError):
    """A rate limit was reached; `details["retry_after_s"]` says when to come back."""

    code = "too_many_requests"


class StoreUnavailable(HoldfastError):
    """The database or another store does not answer; the same request may be sent again."""

    code = "store_unavailable"


class AgentUnavailable(HoldfastError):
    """The language model does not answer; what the student said is saved."""

    code = "agent_unavailable"


class Misconfigured(HoldfastError):
    """A setting is wrong or missing; the message says which and what to do."""

    code = "misconfigured"
