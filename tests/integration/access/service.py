"""A service's real application on a database of its own, asked without sockets."""

from collections.abc import Collection, Iterator
from dataclasses import asdict
from functools import cache
from pathlib import Path
from typing import Any
from uuid import uuid4

import httpx

from generators.openapi import app_of
from integration.access.expectations import Ask
from servicekit.auth import EVERY_UNIT, Assignment, Authenticator
from servicekit.settings import Auth, Database
from support.tokens import ISSUER, FakeIssuer


class Service:
    """Everything is asked over HTTP; `app` is for what a service learns from events only."""

    def __init__(self, name: str, database: Database, folder: Path, **more: str) -> None:
        prefix = name.upper()
        environment = {
            f"{prefix}_DB__DSN": database.dsn.get_secret_value(),
            f"{prefix}_AUTH__ISSUER": ISSUER,
            "ASSESSMENT_ROUND_KEYS__DIRECTORY": str(folder / "round-keys"),
            "NOTIFICATION_WEBHOOK__ALLOWED_HOSTS": '["127.0.0.1:*"]',
            "PEOPLE_TOKENS__KEYS_DIRECTORY": str(folder / "token-keys"),
            "PEOPLE_SCIM__ENABLED": "true",
        }
        self.name = name
        self.app: Any = app_of(name, **environment, **more)
        self.api = self.app.api()
        self._issuer = FakeIssuer()
        self.api.state.authenticator = Authenticator(Auth(issuer=ISSUER), self._issuer.client)
        transport = httpx.ASGITransport(self.api, raise_app_exceptions=False)
        self.client = httpx.AsyncClient(transport=transport, base_url=f"http://{name}")
        self._token = cache(self._new_token)

    def operations(self) -> Iterator[tuple[str, dict[str, Any]]]:
        """Every route that is not open to everybody, as "GET /v1/rounds", with its description."""
        for path, methods in self.api.openapi()["paths"].items():
            for method, operation in methods.items():
                if "x-permission" in operation:
                    yield f"{method.upper()} {path}", operation

    async def send(
        self,
        method: str,
        ask: Ask,
        caller: Collection[Assignment] | None,
        accept: str = "application/json",
        *,
        made_it: bool = False,
    ) -> httpx.Response:
        """Ask as somebody who holds these assignments; None sends no token.

        `made_it`: as whoever made what there is.
        """
        headers = {"idempotency-key": str(uuid4()), "accept": accept}
        if caller is not None:
            headers["authorization"] = f"Bearer {self._token(frozenset(caller), made_it)}"
        content = {"json": ask.json} if ask.json is not None else {}
        if ask.csv:
            headers["content-type"] = "text/csv"
            content = {"content": ask.csv}
        return await self.client.request(method, ask.path, headers=headers, **content)

    async def done(self, method: str, path: str, role: str, **ask: Any) -> Any:
        """What is answered to somebody with this role for the whole region; it has to succeed."""
        caller = [Assignment(role, EVERY_UNIT, below=True)]
        answer = await self.send(method, Ask(path, **ask), caller, made_it=True)
        assert answer.is_success, answer.text
        return answer.json() if answer.content else None

    async def store_nothing_more(self) -> None:
        """From now on every request finds what there is now: its transaction is rolled back where
        it would be committed."""
        async with self.app.uow() as uow:
            dialect = uow.connection.sync_engine.dialect
        dialect.do_commit = dialect.do_rollback

    async def close(self) -> None:
        await self.client.aclose()
        await self.app.close()

    def _new_token(self, caller: frozenset[Assignment], made_it: bool) -> str:
        listed = [
            {name: value for name, value in asdict(one).items() if value is not None}
            for one in caller
        ]
        return self._issuer.token(sub="maker" if made_it else "caller", assignments=listed)
