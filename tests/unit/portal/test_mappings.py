"""Files of other systems in the portal's imports, and imports that take longer."""

import asyncio
import re

import pytest

from portal_service.application.ports import ServiceRefused
from portal_service.application.unfinished import Unfinished
from portal_service.domain.upload import Upload
from portal_service.entrypoints.http import imports
from unit.portal import library_answers
from unit.portal.answers import ID
from unit.portal.fakes import workbook
from unit.portal.portal import Browser
from unit.portal.test_import_pages import FILE, PACKED, choose, queries

PATH = "/imports/persons/mappings"
PROGRESS = f"/imports/persons/progress/{ID}"


async def test_a_saved_mapping_is_chosen_and_stays_chosen(signed_in: Browser) -> None:
    preview = await choose(signed_in, "units", FILE, source="hr")
    assert "Filen läses som det är sparat för hr" in preview.text
    assert 'type="hidden" name="source" value="hr"' in preview.text
    await signed_in.post("/imports/units", packed=PACKED, source="hr", step="import", sent=ID)
    assert [query["source"] for query in queries(signed_in)] == ["hr"] * 3


async def test_the_sheet_of_a_workbook_is_chosen(signed_in: Browser) -> None:
    book = workbook("Info", "Enheter")
    preview = await choose(signed_in, "units", book)
    assert re.findall(r'<option value="(Info|Enheter)"', preview.text) == ["Info", "Enheter"]
    packed = Upload(book).packed()
    chosen = await signed_in.post("/imports/units", packed=packed, sheet="Enheter")
    assert '<option value="Enheter" selected>' in chosen.text
    assert queries(signed_in)[-1] == {"sheet": "Enheter", "dry_run": "true"}
    await choose(signed_in, "units", FILE, sheet="Enheter")
    assert queries(signed_in)[-1] == {"dry_run": "true"}, "a CSV file has none"


async def test_a_file_with_faults_can_be_read_otherwise(signed_in: Browser) -> None:
    refusal = ServiceRefused(422, "unit-file-invalid", "x")
    signed_in.services.refusals["workflow", "/units/import"] = refusal
    answer = await choose(signed_in, "units", FILE)
    assert f'name="packed" value="{PACKED}"' in answer.text
    assert '<option value="hr">' in answer.text


async def test_a_damaged_workbook_has_no_sheets(signed_in: Browser) -> None:
    answer = await choose(signed_in, "units", b"PK\x03\x04rest")
    assert 'name="sheet"' not in answer.text


async def test_a_mapping_is_saved(signed_in: Browser) -> None:
    form = {
        "source": "hr",
        "/columns/role": "Befattning",
        "/values/role": "Chef = manager\n\n Medarbetare=employee \ntom",
        "/defaults/language": "sv",
        "/lower_case": "yes",
    }
    answer = await signed_in.post(PATH, **form)
    assert (answer.status_code, answer.headers["location"]) == (303, "/imports/persons")
    (sent,) = signed_in.services.sent
    assert sent[:3] == (
        "people",
        "/import-mappings/hr",
        {
            "columns": {"role": "Befattning"},
            "values": {"role": {"Chef": "manager", "Medarbetare": "employee", "tom": ""}},
            "defaults": {"language": "sv"},
            "ids": "lower_case",
        },
    )


async def test_a_mapping_that_is_refused_comes_back(signed_in: Browser) -> None:
    errors = [
        {"pointer": "/body/values/role/Boss", "detail": "'x' is not one of: manager, employee."},
        {"pointer": "/body/columns/name", "detail": "The heading 'a' is already read as email. N"},
    ]
    refusal = ServiceRefused(422, "invalid-request", "x", errors)
    signed_in.services.refusals["people", "/import-mappings/hr"] = refusal
    answer = await signed_in.post(PATH, **{"source": "hr", "/values/role": "Boss = x"})
    assert answer.status_code == 422
    assert re.findall(r'href="#(/[^"]+)">([^<]+)<', answer.text) == [
        ("/values/role", "role, Andra ord i filen: Använd något av: manager, employee"),
        ("/columns/name", "name, Rubrik i filen: Rubriken läses redan som email."),
    ]
    assert "Boss = x" in answer.text


@pytest.mark.parametrize("source", ["", "HR", "../audit", "a b"])
async def test_a_mapping_needs_a_name(signed_in: Browser, source: str) -> None:
    answer = await signed_in.post(PATH, source=source)
    assert answer.status_code == 422
    assert 'href="#source"' in answer.text
    assert signed_in.services.sent == []


async def test_an_import_that_takes_longer_is_followed_on_its_page(
    signed_in: Browser, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(imports, "_PATIENCE_SECONDS", 0.01)
    signed_in.services.answers["people", "/persons/import"]["confirm"] = None
    send, ended = signed_in.services.upload, asyncio.Event()

    async def slow(*args: object, **query: str) -> object:
        if "dry_run" not in query:
            await asyncio.sleep(0.1)
            ended.set()
        return await send(*args, **query)  # type: ignore[arg-type]

    signed_in.services.upload = slow  # type: ignore[method-assign, assignment]
    answer = await signed_in.post("/imports/persons", packed=PACKED, step="import", sent=ID)
    assert (answer.status_code, answer.headers["location"]) == (303, PROGRESS)
    await asyncio.wait_for(ended.wait(), 5)


async def test_an_import_that_is_sent_twice_leads_to_its_page(signed_in: Browser) -> None:
    signed_in.services.answers["people", "/persons/import"]["confirm"] = None
    send = signed_in.services.upload

    async def under_way(*args: object, **query: str) -> object:
        if "dry_run" not in query:
            raise ServiceRefused(409, "request-in-progress", "x")
        return await send(*args, **query)  # type: ignore[arg-type]

    signed_in.services.upload = under_way  # type: ignore[method-assign, assignment]
    answer = await signed_in.post("/imports/persons", packed=PACKED, step="import", sent=ID)
    assert answer.headers["location"] == PROGRESS


@pytest.mark.parametrize(
    ("step", "total", "shown", "ends"),
    [
        ("reading", 0, "Filen läses", False),
        ("comparing", 0, "Filen jämförs", False),
        ("storing", 20_000, "10000 av 20000 personer", False),
        ("done", 20_000, "Filen är importerad", True),
        ("refused", 0, "Filen kunde inte läsas in", True),
    ],
)
async def test_the_page_says_how_far_an_import_is(
    signed_in: Browser, step: str, total: int, shown: str, ends: bool
) -> None:
    found = library_answers.progress(step, total)
    signed_in.services.answers["people", "/persons/import/progress"] = found
    text = (await signed_in.get(PROGRESS)).text
    assert shown in text
    assert ("Titta igen" in text) != ends
    assert ("<meter" in text) == bool(total)
    assert signed_in.services.asked[-1] == ("people", "/persons/import/progress", {"key": ID})


async def test_what_takes_longer_goes_on() -> None:
    unfinished, ended = Unfinished(), asyncio.Event()

    async def work(error: Exception | None = None) -> str:
        await asyncio.sleep(0.01)
        ended.set()
        if error:
            raise error
        return "done"

    assert await unfinished.within(5, work()) == "done"
    with pytest.raises(ValueError, match="x"):
        await unfinished.within(5, work(ValueError("x")))
    ended.clear()
    assert await unfinished.within(0, work(ValueError("x"))) is None
    await asyncio.wait_for(ended.wait(), 5)
