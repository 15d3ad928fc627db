"""The content service as its tests call it: over HTTP, as one persona or another."""

import json
from typing import Any
from uuid import UUID, uuid4

import httpx

from content_service.bootstrap import Content
from content_service.domain.unit import Unit
from devstack import CHECKOUT

UNIT = "rehabenheten"  # what the sample manager's and employee's tokens name
MODULE = json.loads((CHECKOUT / "demo/data/modules/start-together.json").read_text("utf-8"))


class Client:
    """Calls the API as one persona or another; every POST has a key of its own unless given."""

    def __init__(self, http: httpx.AsyncClient, tokens: dict[str, str], app: Content) -> None:
        self._http, self.tokens, self._app = http, tokens, app

    async def known(self, rollout_id: str, unit_id: str = UNIT) -> None:
        """The service hears of a rollout, and of a unit of twenty people."""
        async with self._app.uow() as uow:
            await uow.references.add_rollout(UUID(rollout_id), [])
            await uow.units.save(Unit(unit_id, None, unit_id, 20, 1))

    async def call(
        self, who: str, method: str, path: str, body: Any = None, key: str | None = None
    ) -> httpx.Response:
        headers = {"authorization": f"Bearer {self.tokens[who]}"}
        if method == "POST":
            headers["idempotency-key"] = key or str(uuid4())
        return await self._http.request(method, path, json=body, headers=headers)

    async def published(self, module: dict[str, Any] = MODULE) -> None:
        made = await self.call("administrator", "POST", "/modules", module)
        assert made.status_code == 201, made.text
        path = f"/modules/{module['module_id']}/publish"
        assert (await self.call("administrator", "POST", path)).status_code == 200

    async def assigned(self, rollout_id: str, unit_id: str = UNIT) -> dict[str, Any]:
        await self.known(rollout_id, unit_id)
        body = {
            "rollout_id": rollout_id,
            "unit_ids": [unit_id],
            "module_ids": [MODULE["module_id"]],
        }
        answer = await self.call("administrator", "POST", "/assignments", body)
        assert answer.status_code == 200, answer.text
        assignment: dict[str, Any] = answer.json()["assignments"][0]
        return assignment
