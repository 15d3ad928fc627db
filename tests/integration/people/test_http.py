"""The API: who may do what, and what is refused and how."""

from datetime import date, timedelta
from typing import Any

import pytest

from integration.people.service import Service, person_row
from people_service.application.ports import Account
from servicekit.http import MAX_FILE_BYTES

IDENTITY = "00000000-0000-4000-8000-000000000000"
ROUND = "3f2b8c1e-8d0a-4c57-9d0e-5a1f0c6b7e21"
ROUTES = [
    ("POST", "/persons/import", {"administrator"}),
    ("GET", "/persons", {"administrator"}),
    ("POST", "/persons", {"administrator"}),
    ("GET", "/persons/p-0001", {"administrator"}),
    ("PATCH", "/persons/p-0001", {"administrator"}),
    ("POST", "/persons/p-0001/assignments", {"administrator"}),
    ("POST", "/persons/p-0001/assignments/end", {"administrator"}),
    ("DELETE", "/persons/p-0001", {"administrator"}),
    ("GET", "/import-mappings", {"administrator"}),
    ("PUT", "/import-mappings/hr", {"administrator"}),
    ("GET", "/import-mappings/hr", {"administrator"}),
    ("DELETE", "/import-mappings/hr", {"administrator"}),
    ("GET", "/persons/p-0001/identities", {"administrator"}),
    ("POST", f"/persons/p-0001/identities/{IDENTITY}/release", {"administrator"}),
    ("GET", "/identities/without-person", {"administrator"}),
    ("GET", "/identities/refused", {"administrator"}),
    ("GET", "/open-problems", {"administrator", "auditor"}),
    ("GET", "/recipients", {"service"}),
    ("POST", "/contacts", {"service"}),
    ("POST", f"/rounds/{ROUND}/sign-in-codes", {"administrator"}),
]
PERSONAS = ("administrator", "auditor", "subscriber", "service", "manager", "employee")


async def test_each_route_is_open_to_its_roles_and_to_no_other(service: Service) -> None:
    for method, path, roles in ROUTES:
        anonymous = await service.client.request(method, path, headers={"idempotency-key": "x"})
        assert anonymous.status_code == 401, path
        for persona in PERSONAS:
            answer = await service.ask(method, path, as_=persona)
            refused = (answer.status_code, answer.json()["code"]) if answer.is_error else None
            if persona in roles:
                assert refused not in ((403, "role-missing"), (401, "unauthenticated")), path
            else:
                assert refused == (403, "role-missing"), (path, persona)


async def test_a_file_full_of_faults_gets_a_short_response(service: Service) -> None:
    answer = await service.import_people(*(f",,,,,{n}" for n in range(19_999)))
    assert (answer.status_code, answer.json()["code"]) == (422, "import-invalid")
    assert len(answer.content) < 50_000


async def test_import_preview_then_import(service: Service) -> None:
    rows = [person_row(1), person_row(2, "manager"), person_row(3, "administrator", "")]
    preview = await service.import_people(*rows, dry_run=True)
    numbers = {
        **dict.fromkeys(("changed", "moved", "returned", "ended", "unchanged", "absent"), 0),
        "added": 3,
        "holding": 0,
        "unknown_units": 1,
        "warnings": 1,
        "region_roles_given": 1,
        "region_roles_confirmed": 0,
        "region_roles_changed": 0,
        "region_roles_ended": 0,
    }
    expected = {
        "dry_run": True,
        "complete": False,
        "numbers": numbers,
        "region_roles": [{"person_id": "p-0003", "role": "administrator", "kind": "given"}],
        "confirm": None,
        "added": ["p-0001", "p-0002", "p-0003"],
        **{kind: [] for kind in ("changed", "moved", "returned", "ended", "absent")},
        "unknown_units": ["rehab"],
        "ignored_columns": [],
        "warnings": [
            {
                "kind": "unit-unknown",
                "unit_id": "rehab",
                "ids": ["p-0001", "p-0002"],
                "count": 2,
                "explanation": preview.json()["warnings"][0]["explanation"],
            }
        ],
    }
    assert preview.json() == expected
    assert (await service.ask("GET", "/persons")).json()["total"] == 0
    assert (await service.import_people(*rows)).json() == {**expected, "dry_run": False}
    again = await service.import_people(person_row(1, language="en"), rows[2])
    nothing = dict.fromkeys(("name", "email", "phone", "hsa_id", "assignments"))
    assert again.json()["changed"] == [
        {
            "person_id": "p-0001",
            "fields": ["language"],
            "before": {**nothing, "language": "sv"},
            "after": {**nothing, "language": "en"},
        }
    ]
    assert again.json()["absent"] == ["p-0002"]
    listed = (await service.ask("GET", "/persons", params={"limit": 1, "page": 2})).json()
    assert (listed["total"], [one["person_id"] for one in listed["items"]]) == (3, ["p-0002"])
    assert (await service.ask("DELETE", "/persons/p-0002")).status_code == 204
    assert (await service.ask("DELETE", "/persons/p-0002")).json()["code"] == "unknown-person"


async def test_open_problems_are_listed_in_pages(service: Service) -> None:
    await service.import_people(person_row(1), person_row(2, "manager"))
    async with service.app.uow() as uow:
        await uow.units.remember("heart", 1)
    await service.import_people(person_row(2, "manager").replace("p-0002", "P-0002"))
    pages = [
        (await service.ask("GET", "/open-problems", as_="auditor", params={"limit": 1, "page": n}))
        for n in (1, 2)
    ]
    found = [(page.json()["total"], page.json()["items"][0]) for page in pages]
    assert [(total, item["kind"], item["ids"]) for total, item in found] == [
        (2, "ids-differ-in-case", ["P-0002", "p-0002"]),
        (2, "unit-unknown", ["P-0002", "p-0001", "p-0002"]),
    ]
    again = await service.import_people(person_row(1))
    assert again.json()["warnings"] == [item for _, item in found]


async def test_a_faulty_import_reports_everything_and_writes_nothing(service: Service) -> None:
    answer = await service.import_people(person_row(1), "p-2,,nomail,xx,boss,Unit", person_row(1))
    assert answer.status_code == 422
    assert answer.headers["content-type"] == "application/problem+json"
    problem = answer.json()
    assert problem["code"] == "import-invalid"
    assert {error["pointer"] for error in problem["errors"]} == {
        "/rows/3/name",
        "/rows/3/email",
        "/rows/3/language",
        "/rows/3/role",
        "/rows/4/person_id",
    }
    assert (await service.ask("GET", "/persons")).json()["total"] == 0


@pytest.mark.parametrize(
    ("headers", "content", "status", "code"),
    [
        ({"content-type": "application/json"}, b"{}", 415, "unsupported-media-type"),
        ({"content-type": "text/csv"}, b"\xff\xfe", 422, "import-invalid"),
        ({"content-type": "text/csv"}, b"x" * (MAX_FILE_BYTES + 1), 413, "body-too-large"),
    ],
)
async def test_bodies_that_are_no_file(
    service: Service, headers: dict[str, str], content: bytes, status: int, code: str
) -> None:
    answer = await service.ask("POST", "/persons/import", headers=headers, content=content)
    assert (answer.status_code, answer.json()["code"]) == (status, code)


async def test_a_file_may_say_from_and_until_when(service: Service) -> None:
    today = date.today()  # noqa: DTZ011 - a day more or less does not matter
    first, last = today - timedelta(days=40), today + timedelta(days=40)
    columns = "person_id,name,email,language,role,unit_id,valid_from,valid_to"
    rows = [
        f"{person_row(1, 'deputy')},{first},{last}",
        f"{person_row(2)},,{first}",
        f"{person_row(3)},{last},",
    ]
    answer = await service.ask(
        "POST",
        "/persons/import",
        content="\n".join([columns, *rows]),
        headers={"content-type": "text/csv"},
    )
    assert answer.json()["added"] == ["p-0001", "p-0002", "p-0003"]
    listed = (await service.ask("GET", "/persons")).json()["items"]
    assert [one["assignments"][0]["valid_to"] for one in listed] == [str(last), str(first), None]
    assert await audience(service, audience="unit", unit_id="rehab") == ["p-0001"]


async def audience(service: Service, **query: str) -> list[str]:
    answer = await service.ask("GET", "/recipients", as_="service", params=query)
    assert answer.status_code == 200, answer.text
    found: list[str] = answer.json()["person_ids"]
    return found


async def test_services_ask_whom_something_is_for_and_how_to_reach_them(service: Service) -> None:
    await service.import_people(
        person_row(1, language="en"), person_row(2, "manager"), person_row(3, "administrator", "")
    )
    assert await audience(service, audience="unit", unit_id="rehab") == ["p-0001", "p-0002"]
    assert await audience(service, audience="unit_managers", unit_id="rehab") == ["p-0002"]
    assert await audience(service, audience="new_managers", unit_id="rehab") == ["p-0002"]
    assert await audience(service, audience="managers") == ["p-0002"]
    assert await audience(service, audience="administrators") == ["p-0003"]
    asked = {"person_ids": ["p-0001", "nobody", "p-0003"]}
    answer = await service.ask("POST", "/contacts", as_="service", json=asked)
    assert [one["person_id"] for one in answer.json()["contacts"]] == ["p-0001", "p-0003"]
    assert answer.json()["contacts"][0] == {
        "person_id": "p-0001",
        "name": "Exempelperson 0001",
        "email": "person0001@example.se",
        "language": "en",
        "subjects": [],
    }


async def test_subjects_of_tokens_are_read_when_asked_for_and_made_for_nobody(
    service: Service,
) -> None:
    await service.import_people(person_row(1), person_row(2))
    async with service.app.uow() as uow:
        account = await uow.accounts.keep("https://idp", "one", "p-0001", date.min)
    assert isinstance(account, Account)
    for _ in range(2):
        asked = {"person_ids": ["p-0001", "p-0002"], "with_subjects": True}
        answer = await service.ask("POST", "/contacts", as_="service", json=asked)
        found = {one["person_id"]: one["subjects"] for one in answer.json()["contacts"]}
        assert found == {"p-0001": [str(account.account_id)], "p-0002": []}


@pytest.mark.parametrize(
    ("query", "code"),
    [
        ({"audience": "unit"}, "unit-missing"),
        ({"audience": "unit_managers"}, "unit-missing"),
        ({"audience": "new_managers"}, "unit-missing"),
        ({"audience": "delegation"}, "delegation-missing"),
        ({"audience": "delegation", "delegation_id": "1"}, "invalid-request"),
        ({"audience": "everybody"}, "invalid-request"),
        ({"audience": "unit", "unit_id": "No Unit"}, "invalid-request"),
        ({}, "invalid-request"),
    ],
)
async def test_an_audience_that_is_none_is_refused(
    service: Service, query: dict[str, str], code: str
) -> None:
    answer = await service.ask("GET", "/recipients", as_="service", params=query)
    assert (answer.status_code, answer.json()["code"]) == (422, code)


@pytest.mark.parametrize(
    "asked", [["p-1"] * 1_001, ["no id"], ["a\x00b"], [7], "p-1"], ids=lambda asked: str(asked)[:9]
)
async def test_contacts_of_what_is_no_id_are_refused(service: Service, asked: Any) -> None:
    body = {"person_ids": asked}
    answer = await service.ask("POST", "/contacts", as_="service", json=body)
    assert (answer.status_code, answer.json()["code"]) == (422, "invalid-request")
