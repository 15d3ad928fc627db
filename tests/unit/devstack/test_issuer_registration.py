"""A code goes to the portal only, and nobody is led elsewhere by signing out."""

import pytest

from devstack.issuer.errors import OAuthError
from devstack.issuer.registration import Registration, check_authorization, with_query

KNOWN = Registration("http://127.0.0.1:8000/sign-in/answer")
UNKNOWN = Registration()
ELSEWHERE = [
    "",
    "/sign-in/answer",
    "//127.0.0.1/",
    "https://elsewhere.invalid/",
    "http://127.0.0.1.elsewhere.invalid/",
    "http://127.0.0.1@elsewhere.invalid/",
    "http://somebody@127.0.0.1:8000/sign-in/answer",
    "http://elsewhere.invalid\\@127.0.0.1/",
    "http://elsewhere.invalid#@127.0.0.1/",
    "javascript://127.0.0.1/%0aalert(1)",
    "data://127.0.0.1/x",
    "http://127.0.0.1/\r\nset-cookie: a=b",
    "http://127.0.0.1/\t",
    "http://127.0.0.1/a b",
    "http://127.0.0.1/a\\b",
    "http://１２７.0.0.1/",
    "http://127.0.0.1/#fragment",
]


def request(redirect_uri: str) -> dict[str, str]:
    return {
        "response_type": "code",
        "client_id": "portal",
        "redirect_uri": redirect_uri,
        "code_challenge": "c",
        "code_challenge_method": "S256",
    }


@pytest.mark.parametrize("portal", [KNOWN, UNKNOWN], ids=["known", "unknown"])
@pytest.mark.parametrize("uri", ELSEWHERE)
def test_no_code_leaves_this_machine(portal: Registration, uri: str) -> None:
    with pytest.raises((OAuthError, ValueError)):
        check_authorization(request(uri), portal)


@pytest.mark.parametrize(
    "uri",
    [
        "http://127.0.0.1:8001/sign-in/answer",
        "http://localhost:8000/sign-in/answer",
        "https://127.0.0.1:8000/sign-in/answer",
        "http://127.0.0.1:8000/sign-in/answer/",
        "http://127.0.0.1:8000/sign-in/answer?next=/",
        "http://127.0.0.1:8000/sign-in/answer/../../rollouts",
        "http://127.0.0.1:8000/Sign-In/answer",
    ],
)
def test_a_registered_address_is_compared_exactly(uri: str) -> None:
    with pytest.raises(OAuthError, match=r"must be http://127\.0\.0\.1:8000/sign-in/answer"):
        check_authorization(request(uri), KNOWN)
    check_authorization(request(KNOWN.redirect_uri or ""), KNOWN)


@pytest.mark.parametrize("host", ["127.0.0.1", "localhost", "[::1]"])
def test_without_a_registered_address_this_machine_is_as_good(host: str) -> None:
    check_authorization(request(f"http://{host}:4711/back"), UNKNOWN)


@pytest.mark.parametrize("uri", ELSEWHERE)
def test_signing_out_leads_nowhere_else(uri: str) -> None:
    assert not KNOWN.may_follow_sign_out(uri)


def test_signing_out_leads_to_the_portal_wherever_it_is() -> None:
    portal = Registration("https://portal.example.se/sign-in/answer")
    assert portal.may_follow_sign_out("https://portal.example.se/")
    assert portal.may_follow_sign_out("http://127.0.0.1:9/")
    assert not portal.may_follow_sign_out("http://portal.example.se/")
    assert not portal.may_follow_sign_out("https://portal.example.se/\r\nset-cookie: a=b")
    assert not portal.may_follow_sign_out("https://portal.example.se.elsewhere.invalid/")


def test_an_answer_keeps_the_address_and_leaves_out_what_is_empty() -> None:
    assert with_query("http://a/b?c=d", code="1 2", state=None) == "http://a/b?c=d&code=1+2"
    assert with_query("http://a/b", state="") == "http://a/b"
