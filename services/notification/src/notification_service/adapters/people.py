"""Recipients and contacts, asked of the people service over HTTP."""

import asyncio
from collections.abc import Awaitable, Collection, Mapping
from typing import Any, TypeVar
from uuid import UUID, uuid4

from pydantic import BaseModel

from notification_service.application.ports import Erased, ErasureUnknown, PeopleUnavailable
from notification_service.domain.contact import Contact, Language
from servicekit.service_client import Refused, ServiceClient, Unavailable

_AT_ONCE = 1_000
_ERASURE_UNKNOWN = "unknown-erasure"
_DEADLINE_SECONDS = 5  # with the token; the messages are claimed meanwhile


class _Recipients(BaseModel):
    person_ids: list[str]


class _Contact(BaseModel):
    person_id: str
    name: str
    email: str
    language: Language


class _Erased(BaseModel):
    person_id: str | None
    words: list[str]


class _Confirmed(BaseModel):
    erasure_id: UUID


class _Contacts(BaseModel):
    contacts: list[_Contact]


AnswerT = TypeVar("AnswerT", bound=BaseModel)


class PeopleClient:
    """The ports `Recipients`, `Contacts` and `ErasedPersons`."""

    def __init__(self, client: ServiceClient) -> None:
        self._client = client

    async def of_unit(self, unit_id: str) -> list[str]:
        return await self._audience("unit", unit_id=unit_id)

    async def managers_of(self, unit_id: str) -> list[str]:
        return await self._audience("unit_managers", unit_id=unit_id)

    async def new_managers_of(self, unit_id: str) -> list[str]:
        return await self._audience("new_managers", unit_id=unit_id)

    async def managers(self) -> list[str]:
        return await self._audience("managers")

    async def of_delegation(self, delegation_id: UUID) -> list[str]:
        return await self._audience("delegation", delegation_id=str(delegation_id))

    async def administrators(self) -> list[str]:
        return await self._audience("administrators")

    async def of(self, recipient_ids: Collection[str]) -> dict[str, Contact]:
        wanted, found = sorted(recipient_ids), list[_Contact]()
        for first in range(0, len(wanted), _AT_ONCE):
            part = {"person_ids": wanted[first : first + _AT_ONCE]}
            answer = await _understood(_Contacts, self._client.read("/contacts", part))
            found += answer.contacts
        return {one.person_id: Contact(one.name, one.email, one.language) for one in found}

    async def erased(self, erasure_id: UUID) -> Erased | None:
        asking = self._client.get(f"/erasures/{erasure_id}/person")
        answer = await _understood(_Erased, asking)
        return None if answer.person_id is None else Erased(answer.person_id, answer.words)

    async def confirm(self, erasure_id: UUID, rows: Mapping[str, int]) -> None:
        body = {"service": "notification", "rows": dict(rows)}
        path = f"/erasures/{erasure_id}/confirmations"
        # A key of its own: after a restore it may be other rows, and the first counts.
        await _understood(_Confirmed, self._client.post(path, body, str(uuid4())))

    async def _audience(self, audience: str, **whose: str) -> list[str]:
        asking = self._client.get("/recipients", audience=audience, **whose)
        return (await _understood(_Recipients, asking)).person_ids

    async def close(self) -> None:
        await self._client.close()


async def _understood(form: type[AnswerT], asking: Awaitable[dict[str, Any]]) -> AnswerT:
    """Raises ErasureUnknown, or PeopleUnavailable: any other refusal is a fault of ours that a
    correction will mend."""
    try:
        async with asyncio.timeout(_DEADLINE_SECONDS):
            return form.model_validate(await asking)
    except Refused as error:
        if error.code == _ERASURE_UNKNOWN:
            raise ErasureUnknown(str(error)) from error
        raise PeopleUnavailable(str(error)) from error
    except Unavailable as error:
        raise PeopleUnavailable(str(error)) from error
    except (TimeoutError, ValueError) as error:  # Not its text, which has names and addresses.
        raise PeopleUnavailable(f"no usable answer: {type(error).__name__}") from None
