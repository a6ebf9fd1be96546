"""What a failed request means: whether trying again may help, when, and what to tell the operator."""

from __future__ import annotations

from typing import NamedTuple

from pydantic_ai.exceptions import (
    ModelAPIError,
    ModelAuthenticationError,
    ModelConnectionError,
    ModelHTTPError,
    ModelNotFoundError,
    ModelOverloadedError,
    ModelQuotaExceededError,
    ModelRateLimitError,
    ModelRequestRejectedError,
    ModelRequestTimeout,
    ModelServerError,
    ModelTimeoutError,
    ModelUnavailableError,
    UserError,
)


class Verdict(NamedTuple):
    """A judged failure.

    Attributes:
        reason: for the log: a fixed phrase, the HTTP status and the provider's error type; nothing it quoted.
        may_pass: whether the same request may succeed later.
        retry_after_s: seconds that the provider asked to wait, if it did.
    """

    reason: str
    may_pass: bool
    retry_after_s: float | None = None


_KNOWN: tuple[tuple[type[Exception], str, bool], ...] = (
    (ModelRateLimitError, "rate limit reached", True),
    (ModelQuotaExceededError, "quota or credit used up; see the provider's billing page", False),
    (ModelAuthenticationError, "the API key was refused; check it in the settings", False),
    (ModelNotFoundError, "no such model or address; check AGENT_MODEL and AGENT_BASE_URL", False),
    (ModelOverloadedError, "the provider is overloaded", True),
    (ModelUnavailableError, "the provider is unavailable", True),
    (ModelServerError, "the provider failed", True),
    (ModelTimeoutError, "no answer in time", True),
    (ModelConnectionError, "the connection failed or broke off", True),
    (ModelRequestRejectedError, "the request was rejected", False),
    (UserError, "the model cannot take this request", False),
)
_LONGEST_KIND = 64
_PASSING_STATUSES = {408, 409, 425}
"""Request time-out, conflict (providers use it for lock contention) and too early: all ask for a repeat."""


def judge(error: Exception) -> Verdict:
    """Judge what a model request raised. What is not known is taken for an answer that makes no sense."""
    if isinstance(error, ModelRequestTimeout):
        # Only the deadline over the whole speech is final; a slow beginning may be quicker next time.
        return Verdict("no answer in time", error.setting == "first_event_timeout")
    reason, may_pass = next(
        ((reason, may_pass) for kind, reason, may_pass in _KNOWN if isinstance(error, kind)),
        ("the answer broke off or made no sense", True),
    )
    if not isinstance(error, ModelAPIError):
        return Verdict(f"{reason} ({type(error).__name__})", may_pass)
    if isinstance(error, ModelHTTPError):
        may_pass = may_pass or error.status_code in _PASSING_STATUSES
        reason = f"{reason} (HTTP {error.status_code}{_kind(error)})"
    return Verdict(reason, may_pass, error.retry_after)


def _kind(error: ModelAPIError) -> str:
    """The provider's error type where it is a plain name; it comes from outside and goes into a log line."""
    kind = error.provider_error_type or error.provider_error_code or ""
    return f", {kind}" if kind.isidentifier() and len(kind) <= _LONGEST_KIND else ""
