"""What people see when something did not work: the right page, in their language."""

import logging
import re
from datetime import timedelta

import pytest

from portal_service.application.ports import ServiceAway, ServiceRefused, SignInFailed
from portal_service.domain.texts import REASONS, ROLES, SERVICES
from portal_service.entrypoints import cookies
from portal_service.entrypoints.http.rounds import PAGE_BYTES
from portal_service.entrypoints.pages import translations
from servicekit.auth import EVERY_UNIT, Assignment
from servicekit.problems import ProblemError
from servicekit.settings import Limits
from unit.portal.answers import ID
from unit.portal.portal import OWN_PAGE, Browser, browsing

SECRET = "the detail of a problem, in English, for programs"
FAILURES = [
    (ServiceAway("workflow", SECRET), 503, "A part of the platform does not answer"),
    (ProblemError(401, "unauthenticated", SECRET), 503, "A part of the platform does not answer"),
    (ServiceRefused(403, "outside-unit", SECRET), 403, "You may not see this"),
    (ServiceRefused(404, "unit-unknown", SECRET), 404, "There is nothing here"),
    (ServiceRefused(409, "round-closed", SECRET), 409, "This was not done"),
    (ServiceRefused(422, "", SECRET), 422, "This was not done"),
    (ServiceRefused(413, "body-too-large", SECRET), 413, "This was not done"),
    (SignInFailed(SECRET), 403, "You could not be signed in"),
    (RuntimeError(SECRET), 500, "Something went wrong here"),
    (KeyError(SECRET), 500, "Something went wrong here"),
]
LANGUAGES = ("sv", "en")


def in_language(text: str, language: str) -> str:
    return translations(language).gettext(text).replace("'", "&#39;")


def assert_is_page(text: str, heading: str, language: str) -> None:
    assert text.startswith(f'<!doctype html>\n<html lang="{language}"')
    assert in_language(heading, language) in text
    if language == "sv":
        assert heading not in text
    for inside in (SECRET, "Traceback", "Error", "problem+json", "/problems/"):
        assert inside not in text


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize(("failure", "status", "heading"), FAILURES)
async def test_each_failure_has_its_page(
    signed_in: Browser, failure: Exception, status: int, heading: str, language: str
) -> None:
    signed_in.services.failure = failure
    answer = await signed_in.get(f"/rounds/{ID}", accept_language=language)
    assert answer.status_code == status
    assert answer.headers["content-type"] == "text/html; charset=utf-8"
    assert answer.headers["content-language"] == language
    assert_is_page(answer.text, heading, language)


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize(
    ("method", "path", "status", "heading"),
    [
        ("GET", "/nothing", 404, "There is nothing here"),
        ("GET", "/units/Not%20an%20id", 404, "There is nothing here"),
        ("GET", "/units/x%3Fy=1", 404, "There is nothing here"),
        ("GET", "/units/x%00", 404, "There is nothing here"),
        ("GET", "/rounds/1", 404, "There is nothing here"),
        ("GET", f"/rollouts/{ID}/units?page=0", 404, "There is nothing here"),
        ("GET", f"/rollouts/{ID}/actions/unknown", 404, "There is nothing here"),
        ("GET", "/start/", 404, "There is nothing here"),
        ("GET", "/sign-out", 405, "There is nothing here"),
        ("DELETE", "/start", 405, "There is nothing here"),
        ("POST", "/units/rehab/meetings", 422, "This was not done"),
        ("POST", "/units/rehab/actions", 422, "This was not done"),
        ("POST", "/language", 422, "This was not done"),
    ],
)
async def test_a_request_for_nothing_has_its_page(
    signed_in: Browser, method: str, path: str, status: int, heading: str, language: str
) -> None:
    headers = {**OWN_PAGE, "accept-language": language}
    answer = await signed_in.request(method, path, headers=headers)
    assert answer.status_code == status
    assert_is_page(answer.text, heading, language)


@pytest.mark.parametrize("path", ["/nothing", "/rounds/1", "/units/x%00", "/start/"])
async def test_who_is_signed_in_is_not_asked_to_sign_in(signed_in: Browser, path: str) -> None:
    text = (await signed_in.get(path)).text
    assert 'action="/sign-out"' in text
    assert 'href="/sign-in"' not in text
    signed_in.cookies[cookies.NAME] = "ended"
    assert 'href="/sign-in"' in (await signed_in.get("/nothing")).text


async def test_nothing_is_found_while_nobody_can_be_known(signed_in: Browser) -> None:
    signed_in.sessions.ahead = timedelta(minutes=20)
    signed_in.exchange.away = True
    assert (await signed_in.get("/nothing")).status_code == 404


@pytest.mark.parametrize("service", SERVICES)
async def test_an_away_page_says_what_does_not_work_and_what_does(
    signed_in: Browser, service: str
) -> None:
    signed_in.services.failure = ServiceAway(service, SECRET)
    text = (await signed_in.get(f"/rounds/{ID}")).text
    gone, works = text.partition("Fungerar ändå")[::2]
    for other, name in SERVICES.items():
        assert in_language(name, "sv") in (gone if other == service else works)
        assert in_language(name, "sv") not in (works if other == service else gone)
    assert re.search(r"Svarar inte, klockan \d\d:\d\d:\d\d<", gone)
    assert 'href="/"' in works


async def test_while_nobody_can_sign_in_the_open_pages_work(browser: Browser) -> None:
    browser.provider.away = True
    text = (await browser.get("/sign-in")).text
    assert "<dd>Inloggningen</dd>" in text
    assert in_language(SERVICES["workflow"], "sv") not in text
    assert "det som alla får läsa" in text


async def test_a_part_that_is_missing_has_its_time(signed_in: Browser) -> None:
    signed_in.services.away = {"content"}
    text = (await signed_in.get("/units/rehab")).text
    assert re.search(r"Det här saknas, klockan \d\d:\d\d:\d\d:", text)


ABLE = [
    ("/operation/audit", "employee", ["auditor", "operator"]),
    ("/operation", "auditor", ["administrator", "operator"]),
    ("/operation/dead-letters", "employee", ["administrator", "auditor", "operator"]),
    ("/rollouts/new", "auditor", ["administrator"]),
    ("/units/rehab/brief", "auditor", ["manager", "deputy", "facilitator", "administrator"]),
]


@pytest.mark.parametrize(("path", "role", "able"), ABLE)
async def test_a_forbidden_page_says_who_can(
    signed_in: Browser, path: str, role: str, able: list[str]
) -> None:
    signed_in.authenticator.assignments = frozenset({Assignment(role, EVERY_UNIT)})
    answer = await signed_in.get(path)
    assert answer.status_code == 403
    names = ", ".join(in_language(ROLES[one], "sv") for one in able)
    assert f"De kan hjälpa dig: {names}</p>" in answer.text


async def test_a_service_says_who_can(signed_in: Browser) -> None:
    roles = ("administrator", "service", "a-new-role")
    for code, text in (("role-missing", "rollerna. De"), ("outside-scope", "för hela regionen")):
        signed_in.services.failure = ServiceRefused(403, code, SECRET, roles=roles)
        page = (await signed_in.get(f"/rounds/{ID}")).text
        assert text in page
        assert "De kan hjälpa dig: administratör</p>" in page


async def test_what_belongs_to_another_unit_leads_to_its_manager(signed_in: Browser) -> None:
    signed_in.services.failure = ServiceRefused(403, "outside-unit", SECRET)
    text = (await signed_in.get(f"/rounds/{ID}")).text
    assert "Enhetens chef eller en administratör kan hjälpa dig" in text


async def test_who_finds_nothing_can_search(browser: Browser) -> None:
    assert 'role="search"' in (await browser.get("/nothing")).text


async def test_a_fault_of_ours_is_noted(
    signed_in: Browser, caplog: pytest.LogCaptureFixture
) -> None:
    signed_in.services.failure = RuntimeError("a fault of ours")
    with caplog.at_level(logging.ERROR):
        await signed_in.get(f"/rounds/{ID}")
    assert "a fault of ours" in caplog.text


@pytest.mark.parametrize("code", ["round-closed", "idempotency-key-reused", "unit-not-a-leaf"])
async def test_a_refusal_says_why_in_the_readers_language(signed_in: Browser, code: str) -> None:
    signed_in.services.refusals[("content", "/meetings")] = ServiceRefused(409, code, SECRET)
    form = {"rollout_id": ID, "held_on": "2026-03-02", "headcount": "4", "variant": "30"}
    answer = await signed_in.post("/units/rehab/meetings", **form)
    assert answer.status_code == 409
    assert in_language(REASONS[code], "sv") in answer.text
    assert SECRET not in answer.text


async def test_a_reason_that_is_not_known_yet_is_not_shown_in_english(signed_in: Browser) -> None:
    refusal = ServiceRefused(409, "some-new-code", SECRET)
    signed_in.services.refusals[("assessment", f"/rounds/{ID}")] = refusal
    answer = await signed_in.get(f"/rounds/{ID}")
    assert "new code" not in answer.text.lower()


async def test_a_refused_action_keeps_what_was_typed(signed_in: Browser) -> None:
    path = f"/rollouts/{ID}/actions/reject-decision"
    refusal = ServiceRefused(409, "stale-version", SECRET)
    signed_in.services.refusals[("workflow", path)] = refusal
    answer = await signed_in.post(
        f"/rollouts/{ID}/actions/reject_decision", reason="Vi <väntar>", version="4"
    )
    assert answer.status_code == 409
    assert "Vi &lt;väntar&gt;" in answer.text
    assert in_language(REASONS["stale-version"], "sv") in answer.text


@pytest.mark.parametrize(
    "typed",
    [
        {"reason": "x", "version": "not a number", "sent": "é\r\nx: y"},
        {"reason": "x", "version": "9" * 5000},
        {"reason": "x", "unknown": "x", "decision_id": "another"},
    ],
)
async def test_odd_fields_of_a_form_change_nothing(
    signed_in: Browser, typed: dict[str, str]
) -> None:
    answer = await signed_in.post(f"/rollouts/{ID}/actions/reject_decision", **typed)
    assert answer.status_code == 303
    [(_, _, body, key)] = signed_in.services.sent
    assert body == {"reason": "x", "expected_version": 4, "decision_id": ID}
    assert key == ""


@pytest.mark.parametrize("choice", ["", "-1", "5", "99", "x", "²", "9" * 5000])
async def test_an_answer_that_is_no_choice_is_asked_again(signed_in: Browser, choice: str) -> None:
    chosen = {f"item-{n}": "1" for n in range(7)}
    for sure in ({}, {"sure": "yes"}):
        answer = await signed_in.post(f"/rounds/{ID}", **{**chosen, "item-3": choice}, **sure)
        assert answer.status_code == 422
    assert signed_in.services.sent == []


async def test_answers_are_looked_at_before_they_are_sent(signed_in: Browser) -> None:
    chosen = {**{f"item-{n}": "4" for n in range(6)}, "item-6": "n"}
    looked_at = await signed_in.post(f"/rounds/{ID}", **chosen)
    assert looked_at.status_code == 200
    assert signed_in.services.sent == []
    assert (await signed_in.post(f"/rounds/{ID}", **chosen, sure="yes")).status_code == 200
    [(_, _, body, _)] = signed_in.services.sent
    assert body["answers"] == {**{f"item-{n}": 4 for n in range(6)}, "item-6": None}


@pytest.mark.parametrize("language", LANGUAGES)
async def test_who_sends_too_much_gets_a_page_that_says_how_long_to_wait(language: str) -> None:
    async with browsing(limits=Limits(per_address=60)) as browser:
        for _ in range(30):
            assert (await browser.get("/health/live")).status_code == 200
            assert (await browser.get("/nothing")).status_code == 404
        while (answer := await browser.get("/start", accept_language=language)).status_code == 303:
            pass
        assert answer.status_code == 429
        assert answer.headers["retry-after"] == "1"
        assert "content-security-policy" in answer.headers
        assert_is_page(answer.text, "Too much was sent at once", language)
        assert (await browser.get("/health/live")).status_code == 200
        form = await browser.post(f"/rounds/{ID}", sure="yes")
        assert form.status_code == 429
        assert 0.9 * PAGE_BYTES < len(form.content) < PAGE_BYTES, "as long as any other answer"
