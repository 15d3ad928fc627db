"""Codes work once and briefly, refresh tokens rotate, and whoever uses one twice ends both."""

import base64
import hashlib

import pytest

from devstack.issuer.errors import OAuthError, UsedAgain
from devstack.issuer.sessions import CODE_LIFETIME, SESSION_LIFETIME, Session, Sessions

VERIFIER = "v" * 50
BACK = "http://127.0.0.1:1/back"
REQUEST = {
    "client_id": "portal",
    "redirect_uri": BACK,
    "scope": "openid offline_access",
    "nonce": "n",
    "code_challenge": base64.urlsafe_b64encode(hashlib.sha256(VERIFIER.encode()).digest())
    .decode()
    .rstrip("="),
}


class Clock:
    def __init__(self) -> None:
        self.now = 1_000.0

    def __call__(self) -> float:
        return self.now


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def sessions(clock: Clock) -> Sessions:
    return Sessions(clock)


def sign_in(sessions: Sessions, persona: str = "manager") -> Session:
    code = sessions.grant(persona, persona, REQUEST)
    return sessions.redeem(code, VERIFIER, "portal", BACK)[0]


def test_a_code_gives_its_session_and_nonce(sessions: Sessions) -> None:
    code = sessions.grant("person:x-1", "x-1", REQUEST)
    assert sessions.live() == []
    session, nonce = sessions.redeem(code, VERIFIER, "portal", BACK)
    assert (session.persona, session.subject, nonce) == ("person:x-1", "x-1", "n")
    assert session.scopes == {"openid", "offline_access"}
    assert sessions.live() == [session]


@pytest.mark.parametrize(
    "stolen",
    [
        ("w" * 50, "portal", BACK),
        ("", "portal", BACK),
        (VERIFIER, "other", BACK),
        (VERIFIER, "portal", f"{BACK}/"),
    ],
)
def test_a_stolen_code_is_worth_nothing(sessions: Sessions, stolen: tuple[str, str, str]) -> None:
    code = sessions.grant("manager", "manager", REQUEST)
    for sent in (stolen, (VERIFIER, "portal", BACK)):  # and cannot be guessed at
        with pytest.raises(OAuthError):
            sessions.redeem(code, *sent)
    assert sessions.live() == []


def test_a_code_is_good_for_a_minute(sessions: Sessions, clock: Clock) -> None:
    code = sessions.grant("manager", "manager", REQUEST)
    clock.now += CODE_LIFETIME + 1
    with pytest.raises(OAuthError, match="expired"):
        sessions.redeem(code, VERIFIER, "portal", BACK)


def test_a_used_code_names_the_session_to_end(sessions: Sessions) -> None:
    code = sessions.grant("manager", "manager", REQUEST)
    session, _ = sessions.redeem(code, VERIFIER, "portal", BACK)
    with pytest.raises(UsedAgain) as used:
        sessions.redeem(code, VERIFIER, "portal", BACK)
    assert used.value.sid == session.sid


def test_only_the_newest_refresh_token_is_good(sessions: Sessions) -> None:
    session = sign_in(sessions)
    first = sessions.new_refresh_token(session)
    assert sessions.refreshed(first, "portal") == session
    second = sessions.new_refresh_token(session)
    with pytest.raises(UsedAgain) as used:
        sessions.refreshed(first, "portal")
    assert used.value.sid == session.sid
    assert sessions.end(session.sid) == session
    for token in (first, second):
        with pytest.raises(OAuthError, match="its session over"):
            sessions.refreshed(token, "portal")


def test_a_refresh_that_failed_may_be_tried_again(sessions: Sessions) -> None:
    session = sign_in(sessions)
    token = sessions.new_refresh_token(session)
    assert sessions.refreshed(token, "portal") == sessions.refreshed(token, "portal") == session


@pytest.mark.parametrize("token", ["", "guessed"])
def test_a_guess_ends_nothing(sessions: Sessions, token: str) -> None:
    session = sign_in(sessions)
    good = sessions.new_refresh_token(session)
    for sent, client in ((token, "portal"), (good, "other")):
        with pytest.raises(OAuthError) as refused:
            sessions.refreshed(sent, client)
        assert not isinstance(refused.value, UsedAgain)
    assert sessions.refreshed(good, "portal") == session


def test_a_session_ends_once_and_alone(sessions: Sessions) -> None:
    one, other = sign_in(sessions), sign_in(sessions)
    kept = sessions.new_refresh_token(other)
    assert sessions.end(one.sid) == one
    assert sessions.end(one.sid) is None
    assert sessions.live() == [other]
    assert sessions.refreshed(kept, "portal") == other


def test_nobody_stays_signed_in_for_ever(sessions: Sessions, clock: Clock) -> None:
    session = sign_in(sessions)
    token = sessions.new_refresh_token(session)
    clock.now += SESSION_LIFETIME + 1
    assert sessions.live() == []
    assert sessions.find(session.sid) is None
    with pytest.raises(OAuthError):
        sessions.refreshed(token, "portal")


def test_what_is_over_is_forgotten(sessions: Sessions, clock: Clock) -> None:
    sessions.new_refresh_token(sign_in(sessions))
    sessions.grant("manager", "manager", REQUEST)
    clock.now += SESSION_LIFETIME + 1
    sessions.grant("manager", "manager", REQUEST)
    held = {name: len(kept) for name, kept in vars(sessions).items() if isinstance(kept, dict)}
    assert held == {"_live": 0, "_grants": 1, "_redeemed": 0, "_refresh": 0, "_newest": 0}
