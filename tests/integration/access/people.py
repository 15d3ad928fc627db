"""The people service: a sample person of the unit."""

from datetime import UTC, date, datetime, timedelta
from typing import Any
from uuid import uuid4

from integration.access.expectations import OWN, TREE, Ask, Asks
from integration.access.service import Service
from people_service.application.code_ports import Round, UnitPlace
from people_service.application.delegating import delegate
from people_service.application.erasing import ErasePerson, erase_person
from people_service.domain.person import Person
from people_service.entrypoints.http.delegation_schemas import DelegateBody

_FILE = (
    "person_id,name,email,language,role,unit_id\n"
    f"p-0001,Exempelperson 0001,person0001@example.se,sv,employee,{OWN}\n"
    f"p-0002,Exempelperson 0002,person0002@example.se,sv,manager,{OWN}\n"
    f"p-0003,Exempelperson 0003,,sv,employee,{OWN}\n"
)
_DELEGATION: dict[str, Any] = {
    "unit_id": OWN,
    "delegate": "p-0001",
    "valid_to": str(date.today() + timedelta(days=9)),  # noqa: DTZ011 - any day that is to come
    "reason": "Leave",
}
_ON_PAPER = {**_DELEGATION, "principal_id": "p-0002"}
_NOBODYS = "00000000-0000-4000-8000-000000000000"
_ADDED = {"person_id": "p-0004", "name": "Exempelperson 0004", "reason": "Hired"}
_CHANGED = {"phone": "070-174 06 05", "reason": "New phone"}
_MAPPING = {"columns": {"name": "Namn"}}


async def prepare(service: Service) -> Asks:
    await service.done("POST", "/v1/persons/import", "administrator", csv=_FILE)
    now = datetime.now(UTC)
    round_ = Round(uuid4(), OWN, now + timedelta(days=1), True, now)
    async with service.app.uow() as uow:
        manager = str(await uow.accounts.of_person("p-0002"))
        made = await delegate(DelegateBody(**_DELEGATION).command(), manager, uow)
        for unit_id, parent_id in TREE.items():
            await uow.unit_tree.place(UnitPlace(unit_id, parent_id, unit_id, 1))
            await uow.units.remember(unit_id, 1)
        await uow.rounds.remember(round_)
    assignments = "/v1/persons/p-0001/assignments"
    by_hand = {"role": "facilitator", "unit_id": OWN, "reason": "Appointed"}
    await service.done("POST", assignments, "administrator", json=by_hand)
    end = f"/v1/delegations/{made.delegation_id}/end"
    mapping = "/v1/import-mappings/hr"
    await service.done("PUT", mapping, "administrator", json=_MAPPING)
    async with service.app.uow() as uow:
        erased = Person("p-0009", "Exempelperson 0009", "", "sv", frozenset())
        await uow.persons.save([erased], "hand")
        asked = await erase_person(ErasePerson("p-0009", manager, "Asked for it"), uow)
    erasure = f"/v1/erasures/{asked.erasure_id}"
    its = {str(asked.erasure_id): "erasures.read"}
    return {
        "POST /v1/persons/import": (
            Ask("/v1/persons/import", csv=_FILE),
            Ask("/v1/persons/import?dry_run=true", csv=_FILE),
        ),
        "GET /v1/persons/import/progress": Ask(
            "/v1/persons/import/progress?key=nobodys", refused_as="import-unknown"
        ),
        "GET /v1/persons": Ask("/v1/persons", shows={"p-0001": "persons.read"}),
        "POST /v1/persons": Ask("/v1/persons", _ADDED),
        "GET /v1/persons/{person_id}": Ask(
            "/v1/persons/p-0001", shows={"Exempelperson 0001": "persons.read"}
        ),
        "PATCH /v1/persons/{person_id}": Ask("/v1/persons/p-0001", _CHANGED),
        "DELETE /v1/persons/{person_id}": Ask("/v1/persons/p-0001"),
        "POST /v1/persons/{person_id}/assignments": Ask(
            assignments, {**by_hand, "role": "manager"}
        ),
        "POST /v1/persons/{person_id}/assignments/end": Ask(f"{assignments}/end", by_hand),
        "GET /v1/persons/{person_id}/identities": Ask("/v1/persons/p-0001/identities"),
        "POST /v1/persons/{person_id}/identities/{identity_id}/release": Ask(
            f"/v1/persons/p-0001/identities/{_NOBODYS}/release",
            {"reason": "Mistaken"},
            refused_as="caller-unknown",
        ),
        "POST /v1/persons/{person_id}/identities/{identity_id}/join": Ask(
            f"/v1/persons/p-0001/identities/{_NOBODYS}/join",
            {"reason": "Shown in person"},
            refused_as="caller-unknown",
        ),
        "POST /v1/persons/{person_id}/erase": Ask(
            "/v1/persons/p-0001/erase", {"reason": "Asked for it"}, refused_as="caller-unknown"
        ),
        "GET /v1/erasures": Ask("/v1/erasures", shows=its),
        "GET /v1/erasures/{erasure_id}": Ask(erasure),
        "GET /v1/erasures/{erasure_id}/person": Ask(
            f"{erasure}/person", shows={"p-0009": "erasures.confirm"}
        ),
        "POST /v1/erasures/{erasure_id}/confirmations": Ask(
            f"{erasure}/confirmations",
            {"service": "notification", "rows": {}},
            refused_as="other-service",
        ),
        "GET /v1/identities/refused": Ask("/v1/identities/refused"),
        "GET /v1/identities/without-person": Ask("/v1/identities/without-person"),
        "GET /v1/open-problems": Ask("/v1/open-problems"),
        "GET /v1/recipients": (
            Ask("/v1/recipients?audience=managers"),
            Ask(f"/v1/recipients?audience=unit&unit_id={OWN}", shows={"p-0001": "contacts.ask"}),
        ),
        "POST /v1/contacts": Ask(
            "/v1/contacts", {"person_ids": ["p-0001"]}, shows={"p-0001": "contacts.ask"}
        ),
        # Beyond the role these depend on the person; whoever asks here is none.
        "POST /v1/delegations": Ask("/v1/delegations", _DELEGATION, refused_as="caller-unknown"),
        "GET /v1/delegations": Ask("/v1/delegations", refused_as="caller-unknown"),
        "POST /v1/delegations/on-paper": Ask(
            "/v1/delegations/on-paper", _ON_PAPER, refused_as="caller-unknown"
        ),
        "POST /v1/delegations/{delegation_id}/end": Ask(
            end, {"reason": "Back"}, refused_as="delegation-unknown"
        ),
        "POST /v1/rounds/{round_id}/sign-in-codes": Ask(
            f"/v1/rounds/{round_.round_id}/sign-in-codes", {"form": "slips", "count": 1}
        ),
        **mappings(mapping),
    }


def mappings(mapping: str) -> Asks:
    """The routes of saved import mappings, which several services have."""
    return {
        "GET /v1/import-mappings": Ask("/v1/import-mappings"),
        "GET /v1/import-mappings/{source}": Ask(mapping),
        "PUT /v1/import-mappings/{source}": Ask(mapping, _MAPPING),
        "DELETE /v1/import-mappings/{source}": Ask(mapping),
    }
