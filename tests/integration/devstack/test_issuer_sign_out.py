"""Signing out at the issuer: the portal asks for it, or learns that it happened there."""

from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, HTTPServer
from threading import Thread
from urllib.parse import parse_qs

import pytest
from fastapi.testclient import TestClient
from joserfc import jwt

from devstack.issuer import Issuer, Registration
from devstack.issuer.signing import LOGOUT_EVENT
from integration.devstack.browser import (
    URL,
    browser,
    granted,
    issuer,
    redeem,
    refresh,
    signed_in,
)
from servicekit.issuer_keys import unverified_claims as claims
from support.ports import free_port

HOME = "http://127.0.0.1:1/"


class Portal:
    """What hears of ended sessions."""

    def __init__(self) -> None:
        self.heard: list[str] = []
        self.status = 200
        portal = self

        class Handler(BaseHTTPRequestHandler):
            def do_POST(self) -> None:
                body = self.rfile.read(int(self.headers["content-length"])).decode()
                portal.heard += parse_qs(body)["logout_token"]
                self.send_response(portal.status)
                self.end_headers()

            def log_message(self, format: str, *values: object) -> None:
                pass

        self.server = HTTPServer(("127.0.0.1", 0), Handler)
        self.url = f"http://127.0.0.1:{self.server.server_port}/sign-out/provider"


@pytest.fixture
def portal() -> Iterator[Portal]:
    portal = Portal()
    thread = Thread(target=portal.server.serve_forever, args=(0.05,))
    thread.start()
    yield portal
    portal.server.shutdown()
    portal.server.server_close()
    thread.join()


@pytest.fixture
def own(portal: Portal) -> Issuer:
    return issuer(portal=Registration(None, portal.url))


@pytest.fixture
def client(own: Issuer) -> TestClient:
    return browser(own)


def sign_out(hint: str, **changed: str) -> dict[str, str]:
    return {"id_token_hint": hint, "post_logout_redirect_uri": HOME, "state": "a b", **changed}


@pytest.mark.parametrize("by", ["GET", "POST"])
def test_the_portal_signs_somebody_out(client: TestClient, portal: Portal, by: str) -> None:
    tokens, other = signed_in(client), signed_in(client)
    asked = sign_out(tokens["id_token"], client_id="portal")
    answer = (
        client.get("/sign-out", params=asked)
        if by == "GET"
        else client.post("/sign-out", data=asked)
    )
    assert (answer.status_code, answer.headers["location"]) == (303, f"{HOME}?state=a+b")
    assert refresh(client, tokens["refresh_token"]).status_code == 400
    assert refresh(client, other["refresh_token"]).status_code == 200
    assert [claims(one)["sid"] for one in portal.heard] == [claims(tokens["id_token"])["sid"]]
    again = client.get("/sign-out", params=asked)
    assert (again.status_code, len(portal.heard)) == (303, 1)


def test_without_an_address_to_return_to_a_page_says_so(client: TestClient) -> None:
    hint = {"id_token_hint": signed_in(client)["id_token"]}
    answer = client.get("/sign-out", params=hint, headers={"accept-language": "sv"})
    assert "Du är utloggad" in answer.text


@pytest.mark.parametrize(
    "changed",
    [
        {"post_logout_redirect_uri": "https://elsewhere.invalid/"},
        {"post_logout_redirect_uri": "http://127.0.0.1@elsewhere.invalid/"},
        {"post_logout_redirect_uri": "javascript://127.0.0.1/%0aalert(1)"},
        {"client_id": "other"},
        {"id_token_hint": ""},
        {"id_token_hint": "no.token.atall"},
    ],
)
def test_a_doubtful_request_ends_nothing(client: TestClient, changed: dict[str, str]) -> None:
    tokens = signed_in(client)
    answer = client.get("/sign-out", params=sign_out(tokens["id_token"], **changed))
    assert answer.status_code == 400
    assert "location" not in answer.headers
    assert refresh(client, tokens["refresh_token"]).status_code == 200


def test_only_an_id_token_of_the_issuers_ends_a_session(client: TestClient, own: Issuer) -> None:
    tokens = signed_in(client)
    (session,) = own.sessions.live()
    about = {"aud": "portal", "sid": session.sid}
    for hint in (
        tokens["access_token"],
        own.logout_token(session),
        issuer().sign("JWT", "manager", 300, about),
        own.sign("JWT", "manager", 300, {**about, "aud": "other"}),
        own.sign("JWT", "manager", 300, {"aud": "portal"}),
    ):
        assert client.get("/sign-out", params=sign_out(hint)).status_code == 400
    assert own.sessions.live() == [session]


def test_an_expired_id_token_still_signs_out(client: TestClient, own: Issuer) -> None:
    signed_in(client)
    (session,) = own.sessions.live()
    hint = own.sign("JWT", "manager", -3600, {"aud": "portal", "sid": session.sid})
    assert client.get("/sign-out", params=sign_out(hint)).status_code == 303
    assert own.sessions.live() == []


def test_the_logout_token_is_as_the_specification_says(
    client: TestClient, own: Issuer, portal: Portal
) -> None:
    sid = claims(signed_in(client)["id_token"])["sid"]
    client.post("/sessions", data={"sid": sid})
    (heard,) = portal.heard
    token = jwt.decode(heard, own.key, algorithms=["ES256"])
    assert token.header["typ"] == "logout+jwt"
    expected = {"iss": URL, "aud": "portal", "sub": "manager", "sid": sid}
    assert expected.items() <= token.claims.items()
    assert token.claims["events"] == {LOGOUT_EVENT: {}}
    assert token.claims["exp"] - token.claims["iat"] == 120
    assert "jti" in token.claims
    assert "nonce" not in token.claims


def test_the_page_ends_all_sessions_of_somebody(client: TestClient, portal: Portal) -> None:
    theirs = [signed_in(client), signed_in(client)]
    others = signed_in(client, "employee")
    listed = client.get("/sessions").text
    assert (listed.count("Sample manager</td>"), listed.count("Sample employee</td>")) == (2, 1)
    ended = client.post("/sessions", data={"persona": "manager"}).text
    assert "Sessions ended: 2. The portal has confirmed: 2." in ended
    assert "Sample manager" not in ended
    heard = {claims(one)["sid"] for one in portal.heard}
    assert heard == {claims(one["id_token"])["sid"] for one in theirs}
    assert refresh(client, others["refresh_token"]).status_code == 200


def test_another_sites_page_ends_no_session(client: TestClient, own: Issuer) -> None:
    signed_in(client)
    for site in ("cross-site", "same-site"):
        headers = {"sec-fetch-site": site}
        answer = client.post("/sessions", data={"persona": "manager"}, headers=headers)
        assert answer.status_code == 403
    assert len(own.sessions.live()) == 1


def test_a_portal_that_refuses_or_is_away_stops_nothing(portal: Portal) -> None:
    portal.status = 500
    for address in (portal.url, f"http://127.0.0.1:{free_port()}/", None):
        client = browser(issuer(portal=Registration(None, address)))
        tokens = signed_in(client)
        page = client.post("/sessions", data={"persona": "manager"}).text
        assert "Sessions ended: 1. The portal has confirmed: 0." in page
        assert refresh(client, tokens["refresh_token"]).status_code == 400


@pytest.mark.parametrize("stolen", ["code", "refresh token"])
def test_the_portal_hears_that_something_was_used_twice(
    client: TestClient, portal: Portal, stolen: str
) -> None:
    code = granted(client)["code"]
    tokens = redeem(client, code).json()
    if stolen == "code":
        redeem(client, code)
    else:
        refresh(client, tokens["refresh_token"])
        refresh(client, tokens["refresh_token"])
    assert [claims(one)["sid"] for one in portal.heard] == [claims(tokens["id_token"])["sid"]]


def test_the_list_is_empty_when_nobody_is_there(client: TestClient) -> None:
    assert "Nobody is signed in." in client.get("/sessions").text
