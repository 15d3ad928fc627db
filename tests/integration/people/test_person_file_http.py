"""The person file as an HR system writes it and as Excel reads it: mappings, and the export."""

import csv
import io
from datetime import date
from typing import Any

import httpx

from integration.people.service import Service, person_row
from people_service.domain.person import Assignment, Person
from servicekit.http import MAX_BODY_BYTES, MAX_FILE_BYTES
from servicekit.settings import Database
from servicekit.workbook_file import MEDIA_TYPE
from support.audit import Trail
from unit.servicekit.workbooks import workbook

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
        "phone": "",
        "hsa_id": "",
        "assignments": [
            {
                "role": "manager",
                "unit_id": "se2321000131-e000000008388",
                "valid_from": None,
                "valid_to": None,
                "source": "import",
                "counts": True,
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
        phone="+46701740605",
        hsa_id="SE2321000016-1ABC",
    )
    async with service.app.uow() as uow:
        await uow.persons.save([odd], "import")
    answer = await exported(service)
    assert answer.headers["content-type"] == "text/csv; charset=utf-8"
    assert answer.headers["content-disposition"] == 'attachment; filename="persons.csv"'
    assert answer.headers["cache-control"] == "no-store"
    text = answer.content.decode("utf-8-sig")
    rows = list(csv.reader(io.StringIO(text, newline=""), delimiter=";"))
    assert [(row[0], *row[3:8]) for row in rows] == [
        ("person_id", "language", "role", "unit_id", "valid_from", "valid_to"),
        ("p-0001", "sv", "employee", "rehab", "", ""),
        ("p-0001", "sv", "manager", "heart", "", ""),
        ("p-0002", "sv", "administrator", "", "", ""),
        ("p-0003", "en", "employee", "rehab", "2026-03-01", "2026-05-31"),
    ]
    assert rows[-1][1:3] == [f"'{odd.name}", f"'{odd.email}"]
    assert [row[8:] for row in rows[::4]] == [
        ["phone", "hsa_id"],
        ["'+46701740605", "SE2321000016-1ABC"],
    ]
    again = await send(service, answer.content)
    assert again.status_code == 200, again.text
    assert (again.json()["numbers"]["unchanged"], again.json()["changed"]) == (3, [])
    assert (again.json()["added"], again.json()["absent"]) == ([], [])


async def test_a_workbook_is_imported_as_the_csv_file_of_it(service: Service) -> None:
    await service.ask("PUT", "/import-mappings/hr", json=MAPPING)
    rows = [line.split(";") for line in FILE.splitlines()]
    sent: dict[str, Any] = {"headers": {"content-type": MEDIA_TYPE}, "params": {"source": "hr"}}
    content = workbook(*rows)
    answer = await service.ask("POST", "/persons/import", content=content, **sent)
    assert answer.status_code == 200, answer.text
    assert answer.json()["added"] == ["se2321000131-p1", "se2321000131-p2"]
    again = await send(service, FILE, source="hr")
    assert again.json()["numbers"]["unchanged"] == 2
    wrong = workbook(rows[0], [*rows[1][:1], 4711, *rows[1][2:]])
    answer = await service.ask("POST", "/persons/import", content=wrong, **sent)
    assert (answer.status_code, answer.json()["code"]) == (422, "import-invalid")
    assert "/rows/2/person_id" in [error["pointer"] for error in answer.json()["errors"]]
    sheet = {**sent, "params": {"source": "hr", "sheet": "Blad2"}}
    answer = await service.ask("POST", "/persons/import", content=content, **sheet)
    assert "Sheets that are not hidden: 'Sheet'." in answer.json()["errors"][0]["detail"]


async def test_a_workbook_over_the_limit_of_files_is_refused(service: Service) -> None:
    headers = {"content-type": MEDIA_TYPE}
    for size, status in ((MAX_BODY_BYTES + 1, 422), (MAX_FILE_BYTES + 1, 413)):
        answer = await service.ask(
            "POST", "/persons/import", headers=headers, content=b"PK\x03\x04" + b"x" * (size - 4)
        )
        assert answer.status_code == status


async def test_persons_are_exported_for_whoever_may_list_them_and_it_is_noted(
    service: Service, database: Database
) -> None:
    for persona in ("auditor", "subscriber", "manager", "employee"):
        answer = await exported(service, persona)
        assert (answer.status_code, answer.json()["code"]) == (403, "role-missing"), persona
    trail = Trail(database)
    await exported(service)
    line = await trail.one()
    assert (line.action, line.after) == ("persons.read/list_persons", {"read": "all as CSV"})
