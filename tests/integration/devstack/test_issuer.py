"""The development issuer's code flow: PKCE is checked, a code works once, strangers get none."""

import base64
import hashlib
from pathlib import Path

import httpx
import pytest
from fastapi.testclient import TestClient
from joserfc.jwk import ECKey

from devstack.issuer import Issuer, create_app, load_key
from devstack.personas import Directory

VERIFIER = "v" * 50
CHALLENGE = base64.urlsafe_b64encode(hashlib.sha256(VERIFIER.encode()).digest()).decode()
QUERY = {
    "response_type": "code",
    "client_id": "portal",
    "redirect_uri": "http://127.0.0.1:1/back",
    "state": 's"<',
    "code_challenge": CHALLENGE.rstrip("="),
    "code_challenge_method": "S256",
}


@pytest.fixture
def client() -> TestClient:
    key = ECKey.generate_key("P-256", auto_kid=True)
    issuer = Issuer("http://issuer", key, Directory(None), {"workflow-service": "secret"})
    return TestClient(create_app(issuer), follow_redirects=False)


def code(client: TestClient) -> str:
    answer = client.post("/authorize", data={**QUERY, "persona": "manager"})
    assert answer.status_code == 303
    return httpx.URL(answer.headers["location"]).params["code"]


def redeem(client: TestClient, granted: str, **changed: str) -> httpx.Response:
    form = {key: QUERY[key] for key in ("client_id", "redirect_uri")}
    form |= {"grant_type": "authorization_code", "code": granted, "code_verifier": VERIFIER}
    answer: httpx.Response = client.post("/token", data={**form, **changed})
    return answer


def test_a_code_is_redeemed_once(client: TestClient) -> None:
    granted = code(client)
    assert set(redeem(client, granted).json()) >= {"access_token", "id_token"}
    assert redeem(client, granted).json()["error"] == "invalid_grant"


@pytest.mark.parametrize(
    "changed",
    [{"code_verifier": "w" * 50}, {"redirect_uri": "http://127.0.0.1:2/"}, {"client_id": "x"}],
)
def test_a_code_needs_its_verifier_and_client(client: TestClient, changed: dict[str, str]) -> None:
    assert redeem(client, code(client), **changed).status_code == 400


@pytest.mark.parametrize(
    "changed",
    [
        {"redirect_uri": "https://elsewhere.invalid/"},
        {"client_id": "other"},
        {"code_challenge_method": "plain"},
        {"code_challenge": ""},
        {"response_type": "token"},
    ],
)
def test_a_doubtful_request_gets_no_page(client: TestClient, changed: dict[str, str]) -> None:
    answer = client.get("/authorize", params={**QUERY, **changed})
    assert (answer.status_code, answer.json()["error"]) == (400, "invalid_request")


def test_the_page_escapes_what_it_was_sent(client: TestClient) -> None:
    page = client.get("/authorize", params=QUERY).text
    assert "s&quot;&lt;" in page
    assert 's"<' not in page


def test_a_client_needs_its_secret(client: TestClient) -> None:
    form = {"grant_type": "client_credentials"}
    assert client.post("/token", data=form, auth=("workflow-service", "secret")).status_code == 200
    assert client.post("/token", data=form, auth=("workflow-service", "x")).status_code == 401
    assert client.post("/token", data=form).status_code == 401


def test_the_key_outlives_a_restart(tmp_path: Path) -> None:
    first = load_key(tmp_path / "key.json")
    assert load_key(tmp_path / "key.json").kid == first.kid
    assert (tmp_path / "key.json").stat().st_mode & 0o777 == 0o600
