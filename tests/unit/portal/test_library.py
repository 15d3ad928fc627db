"""Administrators edit and publish modules, instruments and templates; others read them."""

import json
import re
from typing import Any

import pytest

from portal_service.application.ports import ServiceRefused
from portal_service.domain import instrument_form, module_form
from portal_service.domain.document_form import values_of
from servicekit.auth import EVERY_UNIT, Assignment
from unit.portal import library_answers
from unit.portal.answers import ID
from unit.portal.library_answers import HASH
from unit.portal.portal import Browser

DRAFT = "/modules/start/draft"
NEXT = "/instruments/sample/versions/1/next"
TYPED = values_of(module_form.document_of(library_answers.draft())) | {"version": HASH, "sent": ID}
ASKED = values_of(instrument_form.document_of(library_answers.instrument()))
TEMPLATE = json.dumps(library_answers.template_document(), indent=2)


def refuse(browser: Browser, service: str, path: str, code: str, *errors: tuple[str, str]) -> None:
    """What is sent is refused; what is there can be read."""
    found = [{"pointer": pointer, "detail": detail} for pointer, detail in errors]
    refusal = ServiceRefused(409 if "changed" in code else 422, code, "x", found)
    browser.services.refused_when_sent[service, path] = refusal


def values(page: str) -> dict[str, str]:
    return dict(re.findall(r'name="(/[^"]*)" value="([^"]*)"', page))


async def test_a_draft_is_saved_as_it_was_read(signed_in: Browser) -> None:
    answer = await signed_in.post(DRAFT, **{**TYPED, "/title/sv": " Början "})
    assert (answer.status_code, answer.headers["location"]) == (303, DRAFT)
    (sent,) = signed_in.services.sent
    expected = library_answers.draft()
    expected["title"]["sv"] = "Början"
    assert sent[1:3] == (DRAFT, expected | {"expected_hash": HASH})


async def test_a_row_is_added_and_nothing_is_saved(signed_in: Browser) -> None:
    added = await signed_in.post(DRAFT, **TYPED, add="/items/1/variants/0/steps")
    assert 'name="/items/1/variants/0/steps/2/minutes" value=""' in added.text
    assert 'formaction="/modules/start/draft#/items/1/variants/0/steps/3"' in added.text
    assert "Inget av det här är sparat än" in added.text
    moved = values((await signed_in.post(DRAFT, **TYPED, up="/items/1")).text)
    assert [moved[f"/items/{n}/item_id"] for n in (0, 1)] == ["kit", "see"]
    removed = values((await signed_in.post(DRAFT, **TYPED, remove="/items/0")).text)
    assert [removed.get(f"/items/{n}/item_id") for n in (0, 1)] == ["kit", None]
    assert signed_in.services.sent == []


async def test_who_was_slower_sees_what_changed_and_keeps_what_they_typed(
    signed_in: Browser,
) -> None:
    refuse(signed_in, "content", DRAFT, "module-changed")
    theirs = library_answers.module_draft("Theirs", draft_hash="b" * 64)
    signed_in.services.answers["content", DRAFT] = theirs
    answer = await signed_in.post(DRAFT, **TYPED)
    assert answer.status_code == 409
    assert "Någon har ändrat utkastet under tiden" in answer.text
    row = r'<th scope="row">Titel, på svenska</th><td class="lines">Rehab</td>'
    assert re.search(row + r'<td class="lines">Theirs</td>', answer.text)
    assert values(answer.text)["/title/sv"] == "Rehab"
    assert f'name="version" value="{"b" * 64}"' in answer.text, "to replace it knowingly"


async def test_what_is_no_number_is_refused_at_its_field(signed_in: Browser) -> None:
    detail = "Input should be a valid integer"
    refuse(signed_in, "content", DRAFT, "invalid-request", ("/body/length_minutes", detail))
    answer = await signed_in.post(DRAFT, **{**TYPED, "/length_minutes": "lång"})
    assert signed_in.services.sent[0][2]["length_minutes"] == "lång"
    assert '<a class="ds-link" href="#/length_minutes">Minuter som en person behöver: ' in (
        answer.text
    )
    assert values(answer.text)["/length_minutes"] == "lång"


async def test_a_draft_is_published_after_a_preview(signed_in: Browser) -> None:
    preview = (await signed_in.get(f"{DRAFT}/preview")).text
    assert "Det blir version 3" in preview
    answer = await signed_in.post(f"{DRAFT}/publish", version=HASH, sent=ID)
    assert (answer.status_code, answer.headers["location"]) == (303, "/modules/start")
    published = ("content", "/modules/start/publish", {"expected_hash": HASH}, ID)
    assert signed_in.services.sent == [published]


async def test_every_gap_of_a_draft_leads_to_its_field(signed_in: Browser) -> None:
    gaps = (
        ("/body/items/0/title/en", "The text is missing in this language."),
        ("/body/items/1/variants/0/steps", "The steps take 40 minutes; 30 at most."),
    )
    refuse(signed_in, "content", "/modules/start/publish", "module-incomplete", *gaps)
    answer = await signed_in.post(f"{DRAFT}/publish", version=HASH, sent=ID)
    assert re.findall(r'href="#(/[^"]+)">([^<]+)<', answer.text) == [
        ("/items/0/title/en", "Del 1, Titel, på engelska: Texten saknas."),
        (
            "/items/1/variants/0/steps",
            "Del 2, Träff 1, Steg: Stegen tar 40 minuter. Högst 30 går.",
        ),
    ]
    for target in ("/items/0/title/en", "/items/1/variants/0/steps"):
        assert f'id="{target}"' in answer.text
    assert f'<form method="post" action="{DRAFT}"' in answer.text, "it saves the draft"
    assert set(re.findall(r'formaction="([^"#]*)', answer.text)) == {DRAFT}


async def test_a_draft_that_changed_since_its_preview_is_looked_at_again(
    signed_in: Browser,
) -> None:
    refuse(signed_in, "content", "/modules/start/publish", "module-changed")
    answer = await signed_in.post(f"{DRAFT}/publish", version="c" * 64, sent=ID)
    assert answer.status_code == 409
    assert "Någon har ändrat utkastet under tiden" in answer.text
    assert f'name="version" value="{HASH}"' in answer.text


async def test_a_new_module_is_made(signed_in: Browser) -> None:
    signed_in.services.answers["content", "/modules"] = library_answers.module_draft()
    answer = await signed_in.post("/modules/new", **TYPED, module_id="start")
    assert answer.headers["location"] == DRAFT
    assert signed_in.services.sent[0][2]["module_id"] == "start"
    refuse(signed_in, "content", "/modules", "module-exists")
    again = await signed_in.post("/modules/new", **TYPED, module_id="start")
    assert 'name="module_id" value="start"' in again.text
    assert values(again.text)["/title/sv"] == "Rehab"


async def test_an_instrument_is_published_by_way_of_its_preview(signed_in: Browser) -> None:
    form = {**ASKED, "/items/0/text/sv": "Nytt"}
    preview = await signed_in.post(NEXT, **form, step="preview")
    assert '<legend class="ds-label">Nytt</legend>' in preview.text
    assert values(preview.text) == form
    assert signed_in.services.sent == []
    answer = await signed_in.post(NEXT, **values(preview.text), step="publish", sent=ID)
    assert answer.headers["location"] == "/instruments/sample/versions/2"
    expected = library_answers.instrument() | {"version": 2}
    expected["items"][0]["text"]["sv"] = "Nytt"
    assert signed_in.services.sent == [("assessment", "/instruments", expected, ID)]


async def test_a_first_instrument_is_made(signed_in: Browser) -> None:
    empty = (await signed_in.get("/instruments/new")).text
    form = {**values(empty), "/instrument_id": "um", "/scale/not_applicable": "yes"}
    ids = [form[f"/items/{number}/item_id"] for number in range(7)]
    assert ids[2] == "constructive-confrontation-1", "one of each behaviour"
    preview = await signed_in.post("/instruments/new", **form, step="preview")
    kept = values(preview.text)
    answer = await signed_in.post("/instruments/new", **kept, step="publish", sent=ID)
    assert answer.headers["location"] == "/instruments/um/versions/1"
    [(_, path, body, _)] = signed_in.services.sent
    assert path == "/instruments"
    assert (body["instrument_id"], body["version"], body["languages"]) == ("um", 1, ["sv", "en"])
    assert (body["scale"]["min"], body["scale"]["max"]) == (0, 4)
    refuse(signed_in, "assessment", "/instruments", "instrument-version-exists")
    again = await signed_in.post("/instruments/new", **kept, step="publish")
    assert 'name="/instrument_id" value="um"' in again.text
    assert "Den här versionen av instrumentet finns redan" in again.text
    assert 'href="/instruments/new"' in (await signed_in.get("/instruments")).text


async def test_an_instrument_that_is_refused_comes_back(signed_in: Browser) -> None:
    faults = ("/body/items/1/item_id", "item-0 is used more than once.")
    refuse(signed_in, "assessment", "/instruments", "instrument-invalid", faults)
    answer = await signed_in.post(NEXT, **{**ASKED, "/source": "Kept"}, step="publish", sent=ID)
    assert answer.status_code == 422
    assert "Det finns två gånger" in answer.text
    assert ">\nKept</textarea>" in answer.text
    again = await signed_in.post(NEXT, **ASKED, step="publish", add="/scale/labels")
    assert 'name="/scale/labels/5/sv"' in again.text


async def test_the_list_of_instruments_is_a_file_too(signed_in: Browser) -> None:
    answer = await signed_in.get("/instruments.csv")
    assert answer.headers["content-disposition"] == 'attachment; filename="instruments.csv"'


async def test_a_template_is_checked_and_then_published(signed_in: Browser) -> None:
    preview = await signed_in.post("/templates/new", document=TEMPLATE)
    assert "minst 28 dygn" in preview.text
    assert "öppen i 14 dygn" in preview.text
    assert "ses över igen efter 6 månader" in preview.text
    signed_in.services.answers["workflow", "/templates"] = library_answers.template()
    answer = await signed_in.post("/templates/new", document=TEMPLATE, step="publish", sent=ID)
    assert answer.headers["location"] == "/templates/um/versions/1"
    paths = [path for _, path, *_ in signed_in.services.sent]
    assert paths == ["/templates/check", "/templates"]
    assert signed_in.services.sent[1][2] == library_answers.template_document()
    again = await signed_in.post("/templates/new", document=TEMPLATE, step="edit")
    assert "&#34;template_id&#34;: &#34;um&#34;" in again.text


async def test_every_fault_of_a_template_has_its_line(signed_in: Browser) -> None:
    faults = (
        ("/body/steps/baseline/window", "A round is open for a year at most."),
        ("/body/waves/unheard-of", "Extra inputs are not permitted"),
        ("/body/version", "Something new"),
    )
    refuse(signed_in, "workflow", "/templates/check", "template-invalid", *faults)
    answer = await signed_in.post("/templates/new", document=TEMPLATE)
    assert answer.status_code == 422
    lines = TEMPLATE.splitlines()
    rows = re.findall(
        r'<th scope="row">(\d+)</th><td><code>([^<]+)</code></td><td>([^<]+)<', answer.text
    )
    assert [(lines[int(n) - 1].split('"')[1], pointer, text) for n, pointer, text in rows] == [
        ("window", "/steps/baseline/window", "Ett år är det längsta."),
        ("waves", "/waves/unheard-of", "Det finns inget sådant namn här. Ta bort det."),
        ("version", "/version", "Det här kan inte användas som det är."),
    ]
    assert "&#34;template_id&#34;: &#34;um&#34;" in answer.text


async def test_a_template_can_be_a_file(signed_in: Browser) -> None:
    request: dict[str, Any] = {
        "files": {"file": ("t.json", b"\xef\xbb\xbf" + TEMPLATE.encode(), "application/json")},
        "data": {"document": "ignored"},
        "headers": {"sec-fetch-site": "same-origin"},
    }
    answer = await signed_in.request("POST", "/templates/new", **request)
    assert "Mallen har inga fel" in answer.text


@pytest.mark.parametrize("as_file", [True, False])
async def test_a_template_that_is_too_large_is_said_to_be_that(
    signed_in: Browser, as_file: bool
) -> None:
    """It may be JSON or not; what was typed stays."""
    large = TEMPLATE + " " * 256 * 1024
    files = {"file": ("t.json", large if as_file else "", "application/json")}
    typed = {"document": "typed" if as_file else large}
    headers = {"sec-fetch-site": "same-origin"}
    answer = await signed_in.request(
        "POST", "/templates/new", files=files, data=typed, headers=headers
    )
    assert answer.status_code == 422
    assert "Mallen är större än 256 kB" in answer.text
    assert "JSON härifrån" not in answer.text
    assert ("typed" if as_file else "&#34;template_id&#34;") in answer.text
    assert signed_in.services.sent == []


async def test_a_next_version_begins_as_the_one_before(signed_in: Browser) -> None:
    text = (await signed_in.get("/templates/um/versions/1/next")).text
    assert "&#34;version&#34;: 2," in text


@pytest.mark.parametrize(
    "path",
    ["/modules/new", "/instruments/new", NEXT, "/templates/new", "/imports/units/mappings"],
)
async def test_only_administrators_of_the_region_write(signed_in: Browser, path: str) -> None:
    signed_in.authenticator.assignments = frozenset({Assignment("auditor", EVERY_UNIT)})
    assert (await signed_in.get(path)).status_code == 403
    assert (await signed_in.post(path, **TYPED)).status_code == 403
    assert signed_in.services.sent == []


async def test_others_read_what_they_may(signed_in: Browser) -> None:
    signed_in.authenticator.assignments = frozenset({Assignment("employee", "rehab")})
    library = (await signed_in.get("/library")).text
    assert 'href="/modules"' in library
    assert 'href="/templates"' not in library
    assert ' href="/library"' not in (await signed_in.get("/start")).text, "a short menu"
    text = (await signed_in.get("/modules")).text
    assert "/draft" not in text
    assert "/modules/new" not in text
    assert ("content", "/module-drafts") not in {one[:2] for one in signed_in.services.asked}


async def test_a_module_that_is_found_is_read(browser: Browser, signed_in: Browser) -> None:
    found = (await signed_in.get("/search?words=wave")).text
    assert 'href="/modules/news"' in found
