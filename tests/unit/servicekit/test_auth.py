"""Which tokens are accepted, and what happens when keys change or the issuer is away."""

import asyncio
import base64
import hashlib
import hmac
import json
import time
from uuid import UUID

import httpx
import pytest
from joserfc import jwt
from joserfc.jwk import ECKey
from prometheus_client import REGISTRY

from servicekit.auth import Assignment, Authenticator, Principal, Scope
from servicekit.problems import ProblemError
from servicekit.settings import Auth
from support.scopes import only, trees
from support.tokens import ISSUER, FakeIssuer, held


class Clock:
    now = 1_000.0

    def __call__(self) -> float:
        return self.now


@pytest.fixture
def issuer() -> FakeIssuer:
    return FakeIssuer()


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def authenticator(issuer: FakeIssuer, clock: Clock) -> Authenticator:
    return Authenticator(Auth(issuer=ISSUER), issuer.client, clock)


async def refused(authenticator: Authenticator, token: str, saying: str = "") -> int:
    with pytest.raises(ProblemError) as caught:
        await authenticator.authenticate(token)
    assert not token or token not in caught.value.detail
    assert saying in caught.value.detail
    return caught.value.status


async def test_a_good_token_names_the_caller(issuer, authenticator):
    token = issuer.token(assignments=held(["administrator"], ["north"]))
    caller = await authenticator.authenticate(token)
    held_there = frozenset({Assignment("administrator", "north", below=True)})
    assert caller == Principal("administrator-1", ISSUER, held_there)
    assert caller.scope == trees("north")


async def test_a_role_for_one_unit_does_not_reach_the_unit_of_another_role(issuer, authenticator):
    claim = [*held(["manager"], ["north"]), *held(["employee"], ["south"]), *held(["subscriber"])]
    caller = await authenticator.authenticate(issuer.token(assignments=claim))
    assert caller.scope == Scope(frozenset({"north"}), frozenset({"south"}))
    assert caller.limited_to("manager").scope == trees("north")
    assert caller.limited_to("manager", "auditor").scope == trees("north")
    assert caller.limited_to("subscriber").scope == trees()
    assert not caller.limited_to("auditor").has("manager")


@pytest.mark.parametrize("role", ["administrator", "auditor", "service", "manager"])
async def test_only_a_star_reaches_every_unit_with_any_role(issuer, authenticator, role):
    everywhere = await authenticator.authenticate(issuer.token(assignments=held([role], ["*"])))
    nowhere = await authenticator.authenticate(issuer.token(assignments=held([role])))
    assert (everywhere.scope, nowhere.scope) == (None, trees())


async def test_a_role_for_a_round_counts_nowhere_else(issuer, authenticator):
    one, other = UUID(int=1), UUID(int=2)
    for_one = {"role": "respondent", "unit": "north", "round": str(one)}
    claim = [for_one, *held(["manager"], ["south"])]
    caller = await authenticator.authenticate(issuer.token(assignments=claim))
    assert caller.units == caller.at_round(other).units == {"south"}
    assert caller.scope == caller.at_round(other).scope == trees("south")
    assert caller.at_round(one).units == {"north", "south"}
    assert caller.at_round(one).scope == Scope(
        trees=frozenset({"south"}), units=frozenset({"north"})
    )
    everywhere = issuer.token(assignments=[{**for_one, "unit": "*", "below": True}])
    assert (await authenticator.authenticate(everywhere)).scope == only()


async def test_an_audience_among_several_is_accepted(issuer, authenticator):
    await authenticator.authenticate(issuer.token(aud=["other", "um-platform"]))


def unsigned(token: str) -> str:
    header, payload, _ = token.split(".")
    forged = {**json.loads(base64.urlsafe_b64decode(header + "==")), "alg": "none"}
    return f"{_b64(json.dumps(forged).encode())}.{payload}."


def changed(token: str) -> str:
    header, payload, signature = token.split(".")
    claims = json.loads(base64.urlsafe_b64decode(payload + "=="))
    claims["assignments"] = held(["administrator", "service"], ["*"])
    return f"{header}.{_b64(json.dumps(claims).encode())}.{signature}"


def signed_with_public_key(issuer: FakeIssuer) -> str:
    header, payload, _ = issuer.token().split(".")
    forged = {**json.loads(base64.urlsafe_b64decode(header + "==")), "alg": "HS256"}
    content = f"{_b64(json.dumps(forged).encode())}.{payload}"
    public = issuer.keys[0].as_pem(private=False)
    return f"{content}.{_b64(hmac.new(public, content.encode(), hashlib.sha256).digest())}"


def _b64(value: bytes) -> str:
    return base64.urlsafe_b64encode(value).decode().rstrip("=")


STRANGER = ECKey.generate_key("P-256", auto_kid=True)
FORGED = {
    "no signature": lambda i: unsigned(i.token()),
    "changed claims": lambda i: changed(i.token()),
    "other audience": lambda i: i.token(aud="elsewhere"),
    "no audience": lambda i: i.token(aud=None),
    "other issuer": lambda i: i.token(iss="https://evil.invalid"),
    "no issuer": lambda i: i.token(iss=None),
    "no subject": lambda i: i.token(sub=None),
    "expired": lambda i: i.token(exp=int(time.time()) - 60),
    "no expiry": lambda i: i.token(exp=None),
    "not yet valid": lambda i: i.token(nbf=int(time.time()) + 600),
    "an ID token": lambda i: i.token(header={"typ": "JWT"}),
    "no type": lambda i: i.token(header={"typ": None}),
    "unknown key id": lambda i: i.token(header={"kid": STRANGER.kid}, key=STRANGER),
    "stranger's key under a known id": lambda i: i.token(key=STRANGER),
    "HMAC with the public key": lambda i: signed_with_public_key(i),
    "assignments are no list": lambda i: i.token(assignments={"role": "administrator"}),
    "assignments hold texts": lambda i: i.token(assignments=["administrator"]),
    "an assignment without a role": lambda i: i.token(assignments=[{"unit": "*"}]),
    "a role that is a number": lambda i: i.token(assignments=[{"role": 1, "unit": "*"}]),
    "several units in one assignment": lambda i: i.token(
        assignments=[{"role": "administrator", "unit": ["north", "south"]}]
    ),
    "a round that is no text": lambda i: i.token(
        assignments=[{"role": "respondent", "unit": "*", "round": 1}]
    ),
    "a round of null": lambda i: i.token(
        assignments=[{"role": "respondent", "unit": "*", "round": None}]
    ),
    "a round without a unit": lambda i: i.token(
        assignments=[{"role": "respondent", "round": str(UUID(int=1))}]
    ),
    "a unit of null": lambda i: i.token(assignments=[{"role": "administrator", "unit": None}]),
    "empty": lambda i: "",
    "no JWT": lambda i: "a.b",
    "not ASCII": lambda i: "å.ä.ö",
    "huge": lambda i: "x" * 100_000,
}


SAID = {
    "no signature": "not a token that the issuer has signed",
    "changed claims": "not a token that the issuer has signed",
    "other audience": "not for the audience um-platform",
    "no audience": "not for the audience um-platform",
    "other issuer": f"not from the issuer {ISSUER}",
    "no subject": "claim sub is missing",
    "expired": "has expired",
    "not yet valid": "claim nbf is missing or not valid now",
    "an ID token": "typ at+jwt",
    "no JWT": "not a token that the issuer has signed",
}


@pytest.mark.parametrize("how", FORGED)
async def test_a_forged_token_is_refused(how, issuer, authenticator):
    assert await refused(authenticator, FORGED[how](issuer), SAID.get(how, "")) == 401


REASONS = {
    "no signature": "signature",
    "no JWT": "signature",
    "other audience": "claim",
    "assignments are no list": "claim",
    "expired": "expired",
    "an ID token": "kind",
}


@pytest.mark.parametrize("how", REASONS)
async def test_a_refusal_is_counted_by_its_reason(how, issuer, authenticator):
    def counted() -> float:
        labels = {"reason": REASONS[how]}
        return REGISTRY.get_sample_value("token_refusals_total", labels) or 0

    before = counted()
    await refused(authenticator, FORGED[how](issuer))
    assert counted() == before + 1


async def test_a_new_key_is_fetched_when_it_is_first_seen(issuer, authenticator, clock):
    await authenticator.authenticate(issuer.token())
    clock.now += 60
    issuer.rotate()
    await authenticator.authenticate(issuer.token())
    assert issuer.fetches == 2


async def test_a_withdrawn_key_is_refused_once_the_keys_have_aged(issuer, authenticator, clock):
    old = issuer.token()
    await authenticator.authenticate(old)
    issuer.rotate(keep_old=False)
    clock.now += 301
    assert await refused(authenticator, old) == 401


async def test_bad_tokens_do_not_make_us_flood_the_issuer(issuer, authenticator, clock):
    for _ in range(50):
        token = issuer.token(header={"kid": STRANGER.kid}, key=STRANGER)
        assert await refused(authenticator, token) == 401
    assert issuer.fetches == 1


async def test_keys_are_trusted_for_an_hour_while_the_issuer_is_down(issuer, authenticator, clock):
    await authenticator.authenticate(issuer.token())
    issuer.down = True
    clock.now += 3_500
    await authenticator.authenticate(issuer.token())
    clock.now += 200
    assert await refused(authenticator, issuer.token()) == 503


@pytest.mark.parametrize("how", ["down", "nonsense"])
async def test_without_any_key_the_answer_is_503_until_the_issuer_is_back(
    how, issuer, authenticator, clock
):
    setattr(issuer, how, True)
    assert await refused(authenticator, issuer.token()) == 503
    setattr(issuer, how, False)
    clock.now += 1.5
    await authenticator.authenticate(issuer.token())


async def test_the_old_keys_serve_while_a_slow_issuer_is_asked(issuer: FakeIssuer, clock: Clock):
    asked, answer = asyncio.Event(), asyncio.Event()

    async def slow(request: httpx.Request) -> httpx.Response:
        if issuer.fetches:
            asked.set()
            await answer.wait()
        return await issuer.answer(request)

    client = httpx.AsyncClient(transport=httpx.MockTransport(slow))
    authenticator = Authenticator(Auth(issuer=ISSUER), client, clock)
    await authenticator.authenticate(issuer.token())
    clock.now += 301
    first = asyncio.create_task(authenticator.authenticate(issuer.token()))
    await asked.wait()
    await asyncio.wait_for(authenticator.authenticate(issuer.token()), 1)
    answer.set()
    await first


def publishing(
    issuer: FakeIssuer, *odd: object, jwks_uri: str = f"{ISSUER}/jwks"
) -> httpx.AsyncClient:
    """An issuer's client: `odd` keys ahead of its own, which it leaves out while it is nonsense."""

    async def answer(request: httpx.Request) -> httpx.Response:
        if request.url.path != "/jwks":
            return httpx.Response(200, json={"issuer": ISSUER, "jwks_uri": jwks_uri})
        own = [] if issuer.nonsense else issuer.published()
        return httpx.Response(200, json={"keys": [*odd, *own]})

    return httpx.AsyncClient(transport=httpx.MockTransport(answer))


PUBLIC = STRANGER.as_dict(private=False)
ODD = {
    "unknown curve": {**PUBLIC, "crv": "P-999"},
    "unknown use": {**PUBLIC, "use": "jwt-svid"},
    "unknown use with operations": {**PUBLIC, "use": "jwt-svid", "key_ops": ["verify"]},
    "unknown operations": {**PUBLIC, "key_ops": ["attest"]},
    "use and operations at odds": {**PUBLIC, "use": "enc", "key_ops": ["verify"]},
    "no type": {name: value for name, value in PUBLIC.items() if name != "kty"},
    "unknown type": {**PUBLIC, "kty": "AKP"},
    "not on the curve": {**PUBLIC, "x": PUBLIC["y"]},
    "not base64": {**PUBLIC, "x": "å"},
    "for encryption": {**PUBLIC, "use": "enc"},
    "no object": None,
}


@pytest.mark.parametrize("odd", ODD.values(), ids=ODD)
async def test_a_key_that_cannot_be_understood_does_not_affect_the_others(odd, issuer, clock):
    authenticator = Authenticator(Auth(issuer=ISSUER), publishing(issuer, odd), clock)
    await authenticator.authenticate(issuer.token())
    assert await refused(authenticator, issuer.token(key=STRANGER)) == 401


@pytest.mark.parametrize("odd", ["unknown curve", "for encryption"])
async def test_a_set_without_any_key_is_a_failed_fetch_and_logged(odd, issuer, clock, caplog):
    authenticator = Authenticator(Auth(issuer=ISSUER), publishing(issuer, ODD[odd]), clock)
    token = issuer.token()
    await authenticator.authenticate(token)
    issuer.nonsense = True
    clock.now += 301
    await authenticator.authenticate(token)
    assert "cannot fetch the issuer's keys: ValueError" in caplog.messages
    clock.now += 3_400
    assert await refused(authenticator, token) == 503
    assert {record.levelname for record in caplog.records} == {"WARNING"}
    assert token not in caplog.text


@pytest.mark.parametrize("issuer_said", ["https://other.invalid", f"{ISSUER.upper()}", None])
async def test_metadata_of_another_issuer_give_no_keys(issuer_said, issuer, authenticator):
    issuer.metadata["issuer"] = issuer_said
    assert await refused(authenticator, issuer.token()) == 503


async def test_an_invalid_address_is_a_failed_fetch(issuer, clock, caplog):
    client = publishing(issuer, jwks_uri="https://issuer.invalid:port/jwks")
    assert await refused(Authenticator(Auth(issuer=ISSUER), client, clock), issuer.token()) == 503
    assert "cannot fetch the issuer's keys: InvalidURL" in caplog.messages


async def test_an_issuer_that_is_down_is_logged(issuer, authenticator, caplog):
    issuer.down = True
    assert await refused(authenticator, issuer.token()) == 503
    assert "cannot fetch the issuer's keys: ConnectError" in caplog.messages


async def test_the_newest_tokens_are_remembered(issuer, authenticator, monkeypatch):
    verified = []
    decode = jwt.decode

    def counted(token, *args, **options):
        verified.append(token)
        return decode(token, *args, **options)

    monkeypatch.setattr("servicekit.issuer_keys.jwt.decode", counted)
    monkeypatch.setattr("servicekit.issuer_keys._REMEMBERED", 2)
    tokens = [issuer.token(sub=f"person-{number}") for number in range(3)]
    for token in [*tokens, tokens[2], tokens[1]]:
        await authenticator.authenticate(token)
    assert verified == tokens
    await authenticator.authenticate(tokens[0])
    assert verified == [*tokens, tokens[0]]


async def test_a_signature_is_verified_once_and_the_claims_each_time(
    issuer, authenticator, clock, monkeypatch
):
    verified = []
    decode = jwt.decode

    def counted(token, *args, **options):
        verified.append(token)
        return decode(token, *args, **options)

    monkeypatch.setattr("servicekit.issuer_keys.jwt.decode", counted)
    token = issuer.token(exp=int(time.time()) + 1_000)
    first = await authenticator.authenticate(token)
    assert await authenticator.authenticate(token) == first
    assert verified == [token]
    with monkeypatch.context() as later:
        now = time.time()
        later.setattr(time, "time", lambda: now + 1_011)
        assert await refused(authenticator, token, "expired") == 401
    assert verified == [token]
    clock.now += 301
    assert await authenticator.authenticate(token) == first
    assert verified == [token, token]
