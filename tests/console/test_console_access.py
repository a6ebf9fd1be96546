"""Who sees which page, and that no other site can act in a visitor's name."""

import re

import pytest

from holdfast.app.server import create_app
from holdfast.console.access import PageAllow
from holdfast.console.routes import router
from holdfast.core.access import Role
from holdfast.kit.clock import utc_now
from holdfast.web.security import STAFF, api_routes, declared_roles, proof_of

EVERYONE = frozenset({Role.PUBLIC})
STUDENTS = frozenset({Role.STUDENT})
INSTRUCTORS = frozenset(STAFF)

PAGES = {
    ("GET", "/"): EVERYONE,
    ("GET", "/static/{version}/{name}"): EVERYONE,
    ("GET", "/join/{code}"): EVERYONE,
    ("GET", "/login"): EVERYONE,
    ("GET", "/enter"): EVERYONE,
    ("GET", "/recover"): EVERYONE,
    ("POST", "/enter"): EVERYONE,
    ("POST", "/leave"): frozenset(Role) - EVERYONE,
    ("GET", "/play"): STUDENTS,
    ("GET", "/watch"): INSTRUCTORS,
    ("GET", "/watch-list"): INSTRUCTORS,
    ("GET", "/watch/{session_id}"): INSTRUCTORS,
    ("GET", "/watch/{session_id}/now"): INSTRUCTORS,
    ("GET", "/watch/{session_id}/messages"): INSTRUCTORS,
    ("GET", "/cohorts"): INSTRUCTORS,
}


def _pages(world):
    return list(api_routes(router(world.services).routes))


async def test_every_page_declares_the_roles_it_is_for(world):
    found = {(m, route.path): declared_roles(route) for route in _pages(world) for m in route.methods}
    assert found == PAGES


async def test_the_application_has_all_pages(world):
    served = {route.path for route in api_routes(create_app(world.services).routes)}
    assert served >= {path for _, path in PAGES}


async def test_a_cookie_alone_is_enough_for_pages_that_show_only(world):
    by_cookie = {
        (method, route.path)
        for route in _pages(world)
        for method in route.methods
        if any(isinstance(d.call, PageAllow) for d in route.dependant.dependencies)
    }
    assert {method for method, _ in by_cookie} == {"GET"}


@pytest.mark.parametrize("path", ["/watch", "/watch-list", "/cohorts", "/watch/x", "/watch/x/now"])
async def test_staff_pages_send_strangers_to_the_login_and_refuse_students(visitor, student, path):
    stranger = await visitor.get(path)
    assert (stranger.status_code, stranger.headers["location"]) == (303, f"/login?next={path}")
    refused = await student.get(path)
    assert refused.status_code == 403
    assert "not for the role student" in refused.text


async def test_the_student_page_tells_strangers_how_to_come_back(visitor, student):
    stranger = await visitor.get("/play")
    assert stranger.status_code == 401
    assert "/recover" in stranger.text
    assert (await student.get("/play")).status_code == 200


async def test_the_cookie_is_out_of_reach_of_scripts_and_secure_over_https(world, visit):
    client, _ = await world.student()
    plain = (await (await visit()).enter(client.token)).headers["set-cookie"]
    assert "holdfast_student=" in plain
    assert "HttpOnly" in plain
    assert "SameSite=lax" in plain
    assert "Secure" not in plain
    secured = await visit()
    secured.http.base_url = "https://holdfast.test"
    assert "Secure" in (await secured.enter(client.token)).headers["set-cookie"]


async def test_staff_and_student_are_kept_beside_each_other(world, student):
    token = world.services.authority.issue(Role.INSTRUCTOR, "0" * 32, now=utc_now())
    assert (await student.enter(token)).json()["go"] == "/watch"
    assert (await student.get("/play")).status_code == 200
    assert (await student.get("/watch")).status_code == 200


@pytest.mark.parametrize(
    "headers",
    [{"Sec-Fetch-Site": "cross-site"}, {"Sec-Fetch-Site": "same-site"}, {"Origin": "https://elsewhere.test"}],
)
async def test_another_site_cannot_sign_a_visitor_in(world, visitor, headers):
    client, _ = await world.student()
    refused = await visitor.enter(client.token, **headers)
    assert refused.status_code == 403
    assert "set-cookie" not in refused.headers
    own = {"Origin": "http://holdfast.test"}
    assert (await visitor.enter(client.token, **own)).status_code == 200


async def test_a_forged_or_expired_token_is_not_kept(world, visitor):
    for token in ("x" * 40, world.services.authority.issue(Role.ADMIN, "0" * 32, now=_LONG_AGO)):
        refused = await visitor.enter(token)
        assert refused.status_code == 401
        assert "set-cookie" not in refused.headers


_LONG_AGO = utc_now().replace(year=2020)

COMMANDS = [
    ("/api/sessions/start", {}),
    ("/api/student/consent/withdraw", {}),
    ("/leave", None),
]


@pytest.mark.parametrize(("path", "body"), COMMANDS)
async def test_a_command_by_cookie_is_refused_without_the_proof(student, path, body):
    refused = await student.http.post(path, json=body)
    assert refused.status_code == 401
    wrong = await student.http.post(path, json=body, headers={"X-CSRF-Token": "0" * 64})
    assert wrong.status_code == 401
    proof = await student.proof("/play")
    allowed = await student.http.post(path, json=body, headers={"X-CSRF-Token": proof})
    assert allowed.status_code == 200


async def test_a_staff_command_by_cookie_is_refused_without_the_proof(instructor):
    body = {"name": "Forged"}
    assert (await instructor.http.post("/api/cohorts", json=body)).status_code == 401
    proof = await instructor.proof("/cohorts")
    made = await instructor.http.post("/api/cohorts", json=body, headers={"X-CSRF-Token": proof})
    assert made.status_code == 201


async def test_a_cookie_alone_reads_nothing_from_the_interface(student):
    """So that a page of another site that gets hold of an answer gets hold of nothing."""
    assert (await student.http.get("/api/me")).status_code == 401
    proof = await student.proof("/play")
    me = await student.http.get("/api/me", headers={"X-CSRF-Token": proof})
    assert me.json()["role"] == "student"


async def test_the_proof_of_one_cookie_does_not_serve_for_another(student, instructor):
    proof = await student.proof("/play")
    refused = await instructor.http.get("/api/sessions/active", headers={"X-CSRF-Token": proof})
    assert refused.status_code == 401


async def test_the_proof_is_no_token(world):
    client, _ = await world.student()
    proof = proof_of(client.token)
    assert client.token not in proof
    response = await world.http.get("/api/me", headers={"Authorization": f"Bearer {proof}"})
    assert response.status_code == 401


async def test_signing_out_forgets_one_cookie_only(world, student):
    token = world.services.authority.issue(Role.INSTRUCTOR, "0" * 32, now=utc_now())
    await student.enter(token)
    headers = {"X-CSRF-Token": await student.proof("/play")}
    assert (await student.http.post("/leave", headers=headers)).status_code == 200
    assert (await student.get("/play")).status_code in {401, 403}
    assert (await student.get("/watch")).status_code == 200


async def test_an_old_cookie_is_as_good_as_none(visitor):
    visitor.http.cookies.set("holdfast_student", "not.a.token")
    assert (await visitor.get("/")).status_code == 200
    assert (await visitor.get("/play")).status_code == 401


INLINE = re.compile(r"<script(?![^>]*\bsrc=)|\son[a-z]+\s*=|\sstyle\s*=|javascript:|<style", re.IGNORECASE)


async def test_no_page_needs_anything_inline_or_from_elsewhere(visitor, student, instructor):
    pages = [await visitor.get(path) for path in ("/", "/login", "/enter", "/recover", "/nowhere")]
    pages += [await student.get("/play"), await instructor.get("/watch"), await instructor.get("/cohorts")]
    for page in pages:
        policy = page.headers["content-security-policy"]
        assert "default-src 'none'" in policy
        assert "unsafe" not in policy
        assert page.headers["x-content-type-options"] == "nosniff"
        assert page.headers["cache-control"] == "no-store"
        assert not INLINE.search(page.text), page.url
        assert "//" not in page.text.replace("http://www.w3.org", "").replace("http://holdfast.test", "")
        assert not re.search(r'<(?:a|form)[^>]+(?:href|action)="http', page.text)


async def test_unknown_addresses_are_a_page_for_people_and_a_problem_for_programs(visitor):
    page = await visitor.get("/nowhere")
    assert page.status_code == 404
    assert "There is nothing here" in page.text
    for path, accept in (("/nowhere", "application/json"), ("/api/nowhere", "text/html")):
        problem = await visitor.get(path, headers={"Accept": accept})
        assert problem.status_code == 404
        assert problem.json()["success"] is False


async def test_a_wrong_method_stays_a_wrong_method(visitor):
    assert (await visitor.get("/api/auth/login")).status_code == 405


@pytest.mark.parametrize("code", ["unknown", "%00", "x" * 200, "<script>"])
async def test_an_unknown_join_code_is_a_clear_page(visitor, code):
    page = await visitor.get(f"/join/{code}")
    assert page.status_code == 404
    assert "<script>" not in page.text.lower()


async def test_static_files_may_be_kept_for_ever_under_their_edition_only(visitor):
    text = (await visitor.get("/")).text
    path = re.search(r'href="(/static/[0-9a-f]+/console\.css)"', text).group(1)
    kept = await visitor.get(path)
    assert "immutable" in kept.headers["cache-control"]
    assert kept.headers["content-type"].startswith("text/css")
    assert (await visitor.get("/static/old/console.css")).headers["cache-control"] == "no-cache"
    assert (await visitor.get("/static/old/..%2Fpages.py")).status_code == 404
