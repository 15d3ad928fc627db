"""What the entrypoints need of the application object; bootstrap builds it."""

from collections.abc import Awaitable, Callable, Sequence
from typing import Annotated, Any, Protocol, cast

from fastapi import Depends, Request

from people_service.application.exchange import TokenRules
from people_service.application.ports import ProviderTokens, Queries, TokenSigner, UnitOfWork
from servicekit.auth import Principal, require
from servicekit.db import Transaction
from servicekit.problems import ProblemError


class PeopleTransaction(UnitOfWork, Transaction, Protocol):
    """One transaction over everything this service stores; commits on a clean exit."""

    queries: Queries


class PublishedSigner(TokenSigner, Protocol):
    """Signs tokens with keys that everybody may have the public half of."""

    def published(self) -> Sequence[dict[str, Any]]:
        """The public keys, as a JWKS lists them."""


class PeopleApp(Protocol):
    """The service as its entrypoints see it."""

    @property
    def providers(self) -> ProviderTokens: ...

    @property
    def signer(self) -> PublishedSigner: ...

    @property
    def token_rules(self) -> TokenRules: ...

    def uow(self) -> PeopleTransaction: ...


def of_the_whole_region(*roles: str) -> Callable[..., Awaitable[Principal]]:
    """FastAPI dependency: the caller, if one of the roles is for all units; otherwise 403.

    Persons and their import concern the whole region. Callers whose roles are for some units only
    see nothing of them.
    """

    async def checked(principal: Annotated[Principal, Depends(require(*roles))]) -> Principal:
        if principal.scope is not None:
            detail = "This concerns the whole region; your roles are for some of its units only."
            raise ProblemError(403, "outside-scope", detail)
        return principal

    return checked


def app_of(request: Request) -> PeopleApp:
    return cast(PeopleApp, request.app.state.app)
