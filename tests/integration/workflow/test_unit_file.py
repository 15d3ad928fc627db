"""The unit file as other systems write it and as Excel reads it: saved mappings, and exports."""

import csv
import io
from dataclasses import replace
from typing import Any

import httpx
import pytest

from integration.workflow.programme import OTHERS, PILOTS, UNITS, Programme
from servicekit import csv_answer
from servicekit.auth import Authenticator
from servicekit.paging import PageRequest
from servicekit.settings import Auth
from support.tokens import ISSUER, FakeIssuer, held
from workflow_service.domain.organisation.unit import UnitFacts, register

MAPPING: dict[str, Any] = {
    "columns": {"unit_id": "Enhetskod", "name": "Benämning", "kind": "Nivå", "parent_id": "Över"},
    "values": {"kind": {"Vårdenhet": "unit", "Region": "region"}},
    "ids": "lower_case",
    "defaults": {"headcount": "0"},
}
FILE = (
    "Enhetskod;Telefon;Benämning;Nivå;Över\n"
    "SE2321000131-E000000000001;1;Regionen;Region;\n"
    "SE2321000131-E000000008388;2;Rehab;vårdenhet;SE2321000131-E000000000001\n"
)
IDS = ["se2321000131-e000000000001", "se2321000131-e000000008388"]


async def save(programme: Programme, source: str = "hr", **changes: Any) -> httpx.Response:
    path = f"/import-mappings/{source}"
    return await programme.call("administrator", "PUT", path, json={**MAPPING, **changes})


async def send(
    programme: Programme, content: str | bytes, query: str = "", key: str | None = None
) -> httpx.Response:
    csv_type = {"content-type": "text/csv"}
    body = content.encode() if isinstance(content, str) else content
    path = f"/units/import{query}"
    return await programme.call("administrator", "POST", path, key, content=body, headers=csv_type)


async def exported(
    programme: Programme, path: str = "/units", who: str = "administrator"
) -> httpx.Response:
    answer = await programme.call(who, "GET", path, headers={"accept": "text/csv"})
    assert answer.status_code == 200, answer.text
    assert answer.headers["content-type"] == "text/csv; charset=utf-8"
    return answer


def lines(answer: httpx.Response) -> list[dict[str, str]]:
    text = answer.content.decode("utf-8-sig")
    return list(csv.DictReader(io.StringIO(text, newline=""), delimiter=";"))


async def test_a_mapping_is_saved_read_listed_replaced_and_deleted(programme: Programme) -> None:
    saved = await save(programme)
    assert saved.status_code == 200, saved.text
    assert saved.json() == {**MAPPING, "source": "hr", "saved_at": saved.json()["saved_at"]}
    path = "/import-mappings/hr"
    assert (await programme.call("administrator", "GET", path)).json() == saved.json()
    replaced = (await save(programme, ids="as_they_are")).json()
    assert replaced["ids"] == "as_they_are"
    assert replaced["saved_at"] > saved.json()["saved_at"]
    other = (await save(programme, "agresso")).json()
    listed = (await programme.call("administrator", "GET", "/import-mappings")).json()
    assert (listed["items"], listed["total"]) == ([other, replaced], 2)
    second = "/import-mappings?limit=1&page=2"
    page = (await programme.call("administrator", "GET", second)).json()
    assert (page["items"], page["total"]) == ([replaced], 2)
    assert (await programme.call("administrator", "DELETE", path)).status_code == 204
    for method in ("GET", "DELETE"):
        gone = await programme.call("administrator", method, path)
        assert (gone.status_code, gone.json()["code"]) == (404, "import-mapping-unknown")
        assert gone.json()["detail"].endswith("There are: agresso.")


async def test_a_bad_mapping_is_refused_with_every_fault_by_its_place(
    programme: Programme,
) -> None:
    bad = {"columns": {"colour": "Färg", "name": "unit_id"}, "values": {"kind": {"Enhet": "units"}}}
    answer = await programme.call("administrator", "PUT", "/import-mappings/hr", json=bad)
    assert (answer.status_code, answer.json()["code"]) == (422, "invalid-request")
    assert [error["pointer"] for error in answer.json()["errors"]] == [
        "/body/columns/colour",
        "/body/columns/name",
        "/body/values/kind/Enhet",
    ]
    assert (await programme.call("administrator", "GET", "/import-mappings")).json()["total"] == 0


async def test_mappings_are_for_administrators_of_the_region(programme: Programme) -> None:
    issuer, api = FakeIssuer(), programme.app.api()
    api.state.authenticator = Authenticator(Auth(issuer=ISSUER), client=issuer.client)
    transport = httpx.ASGITransport(api)
    everyone = ["auditor", "manager", "employee", "service", "subscriber"]
    cases = [
        (held(["administrator"], ["unit-a"]), "outside-scope"),
        (held(everyone, ["*"]), "role-missing"),
    ]
    async with httpx.AsyncClient(transport=transport, base_url=programme.http.base_url) as client:
        for assignments, code in cases:
            headers = {"authorization": f"Bearer {issuer.token(assignments=assignments)}"}
            for method, path in (
                ("PUT", "/import-mappings/hr"),
                ("GET", "/import-mappings/hr"),
                ("GET", "/import-mappings"),
                ("DELETE", "/import-mappings/hr"),
            ):
                answer = await client.request(method, path, headers=headers, json=MAPPING)
                assert (answer.status_code, answer.json()["code"]) == (403, code), (method, path)


async def test_an_hr_file_is_previewed_and_imported_by_its_mapping(programme: Programme) -> None:
    await save(programme)
    preview = await send(programme, FILE, "?source=hr&dry_run=true")
    assert preview.status_code == 200, preview.text
    assert preview.json()["added"] == IDS
    assert preview.json()["without_people"] == IDS[1:]
    assert preview.json()["ignored_columns"] == ["Telefon"]
    path = f"/units/{IDS[1]}"
    assert (await programme.call("administrator", "GET", path)).status_code == 404
    assert (await send(programme, FILE, "?source=hr")).json()["added"] == IDS
    unit = (await programme.call("administrator", "GET", path)).json()
    assert (unit["name"], unit["kind"], unit["path"]) == ("Rehab", "unit", IDS)
    assert (unit["headcount"], unit["takes_part"]) == (0, False)
    assert (await send(programme, FILE, "?source=hr")).json()["unchanged"] == 2


@pytest.mark.parametrize("query", ["?source=hr", "?source=hr&dry_run=true"])
async def test_faults_name_line_our_column_and_the_files_heading(
    programme: Programme, query: str
) -> None:
    await save(programme)
    content = FILE + "SE 1;3;;Klinik;SE2321000131-e000000000001\n"
    answer = await send(programme, content, query)
    assert (answer.status_code, answer.json()["code"]) == (422, "unit-file-invalid")
    found = {error["pointer"]: error["detail"] for error in answer.json()["errors"]}
    assert list(found) == [
        "/rows/4/parent_id",
        "/rows/4/unit_id",
        "/rows/4/name",
        "/rows/4/kind",
    ]
    assert "become the same id" in found["/rows/4/parent_id"]
    assert found["/rows/4/kind"] == (
        "'Klinik' is not one of: region, administration, operation, unit."
        " In the file, the column is 'Nivå'."
    )
    missing = (await send(programme, FILE.replace("Nivå", "Typ"), query)).json()
    assert [error["pointer"] for error in missing["errors"]] == ["/rows/1/kind"]
    assert "The header needs: Enhetskod, Benämning, Nivå, Över." in missing["errors"][0]["detail"]


async def test_an_unknown_source_is_refused_and_the_known_are_named(programme: Programme) -> None:
    none = await send(programme, FILE, "?source=hr")
    assert (none.status_code, none.json()["code"]) == (422, "import-mapping-unknown")
    assert none.json()["detail"] == "There is no import mapping 'hr'. None is saved yet."
    for number in range(21):
        await save(programme, f"hr-{number:02}")
    some = await send(programme, FILE, "?source=hr")
    assert some.json()["detail"].startswith("There is no import mapping 'hr'. There are: hr-00, ")
    assert some.json()["detail"].endswith(", hr-19 and others.")
    odd = await send(programme, FILE, "?source=HR%00")
    assert (odd.status_code, odd.json()["errors"][0]["pointer"]) == (422, "/query/source")


async def test_a_repeated_import_is_answered_as_before_though_its_mapping_is_gone(
    programme: Programme,
) -> None:
    await save(programme)
    first = await send(programme, FILE, "?source=hr", key="k-1")
    await programme.call("administrator", "DELETE", "/import-mappings/hr")
    assert (await send(programme, FILE, "?source=hr", key="k-1")).content == first.content


async def test_exported_units_are_imported_again_unchanged(programme: Programme) -> None:
    names = {"a": "=1+1", "b": '-Öst;"väst"\'', "c": "'@sum", "d": "Dag, natt"}
    async with programme.app.uow() as uow:
        facts = [UnitFacts(key, name, "unit", "region", 0) for key, name in names.items()]
        await uow.units.save([register(each)[0] for each in facts])
    answer = await exported(programme)
    assert answer.headers["content-disposition"] == 'attachment; filename="units.csv"'
    assert answer.headers["cache-control"] == "no-store"
    header, *_ = answer.content.split(b"\r\n")
    assert header == "\ufeffunit_id;name;kind;parent_id;headcount".encode()
    rows = {row["unit_id"]: row for row in lines(answer)}
    assert len(rows) == len(names) + 1 + len(PILOTS) + len(OTHERS)
    assert (rows["a"]["name"], rows["b"]["name"], rows["c"]["name"]) == (
        "'=1+1",
        "'-Öst;\"väst\"'",
        "''@sum",
    )
    assert (rows["pilot-a"]["headcount"], rows["region"]["parent_id"]) == ("20", "")
    again = await send(programme, answer.content)
    assert again.status_code == 200, again.text
    assert (again.json()["unchanged"], again.json()["changed"]) == (len(rows), [])
    assert (again.json()["added"], again.json()["absent"]) == ([], [])


async def test_an_export_has_every_row_and_a_page_stays_a_page(programme: Programme) -> None:
    more = "".join(f"more-{number:03},More,unit,region,3,\n" for number in range(250))
    assert (await send(programme, UNITS + more)).status_code == 200
    assert len(lines(await exported(programme, "/units?limit=1&page=9"))) == 256
    page = (await programme.call("administrator", "GET", "/units?limit=1")).json()
    assert (len(page["items"]), page["total"]) == (1, 256)


async def test_an_export_has_the_callers_units_only(programme: Programme) -> None:
    await send(programme, UNITS + "rehabenheten,Own,unit,region,4,\n")
    seen = await programme.call("manager", "GET", "/units")
    assert seen.json()["total"] < 7
    found = lines(await exported(programme, who="manager"))
    assert [row["unit_id"] for row in found] == [unit["unit_id"] for unit in seen.json()["items"]]
    refused = await programme.call(
        "manager", "GET", "/open-problems", headers={"accept": "text/csv"}
    )
    assert (refused.status_code, refused.json()["code"]) == (403, "role-missing")


async def test_an_export_is_of_one_moment(
    programme: Programme, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(csv_answer, "_BATCH", 2)
    pages = 0
    async with programme.app.uow().at_one_moment() as uow:

        async def read(part: PageRequest) -> tuple[list[str], int]:
            nonlocal pages
            pages += 1
            async with programme.app.uow() as other:  # Every row after it moves by one.
                facts = UnitFacts(f"a-{pages}", "New", "unit", "region", 0)
                await other.units.save([register(facts)[0]])
            units, total = await uow.units.page(part, None)
            return [unit.unit_id for unit in units], total

        found = await csv_answer.every(read)
    assert pages > 2
    assert found == sorted({"a-1", "region", *PILOTS, *OTHERS})


async def test_journeys_and_open_problems_are_exported(programme: Programme) -> None:
    own = "rehabenheten,Own,operation,region,,\npilot-a,Sample,unit,rehabenheten,20,\n"
    assert (await send(programme, UNITS.splitlines()[0] + "\n" + own)).is_success
    async with programme.app.uow() as uow:
        journeys = await uow.rollouts.journeys(programme.rollout_id)
        paused = replace(journeys["pilot-a"], status="paused", paused_reason="=cmd")
        stuck = replace(
            *(journeys["pilot-b"],),
            status="active",
            step="baseline",
            step_started_at=await uow.now(),
            refused="instrument-unknown",
            refused_detail="There is none; add it.",
        )
        await uow.rollouts.save_journeys([paused, stuck])
    path = f"/rollouts/{programme.rollout_id}/journeys"
    answer = await exported(programme, path)
    assert answer.headers["content-disposition"] == 'attachment; filename="journeys.csv"'
    found = {row["unit_id"]: row for row in lines(answer)}
    assert set(found) == {*PILOTS, *OTHERS}
    assert (found["pilot-a"]["status"], found["pilot-a"]["paused_reason"]) == ("paused", "'=cmd")
    assert found["pilot-b"]["refusal"] == "instrument-unknown: There is none; add it."
    assert found["pilot-b"]["wave"] == "0"
    assert len(found["pilot-b"]["since"]) == len("2026-09-01 10:00")
    pilots = await exported(programme, f"{path}?wave=0")
    assert [row["unit_id"] for row in lines(pilots)] == list(PILOTS)
    (own_unit,) = lines(await exported(programme, path, who="manager"))
    assert (own_unit["unit_id"], own_unit["paused_reason"]) == ("pilot-a", "'=cmd")
    assert lines(await exported(programme, path, who="employee")) == []
    *unknown, refused = lines(await exported(programme, "/open-problems"))
    assert [(row["unit_id"], row["step"], row["code"]) for row in unknown] == [
        ("", "baseline", "instrument-unknown"),
        ("", "modules", "module-unknown"),
    ]
    assert refused == {
        "rollout_id": str(programme.rollout_id),
        "unit_id": "pilot-b",
        "step": "baseline",
        "code": "instrument-unknown",
        "detail": "There is none; add it.",
    }
    gone = "/rollouts/3f2b8c1e-8d0a-4c57-9d0e-5a1f0c6b7e21/journeys"
    nothing = await programme.call("administrator", "GET", gone, headers={"accept": "text/csv"})
    assert (nothing.status_code, nothing.json()["code"]) == (404, "rollout-unknown")
