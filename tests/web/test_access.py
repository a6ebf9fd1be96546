"""Every route declares its roles, and nobody can read, write or even detect another's session."""

import pytest

from holdfast.app.server import create_app
from holdfast.core.access import Role
from holdfast.web.security import api_routes, declared_roles

PUBLIC = {
    ("GET", "/api/health"),
    ("POST", "/api/auth/login"),
    ("POST", "/api/student/register"),
    ("POST", "/api/student/link"),
    ("GET", "/api/consent"),
    ("GET", "/api/workshop/definitions"),
    # The token of a workshop session, in the query or body, opens that session.
    ("GET", "/api/student-progress"),
    ("POST", "/api/student-progress"),
    ("GET", "/api/workshop/configuration"),
    ("PATCH", "/api/workshop/configuration"),
    ("POST", "/api/workshop/bug-reports"),
    ("POST", "/api/workshop/deployments"),
    ("GET", "/api/practice/shared/{link}"),
}


def _api(world):
    routes = [r for r in api_routes(create_app(world.services).routes) if r.path.startswith("/api")]
    assert len(routes) > 25
    return routes


async def test_every_route_declares_its_roles(world):
    undeclared = [route.path for route in _api(world) if not declared_roles(route)]
    assert undeclared == []


async def test_only_the_named_routes_are_public(world):
    public = {
        (method, route.path)
        for route in _api(world)
        for method in route.methods
        if Role.PUBLIC in declared_roles(route)
    }
    assert public == PUBLIC


async def test_every_other_route_wants_a_token_and_the_right_role(world):
    tokens = {role: world.staff(role) for role in Role if role is not Role.PUBLIC}
    for route in _api(world):
        allowed = declared_roles(route)
        names = {"session_id": "session_x", "student": "nobody", "cohort": "none", "student_id": "nobody"}
        names |= {"link": "none", "question_id": "none", "plan_id": "none"}
        names |= {"export_id": "00000000-0000-4000-8000-000000000000"}
        names |= {"assessment_id": "00000000-0000-4000-8000-000000000000", "skill": "empathy"}
        path = route.path.format(**names)
        for method in route.methods:
            if Role.PUBLIC in allowed:
                continue
            assert (await world.http.request(method, path)).status_code == 401, path
            for role, client in tokens.items():
                if role not in allowed:
                    response = await client.request(method, path, json={})
                    assert response.status_code == 403, (method, path, role)


@pytest.mark.parametrize("token", ["", "x", "Bearer", "a.b.c", "eyJhbGciOiJub25lIn0.eyJzdWIiOiJ4In0."])
async def test_a_token_that_does_not_hold_is_refused(world, token):
    response = await world.http.get("/api/me", headers={"Authorization": f"Bearer {token}"})
    assert response.status_code == 401
    assert response.headers["WWW-Authenticate"] == "Bearer"


async def test_a_token_without_a_signature_is_refused(world):
    import jwt

    forged = jwt.encode(
        {"sub": "00000000-0000-7000-8000-000000000001", "role": "admin", "exp": 9e9}, "x" * 40
    )
    assert (await world.http.get("/api/me", headers={"Authorization": f"Bearer {forged}"})).status_code == 401


async def test_a_student_cannot_read_write_or_detect_the_session_of_another(world):
    owner, _ = await world.student("Owner")
    other, _ = await world.student("Other")
    session = await world.session(owner)
    missing = "session_" + "0" * 32
    for route in _api(world):
        if "{session_id}" not in route.path or Role.STUDENT not in declared_roles(route):
            continue
        for method in route.methods:
            body = {"message": "hello", "target": "oxygen"}
            seen = await other.request(method, route.path.format(session_id=session), json=body)
            unknown = await other.request(method, route.path.format(session_id=missing), json=body)
            assert seen.status_code == unknown.status_code, route.path
            assert seen.text == unknown.text, route.path
            assert seen.status_code == 404 or seen.json() == {"exists": False}, (route.path, seen.text)
    mine = (await owner.get(f"/api/sessions/{session}/messages")).json()
    assert len(mine["messages"]) == 1


async def test_an_instructor_sees_what_a_student_does_not(world):
    client, _ = await world.student()
    session = await world.session(client)
    await world.to_scenario(client, session)
    staff = world.staff()
    hidden = {"trueVitals", "patientState", "treatments", "decisions", "checklist", "running"}
    for what in ("vitals", "state", "performance"):
        path = f"/api/sessions/{session}/{what}"
        student_sees = (await client.get(path)).json()
        staff_sees = (await staff.get(path)).json()
        assert not hidden & student_sees.keys()
        assert hidden & staff_sees.keys()


async def test_login_is_limited_and_does_not_tell_whether_the_account_exists(world):
    answers = set()
    for _ in range(12):
        response = await world.http.post(
            "/api/auth/login", json={"email": "who@example.org", "password": "wrong"}
        )
        answers.add(response.status_code)
    assert answers == {401, 429}
