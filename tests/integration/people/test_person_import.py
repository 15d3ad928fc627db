"""Leavers, odd files, and what is announced, over HTTP and in PostgreSQL."""

import json

import asyncpg
import httpx
import pytest

from integration.people.service import HEADER, Service, person_row

ALL = [person_row(number) for number in range(1, 11)]


async def events(service: Service) -> list[dict[str, str]]:
    """What was published of units that people joined, in order."""
    connection = await asyncpg.connect(service.settings.db.dsn.get_secret_value())
    try:
        query = "select payload from outbox where topic = 'people.unit' order by id"
        found = [json.loads(bytes(row["payload"])) for row in await connection.fetch(query)]
        return [one for one in found if "manager" not in one]
    finally:
        await connection.close()


async def send(service: Service, content: str) -> httpx.Response:
    headers = {"content-type": "text/csv"}
    return await service.ask("POST", "/persons/import", content=content, headers=headers)


async def test_leavers_end_in_bulk_after_asking_twice_and_nobody_is_deleted(
    service: Service,
) -> None:
    await service.import_people(*ALL)
    kept = ALL[2:]
    refused = await service.import_people(*kept, complete=True)
    assert (refused.status_code, refused.json()["code"]) == (409, "import-ends-many")
    assert "2 of 10" in refused.json()["detail"]
    preview = (await service.import_people(*kept, complete=True, dry_run=True)).json()
    assert (preview["numbers"]["ended"], preview["numbers"]["holding"]) == (2, 10)
    ended = preview["ended"][0]
    assert (ended["person_id"], ended["fields"]) == ("p-0001", ["assignments"])
    assert ended["before"]["assignments"][0]["valid_to"] is None
    assert ended["after"]["assignments"][0]["valid_to"] is not None
    query = {"complete": True, "confirm": preview["confirm"]}
    other = await service.import_people(*kept[1:], **query)
    assert (other.status_code, other.json()["code"]) == (409, "import-ends-many")
    done = await service.import_people(*kept, **query)
    assert done.status_code == 200, done.text
    assert (await service.ask("GET", "/persons")).json()["total"] == 10
    found = await service.ask(
        "GET", "/recipients", as_="service", params={"audience": "unit", "unit_id": "rehab"}
    )
    assert found.json()["person_ids"] == [f"p-{number:04}" for number in range(3, 11)]
    back = (await service.import_people(ALL[0])).json()
    assert [one["person_id"] for one in back["returned"]] == ["p-0001"]
    assert len(back["returned"][0]["after"]["assignments"]) == 2


async def test_a_unit_is_told_of_joiners_by_nothing_but_its_id(service: Service) -> None:
    await service.import_people(*ALL, dry_run=True)
    assert await events(service) == []
    await service.import_people(*ALL, person_row(11, "manager", "heart"))
    assert await events(service) == [{"unit_id": "heart"}, {"unit_id": "rehab"}]
    await service.import_people(*ALL)
    await service.import_people(person_row(1, language="en"))
    assert len(await events(service)) == 2
    await service.import_people(person_row(1, "employee", "lab"))
    assert (await events(service))[2:] == [{"unit_id": "lab"}]


@pytest.mark.parametrize(
    ("content", "pointers"),
    [
        (f"{HEADER},person_id\n{ALL[0]},x", {"/rows/1/person_id"}),
        (HEADER, {"/rows/1"}),
        ("\n".join([HEADER, *("" for _ in range(100_000)), ALL[0]]), {"/rows/100001"}),
        (f"{HEADER}\n{ALL[0]}\n{ALL[0]}", {"/rows/3/person_id"}),
    ],
    ids=["a heading twice", "no rows", "100,001 rows", "a row twice"],
)
async def test_an_odd_file_is_refused_where_it_is_odd(
    service: Service, content: str, pointers: set[str]
) -> None:
    answer = await send(service, content)
    assert (answer.status_code, answer.json()["code"]) == (422, "import-invalid")
    assert {error["pointer"] for error in answer.json()["errors"]} == pointers


async def test_an_odd_file_that_can_be_read_is_read(service: Service) -> None:
    row = ALL[0].replace("Exempelperson 0001", "Exempel\u00a0person\u00a0 0001").replace(",", ";")
    header = HEADER.replace(",", ";")
    assert (await send(service, f"sep=;\n{header};;\n{row};;\n;;;;;;;")).status_code == 200
    (found,) = (await service.ask("GET", "/persons")).json()["items"]
    assert found["name"] == "Exempel person 0001"


async def test_ids_that_differ_in_case_are_two_persons_and_a_warning(service: Service) -> None:
    answer = (await service.import_people(ALL[0], ALL[0].replace("p-0001", "P-0001"))).json()
    assert answer["added"] == ["p-0001", "P-0001"]
    assert "ids-differ-in-case" in [warning["kind"] for warning in answer["warnings"]]
