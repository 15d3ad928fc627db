"""Somebody at the development issuer: their browser and the portal's requests, without a portal."""

import base64
import hashlib
from typing import Any

import httpx
from fastapi.testclient import TestClient
from joserfc.jwk import ECKey

from devstack.issuer import Issuer, Registration, create_app
from devstack.personas import Directory

URL = "http://issuer"
VERIFIER = "v" * 50
CHALLENGE = base64.urlsafe_b64encode(hashlib.sha256(VERIFIER.encode()).digest()).decode()
QUERY = {
    "response_type": "code",
    "client_id": "portal",
    "redirect_uri": "http://127.0.0.1:1/back",
    "scope": "openid profile offline_access",
    "state": 's"<',
    "nonce": "n-1",
    "code_challenge": CHALLENGE.rstrip("="),
    "code_challenge_method": "S256",
}


def issuer(directory: Directory | None = None, portal: Registration | None = None) -> Issuer:
    key = ECKey.generate_key("P-256", auto_kid=True)
    clients = {"workflow-service": "secret"}
    return Issuer(URL, key, directory or Directory(None), clients, portal)


def browser(issuer: Issuer) -> TestClient:
    return TestClient(create_app(issuer), base_url=URL, follow_redirects=False)


def granted(client: TestClient, persona: str = "manager", **changed: str) -> httpx.QueryParams:
    """What the portal is sent by the browser of somebody who chose a persona."""
    answer = client.post("/authorize", data={**QUERY, "persona": persona, **changed})
    assert answer.status_code == 303, answer.text
    return httpx.URL(answer.headers["location"]).params


def redeem(client: TestClient, code: str, **changed: str) -> httpx.Response:
    form = {key: QUERY[key] for key in ("client_id", "redirect_uri")}
    form |= {"grant_type": "authorization_code", "code": code, "code_verifier": VERIFIER}
    answer: httpx.Response = client.post("/token", data={**form, **changed})
    return answer


def signed_in(client: TestClient, persona: str = "manager", **changed: str) -> dict[str, Any]:
    """The tokens of somebody who signed in."""
    answer: dict[str, Any] = redeem(client, granted(client, persona, **changed)["code"]).json()
    return answer


def refresh(client: TestClient, token: str, client_id: str = "portal") -> httpx.Response:
    form = {"grant_type": "refresh_token", "refresh_token": token, "client_id": client_id}
    answer: httpx.Response = client.post("/token", data=form)
    return answer
