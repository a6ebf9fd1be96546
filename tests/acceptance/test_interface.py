"""Schemathesis over the OpenAPI document: no 5xx, no undocumented status, bodies as described."""

import pytest
import schemathesis
from hypothesis import HealthCheck, given, settings
from schemathesis.checks import not_a_server_error
from schemathesis.specs.openapi.checks import (
    content_type_conformance,
    response_schema_conformance,
    status_code_conformance,
)

from fixtures.service import SECRET
from holdfast.core.access import Role, TokenAuthority
from holdfast.kit.clock import utc_now

CHECKS = [
    not_a_server_error,
    status_code_conformance,
    content_type_conformance,
    response_schema_conformance,
]
EXAMPLES = 12


@schemathesis.serializer("application/x-ndjson")
def lines(ctx, value):
    """A body of lines goes out as the text that it is."""
    return value if isinstance(value, bytes) else str(value).encode(errors="surrogatepass")


pytestmark = [pytest.mark.crash, pytest.mark.timeout(600)]


@pytest.fixture
def tokens(server):
    import httpx

    body = {"name": "Schema Thesis", "consent": True}
    student = httpx.post(f"{server.url}/api/student/register", json=body).json()
    authority = TokenAuthority(SECRET)
    return [
        student["token"],
        authority.issue(Role.INSTRUCTOR, student["id"], now=utc_now()),
        None,
    ]


@pytest.fixture
def server(start_server, database_url, stores):
    return start_server(
        database_url=database_url, redis_url=stores.redis_url, HOLDFAST_LOGINS_PER_MINUTE="100000"
    )


def test_the_interface_keeps_its_own_description(server, tokens):
    schema = schemathesis.openapi.from_url(f"{server.url}/openapi.json")
    schema = schema.exclude(path="/api/practice/live")  # a stream that goes on for minutes
    tried = 0
    for found in schema.get_all_operations():
        operation = found.ok()
        for token in tokens:
            headers = {"Authorization": f"Bearer {token}"} if token else {}
            tried += _try(operation, headers)
    assert tried > 500


def _try(operation, headers):
    count = 0

    @settings(
        max_examples=EXAMPLES,
        deadline=None,
        database=None,
        derandomize=True,
        suppress_health_check=list(HealthCheck),
    )
    @given(case=operation.as_strategy())
    def run(case):
        nonlocal count
        count += 1
        case.call_and_validate(headers=headers, checks=CHECKS)

    run()
    return count
