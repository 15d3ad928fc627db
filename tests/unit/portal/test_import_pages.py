"""Importing a file in pages: preview, questions, import."""

import re

import httpx
import pytest

from portal_service.application.ports import ServiceRefused
from portal_service.domain.upload import LARGEST, Upload
from servicekit.auth import EVERY_UNIT, Assignment
from unit.portal import answers
from unit.portal.answers import ID
from unit.portal.portal import OWN_PAGE, Browser

FILE = b"unit_id,name\nrehab,Rehab\n"
PACKED = Upload(FILE).packed()


async def choose(browser: Browser, kind: str, content: bytes, **form: str) -> httpx.Response:
    files = {"file": ("units.csv", content, "application/vnd.ms-excel")}
    return await browser.request(
        "POST", f"/imports/{kind}", files=files, data=form, headers=OWN_PAGE
    )


def queries(browser: Browser) -> list[dict[str, str]]:
    return [dict(query) for *_, query in browser.services.uploads]


async def test_a_file_is_looked_at_first_and_imported_as_it_was(signed_in: Browser) -> None:
    preview = await choose(signed_in, "units", FILE)
    assert preview.status_code == 200
    assert "Inget har ändrats än" in preview.text
    hidden = re.findall(r'type="hidden" name="(\w+)" value="([^"]+)"', preview.text)
    form = {name: value for name, value in hidden if name != "back"}
    assert set(form) == {"packed", "sent"}
    done = await signed_in.post("/imports/units", **form, step="import")
    assert "Filen är importerad" in done.text
    assert queries(signed_in) == [{"dry_run": "true"}, {"dry_run": "true"}, {}]
    assert {(path, content, kind) for path, content, kind, *_ in signed_in.services.uploads} == {
        ("/units/import", FILE, "text/csv")
    }
    assert signed_in.services.uploads[-1][3] == form["sent"]


async def test_a_workbook_is_sent_as_one(signed_in: Browser) -> None:
    await choose(signed_in, "units", b"PK\x03\x04rest")
    [(_, content, media_type, _, _)] = signed_in.services.uploads
    assert (content, media_type.rpartition(".")[2]) == (b"PK\x03\x04rest", "sheet")


async def test_who_would_end_many_is_asked_twice(signed_in: Browser) -> None:
    form = {"packed": PACKED, "sent": ID, "complete": "yes"}
    for said in (
        {},
        {"step": "import"},
        {"step": "sure"},
        {"step": "import", "seen": "yes"},
        {"step": "sure", "seen": "yes"},
        {"step": "sure", "seen": "yes", "affected": ""},
        {"step": "sure", "seen": "yes", "affected": "2"},
        {"step": "sure", "seen": "yes", "affected": "²"},
        {"step": "sure", "affected": "3"},
    ):
        answer = await signed_in.post("/imports/persons", **form, **said)
        assert answer.status_code == 200, said
        assert "Filen är importerad" not in answer.text, said
    assert {query["dry_run"] for query in queries(signed_in)} == {"true"}
    said = {"step": "sure", "seen": "yes", "affected": " 3 "}
    done = await signed_in.post("/imports/persons", **form, **said)
    assert "Filen är importerad" in done.text
    assert queries(signed_in)[-1] == {"complete": "true", "confirm": "0123456789abcdef"}


async def test_who_ends_few_is_not_asked_twice(signed_in: Browser) -> None:
    signed_in.services.answers["people", "/persons/import"] = answers.person_import()
    done = await signed_in.post("/imports/persons", packed=PACKED, sent=ID, step="import")
    assert "Filen är importerad" in done.text
    assert queries(signed_in)[-1] == {}


async def test_faults_are_listed_by_line(signed_in: Browser) -> None:
    given = {"unit": "<name>", "line": "2", "heading": "Enhetskod"}
    said = {"code": "unit-twice", "detail": "in English", "parameters": given}
    later: dict[str, object] = {"pointer": "/rows/4", "code": "unheard-of", "detail": "in English"}
    errors: list[dict[str, object]] = [{"pointer": "/rows/3/name", **said}, later]
    refusal = ServiceRefused(422, "unit-file-invalid", "x", errors)
    signed_in.services.refusals["workflow", "/units/import"] = refusal
    answer = await choose(signed_in, "units", FILE)
    assert answer.status_code == 422
    row = "<code>name</code></td><td>Enheten &lt;name&gt; står redan på rad 2."
    assert row in answer.text
    assert "I filen heter kolumnen Enhetskod." in answer.text
    assert "Det går inte att läsa så som det är." in answer.text
    assert "in English" not in answer.text
    assert 'type="file"' in answer.text, "to choose another"


async def test_a_change_meanwhile_asks_again(signed_in: Browser) -> None:
    """The service refuses what an earlier preview confirmed."""
    refusal = ServiceRefused(409, "import-ends-many", "x")
    signed_in.services.refusals["people", "/persons/import"] = refusal
    said = {"step": "sure", "seen": "yes", "affected": "3"}
    answer = await signed_in.post("/imports/persons", packed=PACKED, **said)
    assert answer.status_code == 409
    assert "många personers roller" in answer.text


async def test_a_file_without_anything_is_asked_again(signed_in: Browser) -> None:
    for answer in (
        await choose(signed_in, "units", b""),
        await signed_in.post("/imports/units"),
        await signed_in.post("/imports/units", packed="odd"),
    ):
        assert answer.status_code == 422
        assert "Välj en fil som har något i sig" in answer.text
    assert signed_in.services.uploads == []


async def test_a_file_that_is_too_large_is_a_clear_page(signed_in: Browser) -> None:
    large = await choose(signed_in, "units", b"x" * (LARGEST + 1))
    assert large.status_code == 422
    assert "större än 4 MB" in large.text
    huge = await choose(signed_in, "units", b"x" * (LARGEST * 2))
    assert huge.status_code == 413
    assert "för stort" in huge.text
    assert "högst 4 MB" in huge.text
    assert signed_in.services.uploads == []


@pytest.mark.parametrize("kind", ["units", "persons"])
@pytest.mark.parametrize(
    "held",
    [
        Assignment("manager", "rehab"),
        Assignment("auditor", EVERY_UNIT),
        Assignment("administrator", "rehab"),
    ],
)
async def test_only_administrators_of_the_region_import(
    signed_in: Browser, kind: str, held: Assignment
) -> None:
    signed_in.authenticator.assignments = frozenset({held})
    assert (await signed_in.get(f"/imports/{kind}")).status_code == 403
    assert (await choose(signed_in, kind, FILE)).status_code == 403
    assert signed_in.services.uploads == []
    assert "/imports/" not in (await signed_in.get("/start")).text


async def test_another_sites_file_is_refused(signed_in: Browser) -> None:
    files = {"file": ("units.csv", FILE, "text/csv")}
    headers = {"sec-fetch-site": "cross-site"}
    answer = await signed_in.request("POST", "/imports/units", files=files, headers=headers)
    assert answer.status_code == 403


async def test_the_start_page_leads_administrators_there(signed_in: Browser) -> None:
    text = (await signed_in.get("/start")).text
    for kind in ("units", "persons"):
        assert f'href="/imports/{kind}"' in text
