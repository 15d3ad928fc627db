"""Recipients and contacts, asked of the people service over HTTP."""

import asyncio
from collections.abc import Awaitable, Collection
from typing import Any, TypeVar

from pydantic import BaseModel

from notification_service.application.ports import PeopleUnavailable
from notification_service.domain.contact import Contact, Language
from servicekit.service_client import Refused, ServiceClient, Unavailable

_AT_ONCE = 1_000
_DEADLINE_SECONDS = 5  # with the token; the messages are claimed meanwhile


class _Recipients(BaseModel):
    person_ids: list[str]


class _Contact(BaseModel):
    person_id: str
    name: str
    email: str
    language: Language


class _Contacts(BaseModel):
    contacts: list[_Contact]


AnswerT = TypeVar("AnswerT", bound=BaseModel)


class PeopleClient:
    """The ports `Recipients` and `Contacts`."""

    def __init__(self, client: ServiceClient) -> None:
        self._client = client

    async def of_unit(self, unit_id: str) -> list[str]:
        return await self._audience("unit", unit_id=unit_id)

    async def managers_of(self, unit_id: str) -> list[str]:
        return await self._audience("unit_managers", unit_id=unit_id)

    async def managers(self) -> list[str]:
        return await self._audience("managers")

    async def administrators(self) -> list[str]:
        return await self._audience("administrators")

    async def of(self, recipient_ids: Collection[str]) -> dict[str, Contact]:
        wanted, found = sorted(recipient_ids), list[_Contact]()
        for first in range(0, len(wanted), _AT_ONCE):
            part = {"person_ids": wanted[first : first + _AT_ONCE]}
            answer = await _understood(_Contacts, self._client.read("/contacts", part))
            found += answer.contacts
        return {one.person_id: Contact(one.name, one.email, one.language) for one in found}

    async def _audience(self, audience: str, **unit: str) -> list[str]:
        asking = self._client.get("/recipients", audience=audience, **unit)
        return (await _understood(_Recipients, asking)).person_ids

    async def close(self) -> None:
        await self._client.close()


async def _understood(form: type[AnswerT], asking: Awaitable[dict[str, Any]]) -> AnswerT:
    """Raises PeopleUnavailable; a refusal is a fault of ours that a correction will mend."""
    try:
        async with asyncio.timeout(_DEADLINE_SECONDS):
            return form.model_validate(await asking)
    except (Unavailable, Refused) as error:
        raise PeopleUnavailable(str(error)) from error
    except (TimeoutError, ValueError) as error:  # Not its text, which has names and addresses.
        raise PeopleUnavailable(f"no usable answer: {type(error).__name__}") from None
