"""Every page with realistic answers: complete, escaped, and useful while a service is away."""

import json
import re
from dataclasses import dataclass
from html.parser import HTMLParser

import pytest

from portal_service.application.ports import ServiceAway, ServiceRefused
from portal_service.domain import instrument_form
from portal_service.domain.accessibility import SUPERVISOR
from portal_service.domain.document_form import values_of
from portal_service.domain.upload import Upload
from portal_service.entrypoints.pages import HERE
from servicekit.auth import EVERY_UNIT, Assignment
from unit.portal import answers, library_answers
from unit.portal.answers import ID
from unit.portal.fakes import renamed, workbook
from unit.portal.portal import Browser, fill

XSS = (
    "<script>alert(1)</script>",
    '"><img src=x onerror=alert(1)>',
    "' onmouseover='alert(1)",
    "</title><script>alert(1)</script>",
    "<svg/onload=alert(1)>",
    "{{ 7 * 7 }}{% raw %}",
    "javascript:alert(1)",
    "%(name)s %s 100 %",
    "&lt;script&gt;",
    "</textarea><iframe src=//evil.example>",
)

HARMLESS = ("%(name)s %s 100 %", "javascript:alert(1)", "{{ 7 * 7 }}{% raw %}")
"""Those that are the same text as HTML."""


@dataclass(frozen=True)
class Page:
    """`form`: it is shown after this was sent. `failure`: of every service, while it is shown."""

    path: str
    form: dict[str, str] | None = None
    status: int = 200
    failure: Exception | None = None


INSTRUMENT = library_answers.instrument()
TEMPLATE = json.dumps(library_answers.template_document(), indent=2)
WORKBOOK = Upload(workbook("Rehab", "Rehab 2")).packed()
PACKED = Upload(b"unit_id,name\n").packed()
PAGES = {
    "method": Page("/"),
    "cookies": Page("/about/cookies"),
    "behaviours": Page("/behaviours"),
    "timetable": Page("/timetable"),
    "library": Page("/news"),
    "library of answers": Page("/answers"),
    "library of films": Page("/films"),
    "library of courses": Page("/courses"),
    "article": Page("/news/news"),
    "article with an answer": Page("/answers/answer"),
    "article about a film": Page("/films/film"),
    "article about a course": Page("/courses/course"),
    "article as a preview": Page("/articles/why/preview"),
    "search": Page("/search?words=wave"),
    "search for nothing": Page("/search"),
    "articles": Page("/articles?status=draft"),
    "article_form": Page("/articles/why"),
    "article_form of an answer": Page("/articles/how"),
    "article_form of a new film": Page("/articles/new?kind=film"),
    "ask": Page("/ask"),
    "accessibility": Page("/about/accessibility"),
    "inbox": Page("/inbox"),
    "start": Page("/start"),
    "operation": Page("/operation"),
    "unit": Page(f"/units/rehab?rollout={ID}"),
    "brief": Page(f"/units/rehab/brief?rollout={ID}"),
    "unit whose rollout is not named": Page("/units/rehab"),
    "unit with units below": Page("/units/heart"),
    "record": Page(f"/units/rehab/meetings/{ID}?rollout={ID}"),
    "record of an action": Page(f"/units/rehab/actions/{ID}?rollout={ID}"),
    "deputies": Page("/deputies"),
    "import": Page("/imports/units"),
    "import of persons": Page("/imports/persons"),
    "preview of units": Page("/imports/units", {"packed": PACKED}),
    "preview of persons": Page("/imports/persons", {"packed": PACKED, "complete": "yes"}),
    "second question": Page(
        "/imports/persons", {"packed": PACKED, "step": "sure", "seen": "yes", "affected": "2"}
    ),
    "imported units": Page("/imports/units", {"packed": PACKED, "step": "import"}),
    "imported persons": Page(
        "/imports/persons", {"packed": PACKED, "step": "sure", "seen": "yes", "affected": "3"}
    ),
    "import of nothing": Page("/imports/units", {"packed": "x"}, status=422),
    "preview of a workbook": Page(
        "/imports/units", {"packed": WORKBOOK, "source": "hr", "sheet": "Rehab"}
    ),
    "import_progress": Page(f"/imports/persons/progress/{ID}"),
    "mappings": Page("/imports/units/mappings"),
    "mappings of a system": Page("/imports/persons/mappings?source=hr"),
    "mappings without a name": Page("/imports/units/mappings", {"source": ""}, status=422),
    "rollout": Page(f"/rollouts/{ID}"),
    "rollout_form": Page("/rollouts/new"),
    "board": Page(f"/rollouts/{ID}/units?wave=1&status=active&text=reh"),
    "board by branch": Page(f"/rollouts/{ID}/units?group=branch"),
    "action": Page(f"/rollouts/{ID}/actions/plan_waves"),
    "action about a unit": Page(f"/rollouts/{ID}/actions/pause_unit?unit_id=rehab"),
    "action of an approver": Page(f"/rollouts/{ID}/actions/approve_decision"),
    "action with a mistake": Page(
        f"/rollouts/{ID}/actions/reject_decision", {"reason": ""}, status=422
    ),
    "decision": Page(f"/rollouts/{ID}/decision"),
    "collections": Page("/library"),
    "modules": Page("/modules"),
    "module": Page("/modules/start"),
    "module of an earlier version": Page("/modules/start/versions/1"),
    "module as a preview": Page("/modules/start/draft/preview"),
    "module_form": Page("/modules/start/draft"),
    "module_form of a new one": Page("/modules/new"),
    "module_form with a new row": Page(
        "/modules/start/draft", {"/items/0/title/sv": "Rehab", "add": "/items/0/variants"}
    ),
    "instruments": Page("/instruments"),
    "instrument": Page("/instruments/sample/versions/1"),
    "instrument as a preview": Page(
        "/instruments/sample/versions/1/next",
        {**values_of(instrument_form.document_of(INSTRUMENT)), "step": "preview"},
    ),
    "instrument_form": Page("/instruments/sample/versions/1/next"),
    "templates": Page("/templates"),
    "template": Page("/templates/um/versions/1"),
    "template as a preview": Page("/templates/new", {"document": TEMPLATE}),
    "template_form": Page("/templates/new"),
    "template_form of a next version": Page("/templates/um/versions/1/next"),
    "template_form with a mistake": Page("/templates/new", {"document": "{"}, status=422),
    "codes": Page("/codes"),
    "codes_form": Page(f"/rounds/{ID}/codes"),
    "code": Page("/svara"),
    "code that is wrong": Page("/svara", {"code": "x"}, status=422),
    "questions": Page(f"/rounds/{ID}"),
    "questions one behaviour at a time": Page(f"/rounds/{ID}?step=2"),
    "questions with a gap on one page": Page(f"/rounds/{ID}", {"step": "2", "to": "3"}, status=422),
    "questions with gaps": Page(f"/rounds/{ID}", {"item-1": "1"}, status=422),
    "check_answers": Page(f"/rounds/{ID}", {f"item-{n}": "1" for n in range(7)}),
    "profile": Page(f"/rounds/{ID}", {**{f"item-{n}": "1" for n in range(7)}, "sure": "yes"}),
    "open_problems": Page("/operation/open-problems"),
    "open_problems of a service": Page("/operation/open-problems?service=workflow&page=2"),
    "dead_letters": Page("/operation/dead-letters?redrive=1&discard=2"),
    "dead_letters with nothing chosen": Page(
        "/operation/dead-letters", {"how": "redrive"}, status=422
    ),
    "dead_letters without a reason": Page(
        "/operation/dead-letters",
        {"how": "discard", "letter": "content/content.units/17"},
        status=422,
    ),
    "dead_letter": Page("/operation/dead-letters/content/content.units/17"),
    "webhooks": Page("/operation/webhooks"),
    "webhook": Page(f"/operation/webhooks/{ID}?status=failed"),
    "delivery": Page(f"/operation/webhooks/{ID}/deliveries/{ID}"),
    "audit": Page("/operation/audit"),
    "audit of a service": Page("/operation/audit?service=people&since=2026-01-01"),
    "rounds": Page(f"/rounds?unit_id=rehab&rollout_id={ID}&status=open"),
    "round_act": Page(f"/rounds/{ID}/close"),
    "round_act of an extension": Page(f"/rounds/{ID}/extend", {}, status=422),
    "round_act of a write-off": Page(f"/rounds/{ID}/write-off"),
    "custody": Page("/custody"),
    "self_test": Page("/self-test"),
    "act of the custodian": Page(f"/custody/{ID}"),
    "act": Page("/persons/new"),
    "act that changes a person": Page("/persons/p-0001/change"),
    "act that is not filled in": Page("/persons/p-0001/change", {"name": ""}, status=422),
    "act on a sign-in": Page(f"/persons/p-0001/identities/{ID}/release"),
    "act that gives a role": Page("/roles/give?person_id=p-0001"),
    "act that ends a role": Page("/roles/end?person_id=p-0001&role=manager&done=yes"),
    "act that erases": Page("/erasures/new?person_id=p-0001"),
    "act that leaves a part out": Page(f"/units/rehab/modules/{ID}/waive?rollout={ID}"),
    "act that splits a unit": Page("/unit-changes/new/split?unit_id=rehab"),
    "persons": Page("/persons"),
    "person": Page("/persons/p-0001"),
    "erasures": Page("/erasures"),
    "erasure": Page(f"/erasures/{ID}"),
    "unit_changes": Page("/unit-changes?status=planned"),
    "unit_change_preview": Page(
        "/unit-changes/new/dissolve",
        {"unit_id": "rehab", "effective_on": "2026-10-01", "reason": "Because"},
    ),
    "report_groups": Page(f"/rollouts/{ID}/report-groups?done=yes"),
    "report_groups as proposed": Page(f"/rollouts/{ID}/report-groups?proposal=1&all=1"),
    "report_groups as a preview": Page(
        f"/rollouts/{ID}/report-groups",
        {"seen": "day ward;east west", "group-day": "", "group-ward": "", "step": "preview"},
    ),
    "report_groups with a mistake": Page(
        f"/rollouts/{ID}/report-groups", {"group-rehab": "x", "step": "save"}, status=422
    ),
    "assign": Page(f"/rollouts/{ID}/modules?wave=0"),
    "assign without anything": Page(f"/rollouts/{ID}/modules", {"step": "preview"}, status=422),
    "assign as a preview": Page(
        f"/rollouts/{ID}/modules",
        {"units": "rehab", "module-start": "yes", "step": "preview"},
    ),
    "instrument_form of a new one": Page("/instruments/new"),
    "error": Page("/nothing", status=404),
    "error while a service is away": Page(
        f"/rounds/{ID}", status=503, failure=ServiceAway("assessment", "down")
    ),
    "error that hands a form back": Page(
        "/ask", {"text": "Why?"}, status=503, failure=ServiceAway("content", "down")
    ),
    "error of the portal": Page(f"/rounds/{ID}", status=500, failure=RuntimeError("x")),
    "error of a text that is too large": Page(
        "/ask", {"text": "Why?"}, 413, ServiceRefused(413, "body-too-large", "x")
    ),
    "error of a unit to come": Page(
        "/units/rehab", status=404, failure=ServiceRefused(404, "own-unit-unknown", "x")
    ),
    "error of a decision to come": Page(
        f"/rollouts/{ID}/decision", None, 404, ServiceRefused(404, "decision-not-taken", "x")
    ),
}
IDS = list(PAGES)
FILM = {"https://media.example.se/um.mp4", "https://media.example.se/um.vtt"}
"""Links only: nothing is fetched from there."""


async def shown(browser: Browser, page: Page, language: str = "sv") -> str:
    headers = {"sec-fetch-site": "same-origin", "accept-language": language}
    method = "GET" if page.form is None else "POST"
    browser.services.failure = page.failure
    answer = await browser.request(method, page.path, data=page.form, headers=headers)
    browser.services.failure = None
    assert answer.status_code == page.status
    return answer.text


def test_every_template_is_on_a_page() -> None:
    templates = {path.stem for path in (HERE / "templates").glob("*.html")}
    pieces = {"base", "bars", "parts", "pictures", "rows", "unit_change_parts"}
    assert templates - pieces <= set(PAGES)


@pytest.mark.parametrize("language", ["sv", "en"])
@pytest.mark.parametrize("page", PAGES.values(), ids=IDS)
async def test_each_page_is_rendered(signed_in: Browser, page: Page, language: str) -> None:
    """A variable that is missing fails (StrictUndefined)."""
    text = await shown(signed_in, page, language)
    assert f'<html lang="{language}"' in text
    assert re.search(r"<title>\S", text)
    assert text.count("<h1") == 1
    assert "None" not in re.sub(r"<script[^>]*>", "", text)
    assert "Undefined" not in text
    ids = re.findall(r' id="([^"]*)"', text)
    assert len(ids) == len(set(ids))


class Elements(HTMLParser):
    """Which elements and attributes there are, and where links and forms lead."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.tags: list[str] = []
        self.names: set[str] = set()
        self.addresses: list[str] = []
        self.feed(text)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append(tag)
        self.names |= {name for name, _ in attrs}
        self.addresses += [v or "" for n, v in attrs if n in ("href", "action", "src")]


@pytest.fixture
async def plain(signed_in: Browser) -> dict[str, Elements]:
    return {name: Elements(await shown(signed_in, page)) for name, page in PAGES.items()}


@pytest.mark.parametrize("attack", XSS)
async def test_no_text_becomes_markup(
    signed_in: Browser, plain: dict[str, Elements], attack: str
) -> None:
    """In every text that a person, a file or a service can give; as a person's name too."""
    fill(signed_in.services, attack)
    for key, session in signed_in.sessions._sessions.items():
        signed_in.sessions._sessions[key] = renamed(session, attack)
    for name, page in PAGES.items():
        found = Elements(await shown(signed_in, page))
        assert found.tags == plain[name].tags, name
        assert found.names == plain[name].names, name
        assert found.addresses == plain[name].addresses, name


@pytest.mark.parametrize("attack", XSS)
async def test_what_was_typed_comes_back_as_text(signed_in: Browser, attack: str) -> None:
    path = f"/rollouts/{ID}/actions/reject-decision"
    signed_in.services.refusals[("workflow", path)] = ServiceRefused(409, "four-eyes", "x")
    page = Page(path.replace("reject-", "reject_"), {"reason": attack}, 409)
    harmless = Page(page.path, {"reason": "Because"}, 409)
    assert (
        Elements(await shown(signed_in, page)).tags
        == Elements(await shown(signed_in, harmless)).tags
    )
    for query in ("status", "wave", "page", "branch", "step", "group", "text"):
        path = f"/rollouts/{ID}/units"
        text = (await signed_in.request("GET", path, params={query: attack})).text
        assert attack not in text or attack in HARMLESS


async def test_no_address_leads_elsewhere(plain: dict[str, Elements]) -> None:
    for name, found in plain.items():
        for address in found.addresses:
            if address not in {*FILM, SUPERVISOR, "mailto:accessibility@example.se"}:
                assert re.match(r"/(?!/)|[?#]", address), f"{name}: {address}"


async def test_the_start_page_without_workflow_still_shows_what_to_answer(
    signed_in: Browser,
) -> None:
    signed_in.services.away = {"workflow"}
    text = await shown(signed_in, PAGES["start"])
    assert "Införanden, enheter och deras resor" in text
    assert f"/rounds/{ID}" in text
    assert "/units/rehab" in text


async def test_the_start_page_without_assessment_still_shows_rollouts(signed_in: Browser) -> None:
    signed_in.services.away = {"assessment"}
    text = await shown(signed_in, PAGES["start"])
    assert "Självskattningar och resultat" in text
    assert f"/rollouts/{ID}/actions/approve_decision" in text


async def test_the_start_page_without_any_service_says_so(signed_in: Browser) -> None:
    signed_in.services.away = {"assessment", "content", "people", "workflow"}
    signed_in.authenticator.assignments -= {Assignment("operator", EVERY_UNIT)}
    text = await shown(signed_in, PAGES["start"])
    missing = ("Självskattningar och resultat", "Införanden, enheter och deras resor")
    assert all(name in text for name in missing)
    assert "Inget väntar på dig" not in text, "nobody knows"
    assert "kan inte visas fullständigt" in text


async def test_one_refused_rollout_does_not_take_the_start_page_with_it(
    signed_in: Browser,
) -> None:
    del signed_in.services.answers[("workflow", f"/rollouts/{ID}")]
    text = await shown(signed_in, PAGES["start"])
    assert f"/rounds/{ID}" in text


async def test_somebody_without_anything_finds_a_start_page(signed_in: Browser) -> None:
    empty = answers.page()
    signed_in.services.answers = {
        ("assessment", "/rounds"): empty,
        ("workflow", "/rollouts"): empty,
    }
    signed_in.authenticator.assignments = frozenset({Assignment("employee", "rehab")})
    text = await shown(signed_in, PAGES["start"])
    assert "Inget väntar på dig" in text


async def test_an_administrator_without_any_rollout_is_told_so(signed_in: Browser) -> None:
    signed_in.services.answers["workflow", "/rollouts"] = answers.page()
    assert "Inget införande är skapat än" in await shown(signed_in, PAGES["start"])
    signed_in.services.away = {"workflow"}
    assert "Inget införande" not in await shown(signed_in, PAGES["start"]), "nobody knows"


async def test_units_are_called_by_their_names(signed_in: Browser) -> None:
    signed_in.authenticator.assignments = frozenset(
        {Assignment("manager", "rehab"), Assignment("employee", "unknown-unit")}
    )
    fill(signed_in.services, "Rehabenheten")
    text = await shown(signed_in, PAGES["start"])
    assert "(Rehabenheten)" in text
    assert ">Rehabenheten</a>" in text
    assert ">unknown-unit</a>" in text
    assert "(rehab)" not in text


@pytest.mark.parametrize(
    ("away", "missing", "there"),
    [
        ("content", 'id="meetings"', 'id="results"'),
        ("content", 'id="modules"', 'id="results"'),
        ("assessment", 'id="results"', 'id="meetings"'),
    ],
)
async def test_a_units_page_shows_what_there_is(
    signed_in: Browser, away: str, missing: str, there: str
) -> None:
    signed_in.services.away = {away}
    text = await shown(signed_in, PAGES["unit"])
    assert missing not in text
    assert there in text
    assert 'role="status"' in text


@pytest.mark.parametrize("query", ["", f"?rollout={ID}"])
async def test_a_units_page_without_workflow_shows_what_the_others_know(
    signed_in: Browser, query: str
) -> None:
    signed_in.services.away = {"workflow"}
    text = await shown(signed_in, Page(f"/units/rehab{query}"))
    for there in ('id="meetings"', 'id="modules"', 'id="results"', "Införanden, enheter och"):
        assert there in text
    assert 'id="journey"' not in text
    assert "deltar inte i något införande" not in text, "nobody knows"
    brief = await shown(signed_in, Page(f"/units/rehab/brief{query}"))
    assert 'id="meetings"' in brief


async def test_a_unit_in_no_rollout(signed_in: Browser) -> None:
    signed_in.services.answers[("workflow", "/units/rehab/journeys")] = {"journeys": []}
    text = await shown(signed_in, Page("/units/rehab"))
    assert "Enheten deltar inte i något införande än" in text


async def test_a_unit_whose_rollout_has_no_round_yet(signed_in: Browser) -> None:
    signed_in.services.answers[("assessment", "/rounds")] = answers.page()
    text = await shown(signed_in, Page("/units/rehab"))
    assert 'id="journey"' in text


async def test_a_unit_shows_the_rollout_it_is_on_its_way_in(signed_in: Browser) -> None:
    [one] = answers.unit_journeys()["journeys"]
    over = {**one, "rollout_id": answers.OTHER_ID, "status": "completed", "rollout_name": "2025"}
    of_unit = ("workflow", "/units/rehab/journeys")
    signed_in.services.answers[of_unit] = {"journeys": [over, one]}
    text = await shown(signed_in, Page("/units/rehab"))
    assert 'id="journey"' in text
    assert f'<a class="ds-link" href="/units/rehab?rollout={answers.OTHER_ID}">2025</a>' in text


async def test_an_unknown_unit(signed_in: Browser) -> None:
    await shown(signed_in, Page("/units/unknown", status=404))


async def test_a_link_says_what_will_be_there(signed_in: Browser) -> None:
    """As mails lead there: to a unit before its import, and to a decision before it is made."""
    refused = ServiceRefused(404, "decision-not-taken", "in English")
    signed_in.services.refusals["workflow", f"/rollouts/{ID}/decision"] = refused
    text = await shown(signed_in, Page(f"/rollouts/{ID}/decision", status=404))
    assert "Beslutet är inte fattat än" in text
    signed_in.authenticator.assignments = frozenset({Assignment("manager", "planned")})
    text = await shown(signed_in, Page("/units/planned", status=404))
    assert "Enheten är inte registrerad än" in text
    text = await shown(signed_in, Page("/units/other", status=404))
    assert "Enheten är inte registrerad än" not in text


@pytest.mark.parametrize(
    ("wave", "said"),
    [(None, "våg är inte planerad än"), (0, "börjar med piloten"), (7, "börjar med våg 7")],
)
async def test_a_unit_before_its_start_says_when_it_begins(
    signed_in: Browser, wave: int | None, said: str
) -> None:
    waiting = {**answers.journey(), "status": "waiting", "step": "preparation", "wave": wave}
    journeys = ("workflow", f"/rollouts/{ID}/journeys")
    signed_in.services.answers[journeys] = answers.page(waiting)
    text = await shown(signed_in, PAGES["unit"])
    assert said in text
    assert "Till dess behöver den inte göra något" in text


async def test_a_closed_round_leads_to_the_results(signed_in: Browser) -> None:
    closed = {**answers.round_(), "status": "closed"}
    signed_in.services.answers["assessment", f"/rounds/{ID}"] = closed
    assert f'href="/units/rehab?rollout={ID}"' in await shown(signed_in, PAGES["questions"])


async def test_a_unit_that_has_left_the_rollout(signed_in: Browser) -> None:
    journeys = ("workflow", f"/rollouts/{ID}/journeys")
    signed_in.services.answers[journeys] = answers.page(total=3)
    assert "deltar inte" in await shown(signed_in, PAGES["unit"])


async def test_a_rollout_before_anything_happened(signed_in: Browser) -> None:
    path = ("workflow", f"/rollouts/{ID}")
    history = (path[0], f"{path[1]}/history")
    signed_in.services.answers |= {path: answers.new_rollout(), history: answers.page()}
    text = await shown(signed_in, Page(f"/rollouts/{ID}"))
    assert "Ingen våg är planerad ännu" in text
    assert "<tbody>\n</tbody>" not in text


async def test_who_may_not_record_sees_no_forms(signed_in: Browser) -> None:
    assert 'action="/units/rehab/meetings"' in await shown(signed_in, PAGES["unit"])
    signed_in.authenticator.assignments = frozenset(
        {Assignment("auditor", EVERY_UNIT), Assignment("manager", "heart")}
    )
    text = await shown(signed_in, PAGES["unit"])
    assert 'action="/units/rehab/' not in text


async def test_a_round_that_a_pause_holds_promises_no_closing_time(signed_in: Browser) -> None:
    at = ("assessment", f"/rounds/{ID}")
    signed_in.services.answers[at] = {**answers.round_(), "held_since": answers.AT}
    text = await shown(signed_in, Page(f"/rounds/{ID}"))
    assert "Öppen. En paus flyttar fram sluttiden." in text
    assert "Öppen till" not in text
    signed_in.services.answers[at] = {**answers.round_(), "closes_at": answers.LATER}
    assert "Öppen till" in await shown(signed_in, Page(f"/rounds/{ID}"))


async def test_a_closed_round_asks_nothing(signed_in: Browser) -> None:
    round_ = {**answers.round_(), "status": "closed"}
    signed_in.services.answers[("assessment", f"/rounds/{ID}")] = round_
    text = await shown(signed_in, Page(f"/rounds/{ID}"))
    assert "<fieldset" not in text


async def test_a_unit_is_chosen_by_its_name(signed_in: Browser) -> None:
    journey = answers.journey()
    form = await shown(signed_in, PAGES["action about a unit"])
    assert f'<option value="{journey["unit_id"]}">{journey["name"]}</option>' in form


async def test_who_may_act_is_led_from_the_unit_to_the_action(signed_in: Browser) -> None:
    link = f"/rollouts/{ID}/actions/pause_unit?unit_id=rehab"
    signed_in.authenticator.assignments = frozenset({Assignment("administrator", EVERY_UNIT)})
    assert link in await shown(signed_in, PAGES["unit"])
    signed_in.authenticator.assignments = frozenset({Assignment("manager", "rehab")})
    assert link not in await shown(signed_in, PAGES["unit"])


@pytest.mark.parametrize("page", PAGES.values(), ids=IDS)
async def test_every_table_can_be_scrolled_by_keyboard_and_has_a_name(
    signed_in: Browser, page: Page
) -> None:
    text = await shown(signed_in, page)
    assert text.count("<table") <= text.count('class="scroll"')
    for box in re.findall(r'<[^>]*class="scroll"[^>]*>', text):
        assert re.search(r'tabindex="0" role="group" aria-label="[^"]+"', box)
    for table in re.finditer("<table", text):
        before = text[: table.start()].rstrip()
        assert before.endswith(">"), "inside of the box"
        assert 'class="scroll"' in before[before.rindex("<") :]
