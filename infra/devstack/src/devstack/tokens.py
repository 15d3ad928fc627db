"""Get tokens of sample personas: from the development issuer, and exchanged for the platform's."""

from collections.abc import Sequence
from typing import Any

import httpx

from devstack.options import StackError

PERSONA_GRANT = "urn:um-platform:persona"
EXCHANGE_GRANT = "urn:ietf:params:oauth:grant-type:token-exchange"


def token(issuer_url: str, persona: str) -> str:
    """A bearer token of one persona; raises StackError when it is unknown, with those known."""
    form = {"grant_type": PERSONA_GRANT, "persona": persona}
    return str(_ask(f"{issuer_url}/token", data=form)["access_token"])


def tokens(issuer_url: str, personas: Sequence[str]) -> dict[str, str]:
    """Bearer tokens of many personas in one request: persona > token. Raises as `token`."""
    answer = _ask(f"{issuer_url}/development/tokens", json={"personas": list(personas)})
    issued: dict[str, str] = answer["tokens"]
    return issued


def platform_token(people_url: str, issuer_token: str) -> str:
    """The platform's token for an issuer's. Raises StackError with the reason when refused."""
    form = {"grant_type": EXCHANGE_GRANT, "subject_token": issuer_token}
    return str(_ask(f"{people_url}/token", data=form)["access_token"])


def _ask(url: str, **body: Any) -> dict[str, Any]:
    try:
        response = httpx.post(url, timeout=30, trust_env=False, **body)
    except httpx.HTTPError as error:
        raise StackError(f"{url} does not answer ({error}): run 'make up'") from error
    answer: dict[str, Any] = response.json()
    if response.status_code != 200:
        raise StackError(str(answer.get("error_description", answer)))
    return answer
