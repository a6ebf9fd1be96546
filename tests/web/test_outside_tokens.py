"""Tokens of a provider outside: what holds, what does not, and that no setting turns a check off."""

import asyncio
import base64
import time
from contextlib import asynccontextmanager
from uuid import uuid4

import jwt
import orjson
import pytest
from cryptography.hazmat.primitives.asymmetric import ec, rsa
from jwt.algorithms import ECAlgorithm, RSAAlgorithm

from fixtures.service import SECRET, Client
from holdfast.app.services import identities_of
from holdfast.app.settings import Settings
from holdfast.core.access import Role
from holdfast.core.erasure import IdentityKey
from holdfast.core.key_set import KeySet, usable_keys
from holdfast.core.outside import outside_issuer
from holdfast.kit.errors import Misconfigured, NotAuthenticated, StoreUnavailable

ISSUER = "https://project.example.com/auth/v1"
OUTSIDE = "the secret of the provider, also long enough"
BY_SECRET = {"outside_issuer": ISSUER, "outside_secret": OUTSIDE}
SAVE = {"session_type": "conversation", "duration_seconds": 60}


def claims(**changes):
    """The claims of a Supabase access token; None leaves one out."""
    now = int(time.time())
    full = {
        "iss": ISSUER,
        "aud": "authenticated",
        "sub": str(uuid4()),
        "role": "authenticated",
        "email": "learner@example.com",
        "iat": now,
        "exp": now + 3600,
        "app_metadata": {"provider": "email"},
    }
    return {k: v for k, v in (full | changes).items() if v is not None}


def signed(key=OUTSIDE, algorithm="HS256", kid=None, **changes):
    return jwt.encode(claims(**changes), key, algorithm=algorithm, headers={"kid": kid} if kid else None)


@pytest.fixture(scope="module")
def rsa_key():
    return rsa.generate_private_key(public_exponent=65537, key_size=2048)


@pytest.fixture(scope="module")
def ec_key():
    return ec.generate_private_key(ec.SECP256R1())


def public(key, kid, **more):
    kind = RSAAlgorithm if isinstance(key, rsa.RSAPrivateKey) else ECAlgorithm
    return kind.to_jwk(key.public_key(), as_dict=True) | {"kid": kid, "use": "sig"} | more


class Stub:
    """A provider's key set on loopback; it can change its keys, break, hang and talk too much."""

    def __init__(self, *keys):
        self.body = orjson.dumps({"keys": keys})
        self.status, self.asked, self.hangs = "200 OK", 0, False
        self.url = ""

    async def answer(self, reader, writer):
        await reader.readuntil(b"\r\n\r\n")
        self.asked += 1
        if self.hangs:
            await reader.read()
        head = f"HTTP/1.1 {self.status}\r\nContent-Length: {len(self.body)}\r\nConnection: close\r\n\r\n"
        writer.write(head.encode() + self.body)
        writer.close()


@asynccontextmanager
async def provider(*keys):
    stub = Stub(*keys)
    server = await asyncio.start_server(stub.answer, "127.0.0.1", 0)
    stub.url = f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}/jwks.json"
    try:
        yield stub
    finally:
        server.close()


async def test_the_first_use_creates_a_student_and_later_ones_are_that_student(make_world):
    async with make_world(**BY_SECRET) as world:
        subject = str(uuid4())
        clients = [Client(world.http, signed(sub=subject)) for _ in range(6)]
        answers = await asyncio.gather(*(c.post("/api/sessions/save", SAVE) for c in clients))
        assert {a.status_code for a in answers} == {200}, answers[0].text
        assert len({a.json()["user_id"] for a in answers}) == 1
        async with world.services.database.connection() as connection:
            students = await connection.fetch("SELECT name, email FROM holdfast.students")
            identities = await connection.fetch("SELECT system, external_id FROM holdfast.student_identities")
            registered = await connection.fetchval(
                "SELECT count(*) FROM holdfast.events WHERE type = 'student.registered'"
            )
        assert [tuple(s) for s in students] == [("Student from outside", None)], "no name, no e-mail"
        assert [tuple(i) for i in identities] == [(ISSUER, subject)]
        assert registered == 1
        me = (await clients[0].get("/api/me")).json()
        assert me == {"role": "student", "subject": answers[0].json()["user_id"]}


async def test_a_role_that_the_token_claims_is_not_read(make_world):
    async with make_world(**BY_SECRET) as world:
        for role in ("admin", "instructor", "service_role"):
            client = Client(world.http, signed(role=role, app_metadata={"role": role}))
            assert (await client.get("/api/me")).json()["role"] == "student"
            assert (await client.get("/api/students")).status_code == 403


def _bad_tokens():
    local = "00000000-0000-7000-8000-000000000001"
    yield "malformed", "not.a.token"
    yield "empty", "a"
    yield "expired", signed(exp=int(time.time()) - 3600)
    yield "not yet", signed(nbf=int(time.time()) + 3600)
    yield "wrong signature", signed(key="another secret that is long enough too")
    yield "cut", signed()[:-4]
    yield "alg none", jwt.encode(claims(), None, algorithm="none")
    yield "other algorithm", signed(algorithm="HS512", key=OUTSIDE * 2)
    yield "wrong audience", signed(aud="somebody else")
    yield "no audience", signed(aud=None)
    yield "no subject", signed(sub=None)
    yield "blank subject", signed(sub="")
    yield "long subject", signed(sub="x" * 300)
    yield "control in subject", signed(sub="a\x00b")
    yield "no expiry", signed(exp=None)
    yield "no issuer", signed(iss=None)
    yield "wrong issuer", signed(iss="https://other.example.com")
    yield "our issuer, their secret", signed(iss="holdfast", role="admin", sub=local)
    yield "their issuer, our secret", signed(key=SECRET)
    yield "subject unknown to the local issuer", signed(key=SECRET, iss="holdfast", role="student", sub=local)
    deep = base64.urlsafe_b64encode(b'{"a":' * 5000).decode()
    yield "deep header", f"{deep}.e30.x"
    yield "deep claims", f"eyJhbGciOiJIUzI1NiJ9.{deep}.x"
    yield "endless", signed(exp=float("inf"))
    yield "key id without key set", signed(kid="k1")[:-2] + "xx"


async def test_a_token_that_does_not_hold_is_refused_everywhere(make_world):
    async with make_world(**BY_SECRET) as world:
        for name, token in _bad_tokens():
            client = Client(world.http, token)
            answers = [
                await client.post("/api/sessions/save", SAVE),
                *[await client.get(f"/api/sessions/{path}") for path in ("history", "stats", "warmup")],
                *[await client.get(f"/api/practice/{path}") for path in ("export", "milestones")],
            ]
            assert {a.status_code for a in answers} <= {401, 403}, (name, [a.text for a in answers])
            # Asked last: to a token that holds it would not end.
            assert (await client.get("/api/practice/live")).status_code in {401, 403}, name
        async with world.services.database.connection() as connection:
            assert await connection.fetchval("SELECT count(*) FROM holdfast.students") == 0
            assert await connection.fetchval("SELECT count(*) FROM holdfast.session_results") == 0


async def test_without_a_token_and_without_a_bearer_nothing_opens(world):
    assert (await world.http.get("/api/sessions/history")).status_code == 401
    for header in ("", "Basic abc", "Bearer", "Bearer ", b"Bearer \xff.\xfe.\xfd"):
        answer = await world.http.get("/api/sessions/stats", headers={"Authorization": header})
        assert answer.status_code == 401, header


async def test_without_a_configured_provider_its_tokens_are_nothing(world):
    for token in (signed(), signed(key=SECRET), jwt.encode(claims(), None, algorithm="none")):
        assert (await Client(world.http, token).get("/api/sessions/history")).status_code == 401


async def test_an_erased_student_stays_away_and_only_a_fingerprint_is_kept(make_world):
    async with make_world(**BY_SECRET) as world:
        subject = str(uuid4())
        client, other = Client(world.http, signed(sub=subject)), Client(world.http, signed())
        erased = (await client.post("/api/sessions/save", SAVE)).json()["user_id"]
        assert (await world.staff("admin").delete(f"/api/students/{erased}")).status_code == 200
        for _ in range(2):
            fresh = Client(world.http, signed(sub=subject))
            assert (await fresh.post("/api/sessions/save", SAVE)).status_code == 403
            assert (await fresh.get("/api/sessions/history")).status_code == 403
        own = world.services.authority.issue(Role.STUDENT, erased, now=world.services.clock())
        assert (await Client(world.http, own).get("/api/sessions/history")).status_code == 401
        assert (await other.post("/api/sessions/save", SAVE)).status_code == 200, "others are not barred"
        async with world.services.database.connection() as connection:
            tables = await connection.fetch(
                "SELECT format('%I.%I', schemaname, tablename) FROM pg_tables WHERE schemaname = 'holdfast'"
            )
            for (table,) in tables:
                found = await connection.fetchval(
                    f"SELECT count(*) FROM {table} t WHERE t::text LIKE '%' || $1 || '%'", subject
                )
                assert found == 0, f"{table} still holds the erased id"
            kept = await connection.fetchrow("SELECT fingerprint, key_id FROM holdfast.erased_identities")
        key = IdentityKey(SECRET)
        assert kept["fingerprint"] == key.fingerprint(ISSUER, subject)
        assert kept["fingerprint"] != IdentityKey("another secret").fingerprint(ISSUER, subject)


async def test_after_a_change_of_the_key_no_newcomer_is_taken_until_it_is_back(make_world):
    async with make_world(**BY_SECRET) as world:
        known, subject = Client(world.http, signed()), str(uuid4())
        assert (await known.post("/api/sessions/save", SAVE)).status_code == 200
        erased = (await Client(world.http, signed(sub=subject)).get("/api/me")).json()["subject"]
        assert (await world.staff("admin").delete(f"/api/students/{erased}")).status_code == 200
    changed = BY_SECRET | {"secret": "the next secret of this service, long enough"}
    async with make_world(**changed) as world:
        assert (await Client(world.http, known.token).get("/api/sessions/history")).json()["total"] == 1
        assert (await Client(world.http, signed(sub=subject)).get("/api/me")).status_code == 403
        assert (await Client(world.http, signed()).get("/api/me")).status_code == 403
    async with make_world(**changed, identity_secret=SECRET) as world:
        assert (await Client(world.http, signed(sub=subject)).get("/api/me")).status_code == 403
        assert (await Client(world.http, signed()).get("/api/me")).status_code == 200


async def test_a_student_from_outside_may_join_a_cohort_and_only_with_consent(make_world):
    async with make_world(**BY_SECRET) as world:
        staff, client = world.staff(), Client(world.http, signed())
        await staff.post("/api/cohorts", {"name": "Spring", "joinCode": "spring"})
        refused = await client.post("/api/student/join", {"joinCode": "spring", "consent": False})
        assert (refused.status_code, refused.json()["field"]) == (400, "consent")
        joined = await client.post("/api/student/join", {"joinCode": "spring", "consent": True})
        assert (joined.status_code, joined.json()["cohort"]) == (200, "Spring")
        again = await client.post("/api/student/join", {"joinCode": "spring", "consent": True})
        assert again.status_code == 409


async def test_keys_of_a_key_set_verify_rs256_and_es256_and_are_fetched_once(make_world, rsa_key, ec_key):
    async with (
        provider(public(rsa_key, "r1"), public(ec_key, "e1")) as stub,
        make_world(outside_issuer=ISSUER, outside_jwks_url=stub.url) as world,
    ):
        good = [signed(rsa_key, "RS256", "r1"), signed(ec_key, "ES256", "e1")] * 5
        answers = await asyncio.gather(*(Client(world.http, t).get("/api/me") for t in good))
        assert {a.status_code for a in answers} == {200}
        assert stub.asked == 1
        confused = rsa_key.public_key().public_numbers().n.to_bytes(256, "big")
        for token in (
            signed(rsa_key, "RS256", "e1"),
            signed(rsa_key, "PS256", "r1"),
            signed(rsa_key, "RS256"),
            signed(rsa_key, "RS256", "unknown"),
            signed(ec.generate_private_key(ec.SECP256R1()), "ES256", "e1"),
            signed(confused, "HS256", "r1"),
            signed(rsa_key, "RS256", "r1", aud="anon"),
        ):
            assert (await Client(world.http, token).get("/api/me")).status_code == 401
        assert stub.asked == 1, "made-up key ids do not lead to further requests at once"


async def test_new_keys_are_found_old_ones_forgotten_and_an_outage_is_bridged(rsa_key, ec_key):
    now = [0.0]
    async with provider(public(rsa_key, "old")) as stub:
        keys = KeySet(stub.url, clock=lambda: now[0])
        assert (await keys.key("old")).algorithm_name == "RS256"
        stub.body = orjson.dumps({"keys": [public(ec_key, "new")]})
        with pytest.raises(NotAuthenticated):
            await keys.key("new")  # the pause since the last request is not over
        now[0] = 11
        assert (await keys.key("new")).algorithm_name == "ES256"
        with pytest.raises(NotAuthenticated):
            await keys.key("old")
        stub.status, now[0] = "500 No", 400
        assert (await keys.key("new")).key_id == "new", "known keys serve while the issuer is away"
        asked = stub.asked
        assert (await keys.key("new")).key_id == "new"
        assert stub.asked == asked, "and it is not asked at each request"
        now[0] = 11 + 86_401
        with pytest.raises(StoreUnavailable):
            await keys.key("new")


@pytest.mark.parametrize(
    ("body", "status"),
    [
        (b"[]", "200 OK"),
        (b'{"keys": []}', "200 OK"),
        (b"{", "200 OK"),
        (b'{"keys": 1}', "200 OK"),
        (b" " * 70_000, "200 OK"),
        (b"", "302 Found"),
        (b"", "404 Not Found"),
    ],
)
async def test_a_key_set_that_is_none_is_no_key_set(body, status):
    async with provider() as stub:
        stub.body, stub.status = body, status
        with pytest.raises(StoreUnavailable):
            await KeySet(stub.url).key("k")


async def test_a_provider_that_hangs_is_not_waited_for(rsa_key):
    async with provider(public(rsa_key, "r1")) as stub:
        stub.hangs = True
        keys = KeySet(stub.url, timeout_s=0.2)
        started = time.monotonic()
        failures = await asyncio.gather(*(keys.key("r1") for _ in range(10)), return_exceptions=True)
        assert {type(f) for f in failures} == {StoreUnavailable}
        assert time.monotonic() - started < 2
        assert stub.asked == 1


def test_only_keys_that_may_be_used_are_taken(rsa_key, ec_key):
    small = rsa.generate_private_key(public_exponent=65537, key_size=1024)  # noqa: S505  # that is the point
    secret = {"kty": "oct", "k": "c2VjcmV0", "kid": "s", "alg": "HS256"}
    listed = [
        public(rsa_key, "r1"),
        public(small, "small"),
        public(ec_key, "enc", use="enc"),
        public(ec.generate_private_key(ec.SECP384R1()), "p384"),
        {k: v for k, v in public(ec_key, "x").items() if k != "kid"},
        secret,
        "nonsense",
        {"kty": "RSA", "kid": "broken", "n": "!", "e": "AQAB"},
    ]
    assert set(usable_keys({"keys": listed})) == {"r1"}
    with pytest.raises(ValueError, match="no key"):
        usable_keys({"keys": [secret]})


@pytest.mark.parametrize(
    ("given", "field"),
    [
        ({"secret": OUTSIDE}, "HOLDFAST_OUTSIDE_ISSUER"),
        ({"secret": OUTSIDE, "issuer": "holdfast"}, "HOLDFAST_OUTSIDE_ISSUER"),
        ({"issuer": ISSUER}, "HOLDFAST_OUTSIDE_ISSUER"),
        ({"secret": "", "issuer": ISSUER}, "HOLDFAST_OUTSIDE_SECRET"),
        ({"secret": "short", "issuer": ISSUER}, "HOLDFAST_OUTSIDE_SECRET"),
        ({"secret": SECRET, "issuer": ISSUER}, "HOLDFAST_OUTSIDE_SECRET"),
        ({"secret": OUTSIDE, "issuer": ISSUER, "audience": ""}, "HOLDFAST_OUTSIDE_AUDIENCE"),
        ({"jwks_url": "http://example.com/k", "issuer": ISSUER}, "HOLDFAST_OUTSIDE_JWKS_URL"),
        ({"jwks_url": "file:///etc/passwd", "issuer": ISSUER}, "HOLDFAST_OUTSIDE_JWKS_URL"),
    ],
)
def test_settings_that_would_open_a_door_stop_the_start(given, field):
    full = {
        "issuer": None,
        "audience": "authenticated",
        "secret": None,
        "jwks_url": None,
        "own_secret": SECRET,
    }
    with pytest.raises(Misconfigured) as caught:
        outside_issuer(**full | given)
    assert caught.value.field == field


def test_no_setting_turns_verification_off():
    names = {field.alias for field in Settings.model_fields.values() if "OUTSIDE" in (field.alias or "")}
    assert names == {
        "HOLDFAST_OUTSIDE_ISSUER",
        "HOLDFAST_OUTSIDE_AUDIENCE",
        "HOLDFAST_OUTSIDE_SECRET",
        "HOLDFAST_OUTSIDE_JWKS_URL",
    }, "a new one must be looked at here: none may accept what is not verified"
    nothing = Settings(_env_file=None, HOLDFAST_SECRET=SECRET)
    assert identities_of(nothing, database=None).issuer is None, (
        "without settings no token from outside counts"
    )
