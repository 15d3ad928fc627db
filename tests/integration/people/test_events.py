"""What is published about units reaches the open problems, and what is published of managers."""

import asyncio
import json
from pathlib import Path
from uuid import uuid4

from sqlalchemy import text

from contracts.workflow import UnitChanged, UnitRegistered
from devstack import Stack
from integration.people.service import Service, consuming, people_settings, person_row
from integration.people.test_http import audience
from support.eventually import eventually
from support.publishing import publish

UNIT = f"unit-{uuid4().hex[:8]}"
MANAGER, FIRST = f"{UNIT}-chef", f"{UNIT}-first"


def registered(unit: str, version: int = 1) -> UnitRegistered:
    return UnitRegistered(
        unit_id=unit, parent_id=None, name="Rehab", kind="unit", headcount=9, version=version
    )


def person(person_id: str, role: str, unit: str = UNIT) -> str:
    return person_row(1, role, unit).replace("p-0001", person_id)


async def test_units_are_followed(
    servers: Stack, kafka: str, service: Service, tmp_path: Path
) -> None:
    await service.import_people(
        person(FIRST, "manager"), person(MANAGER, "employee", f"{UNIT}-late"), person_row(1)
    )
    changed = UnitChanged(**registered(f"{UNIT}-late", 2).model_dump())

    async def unknown_units() -> set[str]:
        problems = (await service.ask("GET", "/open-problems", params={"limit": 200})).json()
        return {item["unit_id"] for item in problems["items"] if item["kind"] == "unit-unknown"}

    assert await unknown_units() == {UNIT, f"{UNIT}-late", "rehab"}
    async with consuming(people_settings(servers, service.settings.db, tmp_path)):
        await publish(kafka, changed, registered(UNIT, 4))

        async def all_known() -> bool:
            return not {UNIT, f"{UNIT}-late"} & await unknown_units()

        await eventually(all_known, within=60)


async def test_others_hear_that_a_unit_has_a_manager_and_never_who(service: Service) -> None:
    """By import, deletion and the passing of a day; of several processes, once."""
    await service.import_people(person(FIRST, "manager"))
    await service.import_people(person(FIRST, "employee"), person(MANAGER, "manager"))
    assert await audience(service, audience="new_managers", unit_id=UNIT) == [MANAGER]
    today = "update assignments set valid_to = current_date - 2 where role = 'manager'"
    async with service.app.uow() as uow:
        await uow.connection.execute(text(today))
    await asyncio.gather(*(service.app._announce_managers() for _ in range(3)))
    await service.import_people(person(MANAGER, "manager"))
    await service.ask("DELETE", f"/persons/{MANAGER}")
    async with service.app.uow() as uow:
        rows = await uow.connection.execute(text("select payload, headers from outbox order by id"))
        payloads = [json.loads(row.payload) for row in rows]
    assert [(one["manager"], one["version"]) for one in payloads if "manager" in one] == [
        *(("appointed", 1), ("changed", 2), ("vacant", 3)),
        *(("appointed", 4), ("vacant", 5)),
    ]
    assert all(one.keys() <= {"unit_id", "manager", "version"} for one in payloads)
