"""What the workflow service publishes about units reaches the audiences and the open problems."""

from pathlib import Path
from uuid import uuid4

from contracts.workflow import UnitChanged, UnitManagerAssigned, UnitRegistered
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


async def test_units_and_their_managers_are_followed(
    servers: Stack, kafka: str, service: Service, tmp_path: Path
) -> None:
    await service.import_people(
        person(FIRST, "manager"), person(MANAGER, "employee", f"{UNIT}-late"), person_row(1)
    )
    # Those of one unit are taken in this order: whoever knows the last has seen the others.
    changed = UnitChanged(**registered(f"{UNIT}-late", 2).model_dump())
    newest = UnitManagerAssigned(unit_id=UNIT, manager_id=MANAGER, version=3)
    late = UnitManagerAssigned(unit_id=UNIT, manager_id=FIRST, version=2)

    async def unknown_units() -> set[str]:
        problems = (await service.ask("GET", "/open-problems", params={"limit": 200})).json()
        return {item["unit_id"] for item in problems["items"] if item["kind"] == "unit-unknown"}

    assert await unknown_units() == {UNIT, f"{UNIT}-late", "rehab"}
    assert await audience(service, audience="unit_managers", unit_id=UNIT) == [FIRST]
    async with consuming(people_settings(servers, service.settings.db, tmp_path)):
        await publish(kafka, newest, late, changed, registered(UNIT, 4))

        async def all_known() -> bool:
            return not {UNIT, f"{UNIT}-late"} & await unknown_units()

        await eventually(all_known, within=60)
    assert await audience(service, audience="unit_managers", unit_id=UNIT) == [MANAGER]
    assert await audience(service, audience="unit", unit_id=UNIT) == [MANAGER]
