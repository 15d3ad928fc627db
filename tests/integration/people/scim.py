"""The service with SCIM switched on, and a client of it with a static token."""

import hashlib
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import httpx

from devstack import Stack
from integration.people.service import Service, people_settings, serving
from people_service.domain.calendar import civil_date
from people_service.settings import Scim
from servicekit.settings import Auth, Database

TOKEN = "sample-token-of-a-provisioning-client"
ENTERPRISE = "urn:ietf:params:scim:schemas:extension:enterprise:2.0:User"
USER = "urn:ietf:params:scim:schemas:core:2.0:User"
GROUP = "urn:ietf:params:scim:schemas:core:2.0:Group"
PATCH = "urn:ietf:params:scim:api:messages:2.0:PatchOp"


class ScimClient:
    def __init__(self, service: Service) -> None:
        self.service = service
        self.http = httpx.AsyncClient(base_url=f"{service.url}/scim/v2", timeout=60)

    async def ask(
        self, method: str, path: str, token: str | None = TOKEN, **request: Any
    ) -> httpx.Response:
        headers = {"content-type": "application/scim+json", **request.pop("headers", {})}
        if token is not None:
            headers["authorization"] = f"Bearer {token}"
        return await self.http.request(method, path, headers=headers, **request)

    async def create(self, path: str, body: dict[str, Any]) -> dict[str, Any]:
        answer = await self.ask("POST", path, json=body)
        assert answer.status_code == 201, answer.text
        made: dict[str, Any] = answer.json()
        return made

    async def patch(self, path: str, *operations: dict[str, Any], **request: Any) -> httpx.Response:
        body = {"schemas": [PATCH], "Operations": list(operations)}
        return await self.ask("PATCH", path, json=body, **request)

    async def assignments(self, person_id: str) -> set[tuple[str, str, str]] | None:
        """(role, unit, source) of what a person holds today; None if there is nobody."""
        async with self.service.app.uow() as uow:
            person = (await uow.persons.of_ids([person_id])).get(person_id)
            today = civil_date(await uow.now())
        if person is None:
            return None
        return {(a.role, a.unit_id, a.source) for a in person.assignments if a.holds_on(today)}


def user(number: int, unit: str | None = "rehab", **changes: Any) -> dict[str, Any]:
    """Exempelperson <number>, as an identity provider sends it."""
    enterprise = {ENTERPRISE: {"department": unit}} if unit else {}
    return {
        "schemas": [USER, *enterprise],
        "userName": f"person{number:04}@example.se",
        "externalId": f"p-{number:04}",
        "displayName": f"Exempelperson {number:04}",
        "emails": [{"value": f"person{number:04}@example.se", "type": "work", "primary": True}],
        "active": True,
        **enterprise,
        **changes,
    }


def group(name: str, *member_ids: str) -> dict[str, Any]:
    members = [{"value": one} for one in member_ids]
    return {"schemas": [GROUP], "displayName": name, "members": members}


@asynccontextmanager
async def provisioned(
    servers: Stack, database: Database, keys: Path, **scim: Any
) -> AsyncIterator[ScimClient]:
    """The service with these settings of SCIM."""
    chosen = Scim(
        **{
            "enabled": True,
            "token_sha256": [hashlib.sha256(TOKEN.encode()).hexdigest()],
            "roles": ["manager", "facilitator"],
            **scim,
        }
    )
    async with serving(
        lambda url: people_settings(servers, database, keys, scim=chosen, auth=Auth(issuer=url))
    ) as service:
        client = ScimClient(service)
        async with client.http:
            yield client
