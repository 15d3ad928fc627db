"""SCIM's operations on users and groups, each in a transaction of its own."""

from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from typing import Any, cast
from uuid import UUID

from scim2_models import (
    NotFoundException,
    PreconditionFailedException,
    Resource,
    ResourceType,
    ResponseParameters,
    ScimProvider,
    SearchRequest,
)
from scim2_server.storage import AsyncScimStorage, SearchPage

from people_service.application import provisioning
from people_service.application.scim_ports import ScimCondition, ScimKind, ScimResource
from people_service.domain.scim import ScimRules
from people_service.entrypoints.app import PeopleTransaction
from people_service.entrypoints.scim.documents import comparable_of, content_of, resource_of
from people_service.entrypoints.scim.filters import condition_of, without_values
from servicekit.audit_trail import Actor

_READ = "persons.provision/read"


class ScimStore(AsyncScimStorage):
    """The store of one request of a `client`, who `writes` or only reads. Reads are noted too.

    Of several writers one goes on; the others wait for the end of its transaction and then see what
    it wrote, so that of two with the same ETag the second is refused.
    """

    def __init__(
        self,
        open_transaction: Callable[[], PeopleTransaction],
        provider: ScimProvider,
        rules: ScimRules,
        client: Actor,
        *,
        writes: bool,
    ) -> None:
        self._open_transaction = open_transaction
        self._provider = provider
        self._rules = rules
        self._client, self._writes = client, writes

    @asynccontextmanager
    async def operation(self) -> AsyncIterator[None]:
        async with self._open_transaction().by(self._client) as uow:
            if self._writes:
                await uow.scim.lock()
            self._uow = uow
            yield

    async def get(
        self,
        resource_type: ResourceType,
        resource_id: str,
        *,
        response_parameters: ResponseParameters[Any] | None = None,
    ) -> Resource[Any]:
        stored = await self._stored(resource_type, resource_id)
        if not self._writes:
            self._uow.audit(_READ, f"scim-{stored.kind.lower()}/{stored.resource_id}")
        return self._published(stored)

    async def search(
        self,
        resource_types: list[ResourceType],
        search_request: SearchRequest[Any],
        *,
        position: Any = None,
    ) -> SearchPage:
        wanted: dict[ScimKind, ScimCondition | None] = {}
        for one in resource_types:
            text = search_request.filter
            wanted[_kind(one)] = condition_of(str(text), self._model(one)) if text else None
        offset = (search_request.start_index or 1) - 1
        found, total = await self._uow.scim_search.find(wanted, offset, search_request.count or 0)
        kinds = " and ".join(f"scim-{kind.lower()}s" for kind in wanted)
        asked = without_values(str(search_request.filter or ""))
        counted = {"filter": asked, "found": total, "read": len(found)}
        self._uow.audit(_READ, kinds, after=counted)
        return SearchPage(total, [self._published(stored) for stored in found])

    async def create(self, resource_type: ResourceType, resource: Resource[Any]) -> Resource[Any]:
        made = await provisioning.create(
            _kind(resource_type),
            content_of(resource),
            comparable_of(resource),
            self._uow,
            self._rules,
        )
        return self._published(made)

    async def update(
        self,
        resource_type: ResourceType,
        resource: Resource[Any],
        *,
        expected_version: str | None = None,
    ) -> Resource[Any]:
        before = await self._expected(resource_type, str(resource.id), expected_version)
        changed = await provisioning.change(
            before, content_of(resource), comparable_of(resource), self._uow, self._rules
        )
        return self._published(changed)

    async def delete(
        self,
        resource_type: ResourceType,
        resource_id: str,
        *,
        expected_version: str | None = None,
    ) -> None:
        before = await self._expected(resource_type, resource_id, expected_version)
        await provisioning.delete(before, self._uow, self._rules)

    async def _expected(
        self, resource_type: ResourceType, resource_id: str, version: str | None
    ) -> ScimResource:
        stored = await self._stored(resource_type, resource_id)
        if version is not None and version != f'W/"{stored.version}"':
            raise PreconditionFailedException
        return stored

    async def _stored(self, resource_type: ResourceType, resource_id: str) -> ScimResource:
        kind = _kind(resource_type)
        try:
            stored = await self._uow.scim.get(kind, UUID(resource_id))
        except ValueError:
            stored = None
        if stored is None:
            raise NotFoundException(detail=f"There is no {kind} with this id.")
        return stored

    def _published(self, stored: ScimResource) -> Resource[Any]:
        resource_type = next(t for t in self._provider.resource_types if t.name == stored.kind)
        return resource_of(stored, self._model(resource_type))

    def _model(self, resource_type: ResourceType) -> type[Resource[Any]]:
        return cast(type[Resource[Any]], self._provider.model_for(resource_type))


def _kind(resource_type: ResourceType) -> ScimKind:
    return cast(ScimKind, resource_type.name)
