"""Recipients and contacts, asked of the people service over HTTP."""

import asyncio
from collections.abc import Awaitable, Collection, Iterator, Mapping
from typing import Any, TypeVar
from uuid import UUID, uuid4

from pydantic import BaseModel

from notification_service.application.ports import Erased, ErasureUnknown, PeopleUnavailable
from notification_service.application.round_ports import Addressee
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


class _Addressee(_Contact):
    subjects: list[str]


class _Addressees(BaseModel):
    contacts: list[_Addressee]


class _Erased(BaseModel):
    person_id: str | None
    words: list[str]


class _Confirmed(BaseModel):
    erasure_id: UUID


class _Contacts(BaseModel):
    contacts: list[_Contact]


AnswerT = TypeVar("AnswerT", bound=BaseModel)


class PeopleClient:
    """The ports `Recipients`, `Contacts`, `Addressees` and `ErasedPersons`."""

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
        found = list[_Contact]()
        for part in _parts(recipient_ids):
            asking = self._client.read("/contacts", {"person_ids": part})
            found += (await _understood(_Contacts, asking)).contacts
        return {one.person_id: _contact(one) for one in found}

    async def addressees(self, recipient_ids: Collection[str]) -> dict[str, Addressee]:
        found = list[_Addressee]()
        for part in _parts(recipient_ids):
            asking = self._client.read("/contacts", {"person_ids": part, "with_subjects": True})
            found += (await _understood(_Addressees, asking)).contacts
        return {one.person_id: Addressee(_contact(one), one.subjects) for one in found}

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


def _parts(recipient_ids: Collection[str]) -> Iterator[list[str]]:
    """As many as people takes at once."""
    wanted = sorted(recipient_ids)
    for first in range(0, len(wanted), _AT_ONCE):
        yield wanted[first : first + _AT_ONCE]


def _contact(one: _Contact) -> Contact:
    return Contact(one.name, one.email, one.language)


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
