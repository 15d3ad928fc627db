"""Signing in, staying signed in, signing out; and attacks on each."""

import asyncio
from dataclasses import replace
from datetime import timedelta

import pytest

from portal_service.application.ports import ServiceAway, SignedOut, SignInFailed
from portal_service.application.signing_in import SigningIn
from portal_service.domain.session import Session
from unit.portal.fakes import FakeExchange, FakeProvider, FakeSessions

A_WHILE = timedelta(minutes=20)


class Portal:
    """The use cases with their fakes."""

    def __init__(self) -> None:
        self.sessions = FakeSessions()
        self.provider = FakeProvider(self.sessions)
        self.exchange = FakeExchange(self.sessions)
        self.signing_in = SigningIn(self.provider, self.exchange, self.sessions)

    async def begun(self, return_to: str = "/start") -> tuple[str, str]:
        """(key, state) of a sign-in that has begun."""
        address, key = await self.signing_in.begin(return_to)
        return key, address.partition("state=")[2]

    async def signed_in(self) -> str:
        key, state = await self.begun()
        return (await self.signing_in.complete(key, state, "code", None))[1]


@pytest.fixture
def portal() -> Portal:
    return Portal()


async def test_signing_in_leads_to_where_one_wanted_to_go(portal: Portal) -> None:
    key, state = await portal.begun("/rounds/1?language=en")
    path, new_key = await portal.signing_in.complete(key, state, "code-1", None)
    assert path == "/rounds/1?language=en"
    session = await portal.signing_in.session(new_key)
    assert (session.name, session.platform.token) == ("Sample Person", "platform-1")
    [(sign_in, code)] = portal.provider.redeemed
    assert (sign_in.state, code) == (state, "code-1")
    assert len({sign_in.state, sign_in.nonce, sign_in.verifier}) == 3


async def test_signing_in_never_leads_elsewhere(portal: Portal) -> None:
    key, state = await portal.begun("//evil.example")
    assert (await portal.signing_in.complete(key, state, "code", None))[0] == "/start"


async def test_a_key_from_before_signing_in_is_never_the_key_after(portal: Portal) -> None:
    key, state = await portal.begun()
    with pytest.raises(SignedOut):
        await portal.signing_in.session(key)
    _, new_key = await portal.signing_in.complete(key, state, "code", None)
    assert new_key != key
    with pytest.raises(SignedOut):
        await portal.signing_in.session(key)


@pytest.mark.parametrize("state", ["", "x", "å" * 43])
async def test_an_answer_with_another_state_is_refused(portal: Portal, state: str) -> None:
    key, _ = await portal.begun()
    with pytest.raises(SignInFailed):
        await portal.signing_in.complete(key, state, "code", None)
    assert portal.provider.redeemed == []


async def test_an_answer_to_somebody_elses_sign_in_is_refused(portal: Portal) -> None:
    """Login CSRF: the attacker's own code and state, in the browser of another."""
    (_, attackers_state), (victims_key, _) = await portal.begun(), await portal.begun()
    with pytest.raises(SignInFailed):
        await portal.signing_in.complete(victims_key, attackers_state, "code", None)
    with pytest.raises(SignInFailed):
        await portal.signing_in.complete("", attackers_state, "code", None)


async def test_an_answer_is_taken_once(portal: Portal) -> None:
    key, state = await portal.begun()
    await portal.signing_in.complete(key, state, "code", None)
    with pytest.raises(SignInFailed):
        await portal.signing_in.complete(key, state, "code", None)
    assert len(portal.provider.redeemed) == 1


async def test_whom_the_platform_does_not_know_is_not_signed_in(portal: Portal) -> None:
    portal.exchange.refused = True
    key, state = await portal.begun()
    with pytest.raises(SignInFailed):
        await portal.signing_in.complete(key, state, "code", None)


async def test_a_fresh_session_asks_nobody(portal: Portal) -> None:
    key = await portal.signed_in()
    portal.provider.away = portal.exchange.away = True
    assert await portal.signing_in.session(key)


async def test_requests_at_once_refresh_once(portal: Portal) -> None:
    key = await portal.signed_in()
    portal.sessions.ahead = A_WHILE
    found = await asyncio.gather(*(portal.signing_in.session(key) for _ in range(5)))
    assert portal.provider.refreshes == ["refresh-1"]
    assert {session.platform.token for session in found} == {"platform-2"}


async def test_a_providers_token_that_holds_is_not_refreshed(portal: Portal) -> None:
    key = await portal.signed_in()
    portal.sessions.ahead = timedelta(minutes=4)
    portal.sessions._sessions[key] = _with_expired_platform_token(portal, key)
    assert (await portal.signing_in.session(key)).platform.token == "platform-2"
    assert portal.provider.refreshes == []


def _with_expired_platform_token(portal: Portal, key: str) -> Session:
    session = portal.sessions._sessions[key]
    return replace(session, platform=replace(session.platform, expires_at=session.began_at))


async def test_a_refused_refresh_ends_the_session(portal: Portal) -> None:
    key = await portal.signed_in()
    portal.sessions.ahead = A_WHILE
    portal.provider.refused = True
    with pytest.raises(SignedOut):
        await portal.signing_in.session(key)
    portal.provider.refused = False
    with pytest.raises(SignedOut):
        await portal.signing_in.session(key)


async def test_without_a_refresh_token_the_session_ends_with_the_providers(portal: Portal) -> None:
    portal.provider.with_refresh = False
    key = await portal.signed_in()
    portal.sessions.ahead = A_WHILE
    with pytest.raises(SignedOut):
        await portal.signing_in.session(key)


async def test_who_lost_every_role_is_signed_out(portal: Portal) -> None:
    key = await portal.signed_in()
    portal.sessions.ahead = A_WHILE
    portal.exchange.refused = True
    with pytest.raises(SignedOut):
        await portal.signing_in.session(key)


async def test_a_provider_that_is_away_ends_no_session(portal: Portal) -> None:
    key = await portal.signed_in()
    portal.sessions.ahead = A_WHILE
    portal.provider.away = True
    with pytest.raises(ServiceAway):
        await portal.signing_in.session(key)
    portal.provider.away = False
    assert await portal.signing_in.session(key)


async def test_a_refresh_token_is_not_lost_while_the_exchange_is_away(portal: Portal) -> None:
    """Used a second time, it would end the session at the provider."""
    key = await portal.signed_in()
    portal.sessions.ahead = A_WHILE
    portal.exchange.away = True
    with pytest.raises(ServiceAway):
        await portal.signing_in.session(key)
    portal.exchange.away = False
    assert await portal.signing_in.session(key)
    assert portal.provider.refreshes == ["refresh-1"]


async def test_signing_out_ends_the_session_here_and_at_the_provider(portal: Portal) -> None:
    key = await portal.signed_in()
    assert await portal.signing_in.end(key) == "https://idp.example.se/logout"
    with pytest.raises(SignedOut):
        await portal.signing_in.session(key)
    assert await portal.signing_in.end(key) is None


async def test_signing_out_works_while_the_provider_is_away(portal: Portal) -> None:
    key = await portal.signed_in()
    portal.provider.away = True
    with pytest.raises(ServiceAway):
        await portal.signing_in.end(key)
    with pytest.raises(SignedOut):
        await portal.signing_in.session(key)


async def test_the_provider_ends_a_session(portal: Portal) -> None:
    key = await portal.signed_in()
    with pytest.raises(SignInFailed):
        await portal.signing_in.ended_elsewhere("forged")
    assert await portal.signing_in.session(key)
    await portal.signing_in.ended_elsewhere("good")
    with pytest.raises(SignedOut):
        await portal.signing_in.session(key)


async def test_the_language_is_kept_with_the_session(portal: Portal) -> None:
    key = await portal.signed_in()
    assert await portal.signing_in.choose_language(key, "en")
    assert (await portal.signing_in.session(key)).language == "en"
    assert not await portal.signing_in.choose_language("no session", "en")


async def by_code(portal: Portal) -> str:
    platform = await portal.signing_in.redeem("abcdefgh", "192.0.2.1")
    return await portal.signing_in.open(platform, "abcdefgh")


async def test_a_one_time_codes_session_has_no_name(portal: Portal) -> None:
    key = await by_code(portal)
    session = await portal.signing_in.session(key)
    assert (session.name, session.provider) == ("", None)
    assert await portal.signing_in.end(key) is None
    with pytest.raises(SignInFailed):
        await portal.signing_in.redeem("wrong", "192.0.2.1")


async def test_a_one_time_code_is_used_again_as_long_as_somebody_is_there(portal: Portal) -> None:
    key = await by_code(portal)
    for _ in range(12):
        portal.sessions.ahead += timedelta(minutes=10)
        session = await portal.signing_in.session(key, address="192.0.2.7")
        assert session.platform.fresh(await portal.sessions.now())
    assert portal.exchange.addresses == ["192.0.2.1", *["192.0.2.7"] * 12]
    portal.sessions.ahead += timedelta(hours=1)
    with pytest.raises(SignedOut):
        await portal.signing_in.session(key)


async def test_a_one_time_codes_session_ends_with_its_round(portal: Portal) -> None:
    key = await by_code(portal)
    portal.exchange.closed, portal.sessions.ahead = True, timedelta(minutes=10)
    for _ in range(3):
        with pytest.raises(SignedOut):
            await portal.signing_in.session(key)
    assert len(portal.exchange.addresses) == 2, "a code that is not valid is tried once"
