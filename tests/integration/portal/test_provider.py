"""The portal at an identity provider: the development issuer over HTTP, honest and otherwise."""

import socket
from collections.abc import AsyncIterator, Callable
from contextlib import AsyncExitStack
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Annotated, Any

import httpx
import pytest
from fastapi import FastAPI, Form, Response
from joserfc import jwt
from joserfc.jwk import ECKey, KeySet

from devstack.issuer import Issuer, Registration, create_app
from devstack.issuer.sessions import Session
from devstack.issuer.signing import LOGOUT_EVENT
from devstack.personas import Directory
from portal_service.adapters.provider import OpenIdProvider
from portal_service.application.ports import ServiceAway, SignInFailed, Who
from portal_service.domain.session import EndedElsewhere, SignIn
from servicekit.issuer_keys import unverified_claims as claims
from support.eventually import eventually
from support.listening import listening
from support.ports import free_port

SIGN_IN = SignIn("the-state", "the-nonce", "v" * 50, "/start")
SCOPE = "openid profile offline_access"
Lie = Callable[..., None]


class World:
    """An issuer, the portal that is registered there, and what that has heard from it."""

    def __init__(self, issuer: Issuer, provider: OpenIdProvider, portal: str) -> None:
        self.issuer, self.provider, self.portal = issuer, provider, portal
        self.ended: list[EndedElsewhere] = []

    async def answer(
        self, sign_in: SignIn = SIGN_IN, persona: str = "manager", **form: str
    ) -> dict[str, str]:
        """What the browser brings back from the sign-in page."""
        asked = httpx.URL(await self.provider.address(sign_in))
        async with httpx.AsyncClient() as browser:
            page = await browser.get(asked)
            assert page.status_code == 200, page.text
            chosen = {**dict(asked.params), "persona": persona, **form}
            sent = await browser.post(asked.copy_with(query=None), data=chosen)
        back = httpx.URL(sent.headers["location"])
        assert str(back.copy_with(query=None)) == f"{self.portal}/sign-in/answer"
        return dict(back.params)

    async def sign_in(self, persona: str = "manager") -> Who:
        answer = await self.answer(persona=persona)
        return await self.provider.redeem(SIGN_IN, answer["code"], answer["iss"])

    async def refused(self) -> str:
        """The reason why a sign-in fails."""
        with pytest.raises(SignInFailed) as failed:
            await self.sign_in()
        return str(failed.value)


@pytest.fixture(scope="module")
async def running() -> AsyncIterator[World]:
    async with AsyncExitStack() as stack:
        listeners = [stack.enter_context(socket.create_server(("127.0.0.1", 0))) for _ in range(2)]
        url, portal = (f"http://127.0.0.1:{one.getsockname()[1]}" for one in listeners)
        issuer = Issuer(
            url,
            ECKey.generate_key("P-256", auto_kid=True),
            Directory(None),
            {},
            Registration(f"{portal}/sign-in/answer", f"{portal}/sign-out/provider"),
        )
        provider = OpenIdProvider(url, "portal", None, SCOPE, portal)
        stack.push_async_callback(provider.close)
        world = World(issuer, provider, portal)
        hearing = FastAPI()

        @hearing.post("/sign-out/provider")
        async def hear(logout_token: Annotated[str, Form()]) -> Response:
            world.ended.append(await provider.ended(logout_token))
            return Response()

        for api, listener in zip((create_app(issuer), hearing), listeners, strict=True):
            await stack.enter_async_context(listening(api, listener))
        yield world


@pytest.fixture
def world(running: World) -> World:
    """Nobody is signed in."""
    for session in running.issuer.sessions.live():
        running.issuer.sessions.end(session.sid)
    running.ended.clear()
    return running


@pytest.fixture
def lie(world: World, monkeypatch: pytest.MonkeyPatch) -> Lie:
    """From now on the issuer's ID tokens say something else; None leaves a claim out."""
    honest = world.issuer.signed_in

    def begin(key: ECKey | None = None, alg: str = "ES256", **changed: Any) -> None:
        def signed_in(session: Session, nonce: str = "") -> dict[str, Any]:
            answer = honest(session, nonce)
            said = claims(answer["id_token"]) | changed
            header = {"alg": alg, "kid": world.issuer.key.kid, "typ": "JWT"}
            kept = {name: value for name, value in said.items() if value is not None}
            answer["id_token"] = jwt.encode(header, kept, key or world.issuer.key)
            return answer

        monkeypatch.setattr(world.issuer, "signed_in", signed_in)

    return begin


async def test_somebody_signs_in(world: World) -> None:
    who = await world.sign_in()
    (session,) = world.issuer.sessions.live()
    assert (who.name, who.provider_session) == ("Sample manager", session.sid)
    lifetime = who.tokens.expires_at - datetime.now(UTC)
    assert timedelta(minutes=4) < lifetime <= timedelta(minutes=5)
    keys = KeySet([world.issuer.key])
    verified = jwt.decode(who.tokens.access_token, keys, algorithms=["ES256"])
    assert (verified.header["typ"], verified.claims["aud"]) == ("at+jwt", "um-platform")
    assert claims(who.tokens.id_token)["sub"] == "manager"


async def test_a_person_who_is_in_no_file_signs_in_by_id(world: World) -> None:
    assert (await world.sign_in("person:new-1")).name == "new-1"


async def test_who_cancels_returns_with_an_error_that_names_the_issuer(world: World) -> None:
    answer = await world.answer(cancel="1")
    expected = {"error": "access_denied", "state": "the-state", "iss": world.issuer.url}
    assert answer == expected


async def test_another_issuers_answer_is_refused_before_the_code_is_sent(world: World) -> None:
    """Mix-up (RFC 9207): a code must not be given to whoever did not issue it."""
    code = (await world.answer())["code"]
    for named in (None, "", "http://elsewhere.invalid", f"{world.issuer.url}/"):
        with pytest.raises(SignInFailed, match="not from the provider that was asked"):
            await world.provider.redeem(SIGN_IN, code, named)
    assert (await world.provider.redeem(SIGN_IN, code, world.issuer.url)).name == "Sample manager"


async def test_a_code_is_good_once(world: World) -> None:
    answer = await world.answer()
    await world.provider.redeem(SIGN_IN, answer["code"], answer["iss"])
    with pytest.raises(SignInFailed, match="gave no token"):
        await world.provider.redeem(SIGN_IN, answer["code"], answer["iss"])


async def test_a_stolen_code_lacks_its_verifier(world: World) -> None:
    answer = await world.answer()
    thief = replace(SIGN_IN, verifier="w" * 50)
    with pytest.raises(SignInFailed, match="gave no token"):
        await world.provider.redeem(thief, answer["code"], answer["iss"])


async def test_a_code_of_another_sign_in_is_refused_by_its_nonce(world: World) -> None:
    answer = await world.answer(replace(SIGN_IN, nonce="somebody else's"))
    with pytest.raises(SignInFailed, match="not to this sign-in"):
        await world.provider.redeem(SIGN_IN, answer["code"], answer["iss"])


@pytest.mark.parametrize(
    "changed",
    [
        {"nonce": "wrong"},
        {"nonce": None},
        {"aud": "other"},
        {"aud": ["other"]},
        {"aud": None},
        {"iss": "http://elsewhere.invalid"},
        {"iss": None},
        {"aud": ["portal", "other"]},
        {"azp": "other"},
        {"sub": None},
        {"events": {LOGOUT_EVENT: {}}},
        {"exp": None},
        {"exp": 1},
        {"exp": "never"},
        {"iat": 4_000_000_000},
        {"iat": None},
    ],
    ids=str,
)
async def test_a_wrong_id_token_signs_nobody_in(
    world: World, lie: Lie, changed: dict[str, Any]
) -> None:
    lie(**changed)
    assert await world.refused()


async def test_a_strangers_signature_signs_nobody_in(world: World, lie: Lie) -> None:
    lie(key=ECKey.generate_key("P-256"))
    assert "not accepted" in await world.refused()


async def test_an_answer_without_an_id_token_signs_nobody_in(world: World) -> None:
    url = world.issuer.url
    provider = OpenIdProvider(url, "portal", None, "offline_access", world.portal)
    try:
        answer = await World(world.issuer, provider, world.portal).answer()
        with pytest.raises(SignInFailed, match="not to this sign-in"):
            await provider.redeem(SIGN_IN, answer["code"], answer["iss"])
    finally:
        await provider.close()


async def test_metadata_of_another_issuer_are_refused(world: World) -> None:
    other = world.issuer.url.replace("127.0.0.1", "localhost")
    provider = OpenIdProvider(other, "portal", None, SCOPE, world.portal)
    try:
        with pytest.raises(ServiceAway):
            await provider.address(SIGN_IN)
    finally:
        await provider.close()


async def test_a_provider_that_is_away_signs_nobody_in() -> None:
    away = f"http://127.0.0.1:{free_port()}"
    provider = OpenIdProvider(away, "portal", None, SCOPE, "http://127.0.0.1:1")
    try:
        with pytest.raises(ServiceAway):
            await provider.address(SIGN_IN)
    finally:
        await provider.close()


async def test_each_refresh_token_is_used_once(world: World) -> None:
    first = (await world.sign_in()).tokens
    second = await world.provider.refresh(first)
    third = await world.provider.refresh(second)
    assert len({one.refresh_token for one in (first, second, third)}) == 3
    assert len({one.access_token for one in (first, second, third)}) == 3
    assert claims(third.id_token)["sid"] == claims(first.id_token)["sid"]


async def test_a_stolen_refresh_token_ends_the_session(world: World) -> None:
    who = await world.sign_in()
    newest = await world.provider.refresh(who.tokens)
    for tokens in (who.tokens, newest):
        with pytest.raises(SignInFailed, match="gave no token"):
            await world.provider.refresh(tokens)

    async def heard() -> bool:
        return [one.provider_session for one in world.ended] == [who.provider_session]

    assert await eventually(heard)  # after the answer


async def test_without_a_refresh_token_there_is_nothing_to_refresh(world: World) -> None:
    tokens = replace((await world.sign_in()).tokens, refresh_token=None)
    with pytest.raises(SignInFailed, match="has expired"):
        await world.provider.refresh(tokens)


@pytest.mark.parametrize(
    "changed", [{"aud": "other"}, {"iss": "http://x"}, {"exp": 1}, {"sub": "somebody"}], ids=str
)
async def test_a_wrong_id_token_of_a_refresh_is_refused(
    world: World, lie: Lie, changed: dict[str, Any]
) -> None:
    tokens = (await world.sign_in()).tokens
    lie(**changed)
    with pytest.raises(SignInFailed):
        await world.provider.refresh(tokens)


async def test_signing_out_ends_the_session_at_the_issuer_too(world: World) -> None:
    who = await world.sign_in()
    address = await world.provider.sign_out_address(who.tokens)
    assert address is not None
    async with httpx.AsyncClient() as browser:
        answer = await browser.get(address)
    assert (answer.status_code, answer.headers["location"]) == (303, f"{world.portal}/")
    assert world.issuer.sessions.live() == []
    assert [one.provider_session for one in world.ended] == [who.provider_session]
    with pytest.raises(SignInFailed, match="gave no token"):
        await world.provider.refresh(who.tokens)


async def test_a_session_that_ends_at_the_issuer_ends_here(world: World) -> None:
    who = await world.sign_in()
    async with httpx.AsyncClient(base_url=world.issuer.url) as operator:
        page = await operator.post("/sessions", data={"persona": "manager"})
    assert "The portal has confirmed: 1." in page.text
    assert [one.provider_session for one in world.ended] == [who.provider_session]


@pytest.mark.parametrize(
    "changed",
    [
        {"aud": "other"},
        {"iss": "http://elsewhere.invalid"},
        {"events": {}},
        {"events": None},
        {"events": LOGOUT_EVENT},
        {"events": [LOGOUT_EVENT]},
        {"events": {LOGOUT_EVENT: "yes"}},
        {"jti": None},
        {"exp": None},
        {"nonce": "the-nonce"},
        {"sid": None, "sub": None},
        {"sid": ""},
        {"sub": 7},
        {"sid": 7},
        {"exp": 1},
        {"iat": None},
    ],
    ids=str,
)
async def test_a_wrong_logout_token_ends_nothing(world: World, changed: dict[str, Any]) -> None:
    good = {"aud": "portal", "sid": "s-1", "events": {LOGOUT_EVENT: {}}}
    sign = world.issuer.sign
    ended = await world.provider.ended(sign("logout+jwt", "manager", 60, good))
    assert ended == EndedElsewhere("s-1", "manager")
    wrong = claims(sign("logout+jwt", "manager", 60, good)) | changed
    kept = {name: value for name, value in wrong.items() if value is not None}
    header = {"alg": "ES256", "kid": world.issuer.key.kid, "typ": "logout+jwt"}
    with pytest.raises(SignInFailed):
        await world.provider.ended(jwt.encode(header, kept, world.issuer.key))


@pytest.mark.parametrize(
    ("left_out", "ended"),
    [("sid", EndedElsewhere(None, "manager")), ("sub", EndedElsewhere("s-1", ""))],
)
async def test_a_logout_token_names_a_session_or_a_subject(
    world: World, left_out: str, ended: EndedElsewhere
) -> None:
    good = {"aud": "portal", "sid": "s-1", "events": {LOGOUT_EVENT: {}}}
    named = dict(claims(world.issuer.sign("logout+jwt", "manager", 60, good)))
    del named[left_out]
    header = {"alg": "ES256", "kid": world.issuer.key.kid, "typ": "logout+jwt"}
    assert await world.provider.ended(jwt.encode(header, named, world.issuer.key)) == ended


async def test_other_tokens_are_no_logout_tokens(world: World) -> None:
    tokens = (await world.sign_in()).tokens
    forged = jwt.encode(
        {"alg": "ES256", "typ": "logout+jwt"},
        claims(world.issuer.logout_token(world.issuer.sessions.live()[0])),
        ECKey.generate_key("P-256"),
    )
    for token in (tokens.id_token, tokens.access_token, forged, "", "a.b.c", "\x00"):
        with pytest.raises(SignInFailed):
            await world.provider.ended(token)
    assert world.ended == []
