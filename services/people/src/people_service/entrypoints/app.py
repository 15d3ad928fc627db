"""What the entrypoints need of the application object; bootstrap builds it."""

from collections.abc import Sequence
from typing import Any, Protocol, cast

from fastapi import Request

from people_service.application.code_ports import CodesUnitOfWork
from people_service.application.erasure_ports import ErasureUnitOfWork
from people_service.application.exchange import TokenRules
from people_service.application.import_progress import ImportProgress, ImportStep, Progress
from people_service.application.ports import ProviderTokens, Queries, TokenSigner
from people_service.application.scim_ports import ScimUnitOfWork
from people_service.domain.guessing import Limits
from servicekit.db import Transaction


class PeopleTransaction(ScimUnitOfWork, CodesUnitOfWork, ErasureUnitOfWork, Transaction, Protocol):
    """One transaction over everything this service stores; commits on a clean exit."""

    queries: Queries


class PublishedSigner(TokenSigner, Protocol):
    """Signs tokens with keys that everybody may have the public half of."""

    def published(self) -> Sequence[dict[str, Any]]:
        """The public keys, as a JWKS lists them."""


class NotedProgress(Progress, Protocol):
    """The progress of one import, to note and to read."""

    async def end(self, step: ImportStep) -> None: ...

    async def read(self) -> ImportProgress | None: ...


class PeopleApp(Protocol):
    """The service as its entrypoints see it."""

    @property
    def providers(self) -> ProviderTokens: ...

    @property
    def signer(self) -> PublishedSigner: ...

    @property
    def token_rules(self) -> TokenRules: ...

    @property
    def code_limits(self) -> Limits: ...

    @property
    def portal_url(self) -> str: ...

    def uow(self) -> PeopleTransaction: ...

    def import_progress(self, caller: str, key: str) -> NotedProgress: ...


def app_of(request: Request) -> PeopleApp:
    return cast(PeopleApp, request.app.state.app)
