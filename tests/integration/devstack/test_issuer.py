"""The development issuer's tokens: who gets which, for how long, and that strangers get none."""

from pathlib import Path

import pytest
from fastapi.testclient import TestClient

from devstack.issuer import load_key
from devstack.tokens import PERSONA_GRANT
from integration.devstack.browser import (
    QUERY,
    URL,
    browser,
    granted,
    issuer,
    redeem,
    refresh,
    signed_in,
)
from servicekit.issuer_keys import unverified_claims as claims


@pytest.fixture
def client() -> TestClient:
    return browser(issuer())


def test_its_metadata_say_what_it_does(client: TestClient) -> None:
    said = client.get("/.well-known/openid-configuration").json()
    assert said["issuer"] == URL
    for name in ("authorization_endpoint", "token_endpoint", "end_session_endpoint", "jwks_uri"):
        path = said[name].removeprefix(URL)
        assert client.get(path).status_code != 404, name
    assert "refresh_token" in said["grant_types_supported"]
    assert said["authorization_response_iss_parameter_supported"] is True
    assert said["backchannel_logout_session_supported"] is True


def test_the_answer_names_its_issuer_and_returns_the_state(client: TestClient) -> None:
    answer = granted(client)
    assert (answer["iss"], answer["state"]) == (URL, QUERY["state"])
    assert set(answer) == {"iss", "state", "code"}


def test_who_cancels_gets_no_code(client: TestClient) -> None:
    answer = granted(client, cancel="1")
    assert dict(answer) == {"error": "access_denied", "state": QUERY["state"], "iss": URL}


def test_nobody_is_signed_in_without_a_page(client: TestClient) -> None:
    answer = client.get("/authorize", params={**QUERY, "prompt": "none"})
    assert answer.status_code == 303
    assert "error=login_required" in answer.headers["location"]


def test_the_id_token_says_who_and_in_which_session(client: TestClient) -> None:
    first, second = (claims(signed_in(client)["id_token"]) for _ in range(2))
    assert (first["iss"], first["aud"], first["sub"]) == (URL, "portal", "manager")
    assert (first["name"], first["nonce"]) == ("Sample manager", "n-1")
    assert first["sid"] != second["sid"]


@pytest.mark.parametrize(
    ("scope", "gets"),
    [
        ("", set()),
        ("offline_access", {"refresh_token"}),
        ("openid", {"id_token"}),
        ("openid profile offline_access", {"id_token", "refresh_token"}),
    ],
)
def test_a_scope_decides_what_is_given(client: TestClient, scope: str, gets: set[str]) -> None:
    tokens = signed_in(client, scope=scope)
    assert set(tokens) & {"id_token", "refresh_token"} == gets
    assert tokens["scope"] == " ".join(sorted(scope.split()))


def test_the_name_is_given_by_the_scope_profile_only(client: TestClient) -> None:
    assert "name" not in claims(signed_in(client, scope="openid")["id_token"])


def test_who_signed_in_has_a_short_token_and_programs_a_long_one(client: TestClient) -> None:
    basic = ("workflow-service", "secret")
    persona = {"grant_type": PERSONA_GRANT, "persona": "manager"}
    given = {
        300: signed_in(client),
        8 * 3600: client.post("/token", data=persona).json(),
    }
    service = client.post("/token", data={"grant_type": "client_credentials"}, auth=basic).json()
    for seconds, tokens in (*given.items(), (8 * 3600, service)):
        said = claims(tokens["access_token"])
        assert tokens["expires_in"] == said["exp"] - said["iat"] == seconds


def test_a_refresh_gives_new_tokens_of_the_same_session(client: TestClient) -> None:
    before = signed_in(client)
    answer = refresh(client, before["refresh_token"])
    after = answer.json()
    assert answer.headers["cache-control"] == "no-store"
    assert after["refresh_token"] != before["refresh_token"]
    assert claims(after["access_token"])["jti"] != claims(before["access_token"])["jti"]
    old, new = claims(before["id_token"]), claims(after["id_token"])
    assert all(old[name] == new[name] for name in ("iss", "sub", "aud", "sid"))
    assert "nonce" not in new  # OpenID Connect Core 1.0, section 12.2
    assert refresh(client, after["refresh_token"]).status_code == 200


def test_a_refresh_token_used_twice_ends_its_whole_family(client: TestClient) -> None:
    first = signed_in(client)["refresh_token"]
    second = refresh(client, first).json()["refresh_token"]
    stolen = refresh(client, first)
    assert (stolen.status_code, stolen.json()["error"]) == (400, "invalid_grant")
    assert refresh(client, second).json()["error"] == "invalid_grant"


def test_another_sessions_refresh_token_stays_good(client: TestClient) -> None:
    first, other = signed_in(client)["refresh_token"], signed_in(client)["refresh_token"]
    refresh(client, first)
    refresh(client, first)
    assert refresh(client, other).status_code == 200


@pytest.mark.parametrize("wrong", ["access_token", "id_token"])
def test_another_kind_of_token_refreshes_nothing(client: TestClient, wrong: str) -> None:
    assert refresh(client, signed_in(client)[wrong]).status_code == 400


def test_a_refresh_token_is_one_clients(client: TestClient) -> None:
    token = signed_in(client)["refresh_token"]
    assert refresh(client, token, "other").status_code == 400
    assert refresh(client, token).status_code == 200


def test_a_used_code_ends_the_session_that_it_began(client: TestClient) -> None:
    code = granted(client)["code"]
    tokens = redeem(client, code).json()
    assert redeem(client, code).json()["error"] == "invalid_grant"
    assert refresh(client, tokens["refresh_token"]).status_code == 400


@pytest.mark.parametrize(
    "changed",
    [{"code_verifier": "w" * 50}, {"redirect_uri": "http://127.0.0.1:2/"}, {"client_id": "x"}],
)
def test_a_code_needs_its_verifier_and_client(client: TestClient, changed: dict[str, str]) -> None:
    assert redeem(client, granted(client)["code"], **changed).status_code == 400


@pytest.mark.parametrize(
    "changed",
    [
        {"redirect_uri": "https://elsewhere.invalid/"},
        {"redirect_uri": "http://[::1"},
        {"client_id": "other"},
        {"code_challenge_method": "plain"},
        {"code_challenge": ""},
        {"response_type": "token"},
    ],
)
def test_a_doubtful_request_gets_neither_page_nor_code(
    client: TestClient, changed: dict[str, str]
) -> None:
    asked = {**QUERY, "persona": "manager", **changed}
    for answer in (client.get("/authorize", params=asked), client.post("/authorize", data=asked)):
        assert (answer.status_code, answer.json()["error"]) == (400, "invalid_request")


def test_another_sites_page_signs_nobody_in(client: TestClient) -> None:
    for site in ("cross-site", "same-site"):
        asked = {**QUERY, "persona": "manager"}
        answer = client.post("/authorize", data=asked, headers={"sec-fetch-site": site})
        assert answer.status_code == 403


def test_a_client_needs_its_secret(client: TestClient) -> None:
    form = {"grant_type": "client_credentials"}
    assert client.post("/token", data=form, auth=("workflow-service", "secret")).status_code == 200
    assert client.post("/token", data=form, auth=("workflow-service", "x")).status_code == 401
    assert client.post("/token", data=form).status_code == 401


def test_the_key_outlives_a_restart(tmp_path: Path) -> None:
    first = load_key(tmp_path / "key.json")
    assert load_key(tmp_path / "key.json").kid == first.kid
    assert (tmp_path / "key.json").stat().st_mode & 0o777 == 0o600
