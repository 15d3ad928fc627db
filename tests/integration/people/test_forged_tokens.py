"""Tokens that nobody has issued, or not for this platform: each is refused with its reason."""

import base64
import json
import time
from collections.abc import Callable
from typing import Any

import httpx
import pytest

from integration.people.issuers import OwnIssuer
from integration.people.platform import Platform
from servicekit.problems import ProblemError

Attack = Callable[[Platform], str]
_LATER = 3600
NESTED = "W1tb" * 4_000  # [[[...
FOREIGN: dict[str, tuple[Attack, str]] = {
    "garbage": (lambda _: "garbage", "not a signed JWT"),
    "three parts of garbage": (lambda _: "a.b.c", "not a signed JWT"),
    "no text at all": (lambda _: "\x00.\x00.\x00", "not a signed JWT"),
    "claims that are a list": (lambda _: "e30.W10.e30", "not a signed JWT"),
    "claims that are deeply nested": (lambda _: f"e30.{NESTED}.e30", "not a signed JWT"),
    "a header that is deeply nested": (
        lambda p: f"{NESTED}.{p.region.token().partition('.')[2]}",
        "not a token that region has signed",
    ),
    "five parts": (lambda p: f"{p.region.token()}.a.b", "not a signed JWT"),
    "an issuer that nobody trusts": (lambda p: p.stranger.token(), "is not trusted here"),
    "no issuer": (lambda p: p.region.token(iss=None), "is not trusted here"),
    "an issuer that is a list": (lambda p: p.region.token(iss=[p.region.url]), "not trusted here"),
    "an issuer with a slash": (lambda p: p.region.token(iss=f"{p.region.url}/"), "not trusted"),
    "signed by a stranger for a trusted issuer": (
        lambda p: p.stranger.token(iss=p.region.url),
        "not a token that region has signed",
    ),
    "signed by a stranger under the trusted key's name": (
        lambda p: p.stranger.token({"kid": p.region.key.kid}, iss=p.region.url),
        "not a token that region has signed",
    ),
    "signed by one trusted issuer in another's name": (
        lambda p: p.region.token(iss=p.local),
        "not a token that local has signed",
    ),
    "signed by a key that the token brings along": (
        lambda p: p.stranger.token(
            {"kid": "own", "jwk": p.stranger.key.as_dict(private=False)}, iss=p.region.url
        ),
        "not a token that region has signed",
    ),
    "signed by a key that the token leads to": (
        lambda p: p.stranger.token({"jku": f"{p.stranger.url}/jwks"}, iss=p.region.url),
        "not a token that region has signed",
    ),
    "unsigned": (lambda p: p.region.unsigned(), "not a token that region has signed"),
    "unsigned with a signature": (
        lambda p: p.region.unsigned(p.region.token().rpartition(".")[2]),
        "not a token that region has signed",
    ),
    "signed with the public key as a secret": (
        lambda p: p.region.signed_with_the_public_key(p.region.key.kid),
        "not a token that region has signed",
    ),
    "signed with the public key as a secret without a name": (
        lambda p: p.region.signed_with_the_public_key(None),
        "not a token that region has signed",
    ),
    "unsigned in other letters": (
        lambda p: p.region.unsigned(alg="nOnE"),
        "not a token that region has signed",
    ),
    "a name of a key that is a path": (
        lambda p: p.stranger.token({"kid": "../../../../dev/null"}, iss=p.region.url),
        "not a token that region has signed",
    ),
    "a name of a key that is a query": (
        lambda p: p.stranger.token({"kid": "' or 1=1 --"}, iss=p.region.url),
        "not a token that region has signed",
    ),
    "a name of a key that is a list": (
        lambda p: p.stranger.token({"kid": [p.region.key.kid]}, iss=p.region.url),
        "not a token that region has signed",
    ),
    "a certificate that the token brings along": (
        lambda p: p.stranger.token(
            {"kid": "own", "x5c": ["MIIB"], "x5u": f"{p.stranger.url}/jwks"}, iss=p.region.url
        ),
        "not a token that region has signed",
    ),
    "a signature of a content that is not in the token": (
        lambda p: p.region.token({"crit": ["b64"], "b64": False}),
        "not a token that region has signed",
    ),
    "a JWT in a JWT": (
        lambda p: f"e30.{_nested(p.region.token())}.e30",
        "not a signed JWT",
    ),
    "an issuer in upper case": (
        lambda p: p.region.token(iss=p.region.url.upper()),
        "not trusted here",
    ),
    "a critical header that nobody knows": (
        lambda p: p.region.token({"crit": ["exotic"], "exotic": 1}),
        "not a token that region has signed",
    ),
    "claims of another token": (
        lambda p: _with_claims_of(p.region.token(), p.region.token(groups=["admins", "x"])),
        "not a token that region has signed",
    ),
    "expired": (lambda p: p.region.token(exp=int(time.time()) - _LATER), "has expired"),
    "without an end": (lambda p: p.region.token(exp=None), "claim exp is missing or not valid"),
    "an end that is no number": (lambda p: p.region.token(exp="later"), "claim exp"),
    "not valid yet": (lambda p: p.region.token(nbf=int(time.time()) + _LATER), "claim nbf"),
    "made in the future": (lambda p: p.region.token(iat=int(time.time()) + _LATER), "claim iat"),
    "for somebody else": (lambda p: p.region.token(aud="portal"), "not for: um-platform"),
    "for nobody": (lambda p: p.region.token(aud=None), "not for: um-platform"),
    "about nobody": (lambda p: p.region.token(sub=None), "claim sub"),
    "about an empty name": (lambda p: p.region.token(sub=""), "claim sub"),
    "about a number": (lambda p: p.region.token(sub=7), "claim sub"),
}


def _with_claims_of(token: str, other: str) -> str:
    header, _, signature = token.split(".")
    return f"{header}.{other.split('.')[1]}.{signature}"


def _nested(token: str) -> str:
    return base64.urlsafe_b64encode(json.dumps(token).encode()).decode().rstrip("=")


@pytest.mark.parametrize("attack", FOREIGN)
async def test_a_token_that_is_not_right_is_refused(platform: Platform, attack: str) -> None:
    make, why = FOREIGN[attack]
    assert why in await platform.refusal(make(platform))


async def test_a_token_of_the_platform_is_not_exchanged_again(platform: Platform) -> None:
    """It would never end."""
    issued = await platform.exchange(await platform.persona("administrator"))
    assert "is not trusted here" in await platform.refusal(issued)


async def test_no_service_takes_what_the_platform_has_not_issued(platform: Platform) -> None:
    good = platform.region.claims(iss=platform.url, assignments=[{"role": "administrator"}])
    forged = OwnIssuer(platform.url)
    await platform.exchange(platform.region.token())
    tokens = {
        "a provider's": platform.region.token(),
        "a persona's": await platform.persona("administrator"),
        "of a key of the forger's own": forged.token(**good),
        "too deep to read": f"{NESTED}.{NESTED}.e30",
        "of the name of the platform's key": forged.token(
            {"kid": (await _keys(platform))[0]["kid"]}, **good
        ),
    }
    for kind, token in tokens.items():
        with pytest.raises(ProblemError) as refused:
            await platform.principal(token)
        assert refused.value.status == 401, kind
        answer = await platform.service.client.get(
            "/persons", headers={"authorization": f"Bearer {token}"}
        )
        assert answer.status_code == 401, kind


async def _keys(platform: Platform) -> list[dict[str, Any]]:
    async with httpx.AsyncClient() as client:
        keys: list[dict[str, Any]] = (await client.get(f"{platform.url}/jwks")).json()["keys"]
    return keys
