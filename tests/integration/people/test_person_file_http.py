"""The person file as an HR system writes it and as Excel reads it: mappings, and the export."""

import csv
import io
import logging
from datetime import date
from typing import Any

import httpx
import pytest

from integration.people.service import Service, person_row
from people_service.domain.person import Assignment, Person

MAPPING: dict[str, Any] = {
    "columns": {
        "person_id": "HSA-id",
        "name": "Namn",
        "email": "E-post",
        "role": "Befattning",
        "unit_id": "Enhet",
    },
    "values": {"role": {"Chef": "manager", "Medarbetare": "employee"}},
    "ids": "lower_case",
    "defaults": {"language": "sv"},
}
FILE = (
    "Enhet;HSA-id;Namn;E-post;Befattning;Telefon\n"
    "SE2321000131-E000000008388;SE2321000131-P1;Exempelperson 0001;p1@example.se;CHEF;1\n"
    "SE2321000131-E000000008388;SE2321000131-P2;Exempelperson 0002;p2@example.se;medarbetare;2\n"
)


async def send(service: Service, content: str | bytes, **query: Any) -> httpx.Response:
    return await service.ask(
        "POST",
        "/persons/import",
        content=content.encode() if isinstance(content, str) else content,
        headers={"content-type": "text/csv"},
        params=query,
    )


async def exported(service: Service, as_: str = "administrator") -> httpx.Response:
    return await service.ask("GET", "/persons", as_=as_, headers={"accept": "text/csv"})


async def test_an_hr_file_is_previewed_and_imported_by_its_mapping(service: Service) -> None:
    saved = await service.ask("PUT", "/import-mappings/hr", json=MAPPING)
    assert saved.status_code == 200, saved.text
    preview = await send(service, FILE, source="hr", dry_run=True)
    assert preview.status_code == 200, preview.text
    assert preview.json()["added"] == ["se2321000131-p1", "se2321000131-p2"]
    assert preview.json()["ignored_columns"] == ["Telefon"]
    assert (await service.ask("GET", "/persons")).json()["total"] == 0
    assert (await send(service, FILE, source="hr")).status_code == 200
    first, _ = (await service.ask("GET", "/persons")).json()["items"]
    assert first == {
        "person_id": "se2321000131-p1",
        "name": "Exempelperson 0001",
        "email": "p1@example.se",
        "language": "sv",
        "assignments": [
            {
                "role": "manager",
                "unit_id": "se2321000131-e000000008388",
                "valid_from": None,
                "valid_to": None,
            }
        ],
    }


async def test_faults_name_line_our_column_and_the_files_heading(service: Service) -> None:
    await service.ask("PUT", "/import-mappings/hr", json=MAPPING)
    wrong = FILE.replace("CHEF", "Enhetschef").replace("P2;", "p1;")
    answer = await send(service, wrong, source="hr")
    assert (answer.status_code, answer.json()["code"]) == (422, "import-invalid")
    found = {error["pointer"]: error["detail"] for error in answer.json()["errors"]}
    assert set(found) == {
        "/rows/2/role",
        "/rows/3/person_id",
        "/rows/3/name",
        "/rows/3/email",
    }
    assert found["/rows/2/role"].endswith(" In the file, the column is 'Befattning'.")
    assert "on line 2 become the same id" in found["/rows/3/person_id"]
    unknown = await send(service, FILE, source="agresso")
    assert (unknown.status_code, unknown.json()["code"]) == (422, "import-mapping-unknown")
    assert unknown.json()["detail"].endswith("There are: hr.")


async def test_a_mapping_to_a_role_that_there_is_not_is_refused(service: Service) -> None:
    bad = {"values": {"role": {"Chef": "boss"}}, "defaults": {"language": "no"}}
    answer = await service.ask("PUT", "/import-mappings/hr", json=bad)
    assert [error["pointer"] for error in answer.json()["errors"]] == [
        "/body/values/role/Chef",
        "/body/defaults/language",
    ]
    assert answer.status_code == 422


async def test_exported_persons_are_imported_again_unchanged(service: Service) -> None:
    await service.import_people(
        person_row(1), person_row(1, "manager", "heart"), person_row(2, "administrator", "")
    )
    odd = Person(
        person_id="p-0003",
        name='=HYPERLINK("https://example.se";"Exempel")',
        email="+odd@example.se",
        language="en",
        assignments=frozenset(
            {Assignment("employee", "rehab", date(2026, 3, 1), date(2026, 5, 31))}
        ),
    )
    async with service.app.uow() as uow:
        await uow.persons.save([odd])
    answer = await exported(service)
    assert answer.headers["content-type"] == "text/csv; charset=utf-8"
    assert answer.headers["content-disposition"] == 'attachment; filename="persons.csv"'
    assert answer.headers["cache-control"] == "no-store"
    text = answer.content.decode("utf-8-sig")
    rows = list(csv.reader(io.StringIO(text, newline=""), delimiter=";"))
    assert [(row[0], *row[3:]) for row in rows] == [
        ("person_id", "language", "role", "unit_id", "valid_from", "valid_to"),
        ("p-0001", "sv", "employee", "rehab", "", ""),
        ("p-0001", "sv", "manager", "heart", "", ""),
        ("p-0002", "sv", "administrator", "", "", ""),
        ("p-0003", "en", "employee", "rehab", "2026-03-01", "2026-05-31"),
    ]
    assert rows[-1][1:3] == [f"'{odd.name}", f"'{odd.email}"]
    again = await send(service, answer.content)
    assert again.status_code == 200, again.text
    assert (again.json()["unchanged"], again.json()["changed"]) == (3, [])
    assert (again.json()["added"], again.json()["absent"]) == ([], [])


async def test_persons_are_exported_for_whoever_may_list_them_and_it_is_logged(
    service: Service, caplog: pytest.LogCaptureFixture
) -> None:
    for persona in ("auditor", "subscriber", "manager", "employee"):
        answer = await exported(service, persona)
        assert (answer.status_code, answer.json()["code"]) == (403, "role-missing"), persona
    with caplog.at_level(logging.INFO):
        await exported(service)
    assert "persons, all as CSV, listed by" in caplog.text
