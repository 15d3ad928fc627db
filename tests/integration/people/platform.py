"""A people service whose own tokens open its API, and the providers whose tokens it exchanges."""

import asyncio
from dataclasses import dataclass
from uuid import uuid4

import httpx

from integration.people.issuers import OwnIssuer
from integration.people.service import HEADER, Service, token_of
from servicekit.auth import Authenticator, Principal
from servicekit.settings import Auth

GRANT = "urn:ietf:params:oauth:grant-type:token-exchange"


@dataclass
class Platform:
    """A people service that trusts its own tokens only, and exchanges those of two providers.

    `local` is the development issuer, `region` and `stranger` are issuers of the tests' own.
    """

    service: Service
    local: str
    region: OwnIssuer
    stranger: OwnIssuer

    @property
    def url(self) -> str:
        return self.service.url

    async def ask_for_a_token(self, subject_token: str, **form: str) -> httpx.Response:
        async with httpx.AsyncClient(timeout=30) as client:
            return await client.post(
                f"{self.url}/token",
                data={"grant_type": GRANT, "subject_token": subject_token, **form},
            )

    async def exchange(self, subject_token: str) -> str:
        answer = await self.ask_for_a_token(subject_token)
        assert answer.status_code == 200, answer.text
        token: str = answer.json()["access_token"]
        return token

    async def refusal(self, subject_token: str) -> str:
        """Why the token is not exchanged."""
        answer = await self.ask_for_a_token(subject_token)
        assert answer.status_code == 400, answer.text
        assert answer.headers["content-type"] == "application/json"
        assert answer.headers["cache-control"] == "no-store"
        assert set(answer.json()) == {"error", "error_description"}
        assert answer.json()["error"] == "invalid_grant"
        return str(answer.json()["error_description"])

    async def principal(self, platform_token: str) -> Principal:
        """Who another service takes the holder for."""
        authenticator = Authenticator(Auth(issuer=self.url))
        try:
            return await authenticator.authenticate(platform_token)
        finally:
            await authenticator.close()

    async def persona(self, name: str) -> str:
        return await asyncio.to_thread(token_of, self.local, name)

    async def import_as_administrator(self, *rows: str, header: str = HEADER) -> None:
        bearer = await self.exchange(await self.persona("administrator"))
        answer = await self.service.client.post(
            "/persons/import",
            content="\n".join([header, *rows]).encode(),
            headers={
                "authorization": f"Bearer {bearer}",
                "content-type": "text/csv",
                "idempotency-key": str(uuid4()),
            },
        )
        assert answer.status_code == 200, answer.text
        await self.confirm_gifts()

    async def confirm_gifts(self) -> None:
        """As if somebody known had imported the roles for the whole region too."""
        async with self.service.app.uow() as uow:
            await uow.role_gifts.confirm(await uow.role_gifts.unconfirmed())
