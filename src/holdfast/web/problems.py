"""One shape for every error: RFC 9457 problem details, plus the two keys that older clients read."""

from __future__ import annotations

import logging
from collections.abc import Iterable
from http import HTTPStatus
from typing import Any

import orjson
from fastapi import FastAPI, Request, Response
from fastapi.exceptions import RequestValidationError
from pydantic import BaseModel, ConfigDict, Field
from starlette.exceptions import HTTPException

from holdfast.kit.errors import (
    AgentUnavailable,
    Conflict,
    HoldfastError,
    IdempotencyMismatch,
    InvalidInput,
    NotAllowed,
    NotAuthenticated,
    NotFound,
    StoreUnavailable,
    TooManyRequests,
    WrongStep,
)

_log = logging.getLogger(__name__)

STATUSES: dict[type[HoldfastError], int] = {
    InvalidInput: 400,
    NotAuthenticated: 401,
    NotAllowed: 403,
    NotFound: 404,
    Conflict: 409,
    WrongStep: 409,
    IdempotencyMismatch: 422,
    TooManyRequests: 429,
    AgentUnavailable: 503,
    StoreUnavailable: 503,
}
"""What each error means over HTTP. An error that is not here is ours: 500."""

_RETRY_AFTER_S = 2


class Problem(BaseModel):
    """An error, as every route answers it (media type ``application/problem+json``)."""

    model_config = ConfigDict(extra="allow")

    type: str = Field(description="a stable name of the error as a URI", examples=["urn:holdfast:wrong_step"])
    title: str
    status: int
    detail: str
    code: str
    success: bool = Field(default=False, description="always false; read by older clients")
    error: str = Field(description="the same as detail; read by older clients")
    field: str | None = Field(default=None, description="the input field that is wrong, as a dotted path")


def problem(status: int, code: str, detail: str, **extra: Any) -> Response:
    """The response for an error."""
    content = orjson.dumps(_body(status, code, detail, extra), default=str)
    return Response(content, status, _headers(status, extra), media_type="application/problem+json")


def _body(status: int, code: str, detail: str, extra: dict[str, Any]) -> dict[str, Any]:
    return {
        "type": f"urn:holdfast:{code}",
        "title": HTTPStatus(status).phrase,
        "status": status,
        "detail": detail,
        "code": code,
        "success": False,
        "error": detail,
        **extra,
    }


def _headers(status: int, extra: dict[str, Any]) -> dict[str, str]:
    if status == HTTPStatus.UNAUTHORIZED:
        return {"WWW-Authenticate": "Bearer"}
    if status in {HTTPStatus.SERVICE_UNAVAILABLE, HTTPStatus.TOO_MANY_REQUESTS}:
        seconds = extra.get("retry_after_s", _RETRY_AFTER_S)
        return {"Retry-After": str(max(1, round(float(seconds))))}
    return {}


def _parts(error: HoldfastError) -> tuple[int, str, str, dict[str, Any]]:
    status = next((s for kind, s in STATUSES.items() if isinstance(error, kind)), 500)
    if status == HTTPStatus.INTERNAL_SERVER_ERROR:
        return status, "internal", "something went wrong on our side", {}
    extra = {k: v for k, v in error.details.items() if k not in _RESERVED}
    return status, error.code, error.message, extra | ({"field": error.field} if error.field else {})


_RESERVED = {"type", "title", "status", "detail", "code", "success", "error"}


def problem_of(error: HoldfastError) -> Response:
    """The response for one of Holdfast's own errors."""
    status, code, detail, extra = _parts(error)
    return problem(status, code, detail, **extra)


def problem_body(error: HoldfastError) -> dict[str, Any]:
    """The problem document of one of Holdfast's own errors, for a stream that has begun already."""
    status, code, detail, extra = _parts(error)
    return _body(status, code, detail, extra)


def install(app: FastAPI) -> None:
    """Give the application the error shape, for every error there is."""

    @app.exception_handler(HoldfastError)
    async def _ours(_: Request, error: HoldfastError) -> Response:
        return problem_of(error)

    @app.exception_handler(RequestValidationError)
    async def _invalid(_: Request, error: RequestValidationError) -> Response:
        errors = [{"field": _path(e["loc"]), "message": e["msg"]} for e in error.errors()]
        first = errors[0] if errors else {"field": "body", "message": "is not valid"}
        detail = f"{first['field']}: {first['message']}"
        return problem(400, InvalidInput.code, detail, field=first["field"], errors=errors)

    @app.exception_handler(HTTPException)
    async def _http(_: Request, error: HTTPException) -> Response:
        code = HTTPStatus(error.status_code).phrase.lower().replace(" ", "_")
        response = problem(error.status_code, code, str(error.detail))
        response.headers.update(error.headers or {})
        return response

    @app.exception_handler(Exception)
    async def _unexpected(request: Request, error: Exception) -> Response:
        _log.error("unexpected error at %s %s", request.method, request.url.path, exc_info=error)
        return problem(500, "internal", "something went wrong on our side")


def _path(parts: Iterable[Any]) -> str:
    named = [str(part) for part in parts if part not in {"body", "query", "path", "header"}]
    return ".".join(named) or "body"


def documented(*statuses: int) -> dict[int | str, dict[str, Any]]:
    """The error responses of a route, for its OpenAPI description; those that any route may give included."""
    wanted = sorted({400, 401, 403, 429, 503, *statuses})
    content = {"application/problem+json": {"schema": {"$ref": "#/components/schemas/Problem"}}}
    return {s: {"model": Problem, "description": HTTPStatus(s).phrase, "content": content} for s in wanted}
