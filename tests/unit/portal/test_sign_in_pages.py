"""Signing in and out in a browser: cookies, where it leads, and attacks."""

import hashlib
import re
from datetime import timedelta
from urllib.parse import quote

import pytest

from servicekit.auth import Assignment
from unit.portal import answers
from unit.portal.answers import ID, OTHER_ID
from unit.portal.portal import BY_CODE, Browser

COOKIE = "__Host-portal"
ELSEWHERE = [
    *("//evil.example", "https://evil.example", "/\\evil.example", "/\t/evil.example", "//["),
    *("javascript:alert(1)", "/\r\nset-cookie:a=b", "//user@evil.example", "\\\\evil.example"),
]


def flags(cookie: str) -> set[str]:
    return {part.strip().lower() for part in cookie.split(";")[1:]}


async def test_the_cookie_cannot_be_read_or_sent_elsewhere(browser: Browser) -> None:
    begun = await browser.get("/sign-in")
    cookie = begun.headers["set-cookie"]
    assert cookie.startswith(f"{COOKIE}=")
    assert flags(cookie) == {"httponly", "secure", "samesite=lax", "path=/"}
    await browser.sign_in()
    ended = await browser.post("/sign-out")
    assert ended.headers["clear-site-data"] == '"storage"', "drafts are not for the next one"
    assert ended.headers["set-cookie"].startswith(f'{COOKIE}=""')
    assert {"secure", "path=/", "max-age=0"} <= flags(ended.headers["set-cookie"])


async def test_no_page_for_everybody_sets_a_cookie(browser: Browser) -> None:
    for path in ("/", "/about/cookies", "/nothing", "/?language=en"):
        assert "set-cookie" not in (await browser.get(path)).headers


async def test_the_key_after_signing_in_is_another(browser: Browser) -> None:
    """Session fixation: whoever planted the first key has nothing."""
    browser.keep(await browser.get("/sign-in"))
    planted = browser.cookies[COOKIE]
    key = await browser.sign_in()
    assert key != planted
    browser.cookies[COOKIE] = planted
    assert (await browser.get("/start")).status_code == 303


@pytest.mark.parametrize("wanted", ELSEWHERE)
async def test_signing_in_leads_to_the_portal_only(browser: Browser, wanted: str) -> None:
    begun = await browser.get(f"/sign-in?return_to={quote(wanted)}")
    assert begun.headers["location"].startswith("https://idp.example.se/authorize?")
    browser.keep(begun)
    state = begun.headers["location"].partition("state=")[2]
    answer = await browser.get(f"/sign-in/answer?code=c&state={state}")
    assert (answer.status_code, answer.headers["location"]) == (303, "/start")
    browser.keep(answer)
    again = await browser.get(f"/sign-in?return_to={quote(wanted)}")
    assert again.headers["location"] == "/start"


@pytest.mark.parametrize("back", ELSEWHERE)
async def test_choosing_a_language_leads_to_the_portal_only(browser: Browser, back: str) -> None:
    answer = await browser.post("/language", language="en", back=back)
    assert answer.headers["location"] == "/start?language=en"
    await browser.sign_in()
    answer = await browser.post("/language", language="en", back=back)
    assert answer.headers["location"] == "/start"


async def test_a_page_is_shown_after_signing_in(browser: Browser) -> None:
    refused = await browser.get("/units/rehab?rollout=1&x=ä")
    wanted = "/units/rehab%3Frollout%3D1%26x%3D%25C3%25A4"
    assert refused.headers["location"] == f"/sign-in?return_to={wanted}"
    browser.keep(await browser.get(refused.headers["location"]))
    [sign_in] = browser.sessions._sign_ins.values()
    assert sign_in.return_to == "/units/rehab?rollout=1&x=%C3%A4"


async def test_a_form_of_an_ended_session_says_that_nothing_was_sent(browser: Browser) -> None:
    answer = await browser.post("/units/rehab/meetings", held_on="2026-03-02")
    assert answer.status_code == 401
    assert "Du är inte inloggad längre" in answer.text


async def test_a_link_to_sign_in_ends_no_session(signed_in: Browser) -> None:
    answer = await signed_in.get("/sign-in?return_to=/about/cookies")
    assert answer.headers["location"] == "/about/cookies"
    assert "set-cookie" not in answer.headers


async def test_an_answer_of_the_provider_is_taken_once(browser: Browser) -> None:
    begun = await browser.get("/sign-in")
    browser.keep(begun)
    path = f"/sign-in/answer?code=c&state={begun.headers['location'].partition('state=')[2]}"
    assert (await browser.get(path)).status_code == 303
    replayed = await browser.get(path)
    assert replayed.status_code == 403
    assert "set-cookie" not in replayed.headers


@pytest.mark.parametrize(
    "query", ["", "?state=x&code=y", "?error=access_denied", "?state=%C3%A5", "?iss=x&state=%00"]
)
async def test_an_answer_to_nothing_is_refused(browser: Browser, query: str) -> None:
    browser.keep(await browser.get("/sign-in"))
    answer = await browser.get(f"/sign-in/answer{query}")
    assert answer.status_code == 403
    assert "Du kunde inte loggas in" in answer.text


async def test_signing_out_ends_the_session_though_the_provider_is_away(
    signed_in: Browser,
) -> None:
    signed_in.provider.away = True
    answer = await signed_in.post("/sign-out")
    assert (answer.status_code, answer.headers["location"]) == (303, "/")
    assert (await signed_in.get("/start")).status_code == 303


async def test_signing_out_goes_on_at_the_provider(signed_in: Browser) -> None:
    answer = await signed_in.post("/sign-out")
    assert answer.headers["location"] == "https://idp.example.se/logout"


async def test_public_pages_are_shown_while_nobody_can_be_known(signed_in: Browser) -> None:
    signed_in.sessions.ahead = timedelta(minutes=20)
    signed_in.exchange.away = True
    assert (await signed_in.get("/")).status_code == 200
    assert (await signed_in.get("/start")).status_code == 503


async def test_a_code_leads_to_its_round_and_is_forgotten_with_the_answer(
    browser: Browser,
) -> None:
    redeemed = await browser.sign_in_by_code()
    assert (redeemed.status_code, redeemed.headers["location"]) == (303, f"/rounds/{ID}")
    assert flags(redeemed.headers["set-cookie"]) == {
        *("httponly", "secure", "samesite=lax", "path=/")
    }
    chosen = {f"item-{n}": "1" for n in range(7)}
    sent = await browser.post(f"/rounds/{ID}", **chosen, sure="yes")
    assert sent.status_code == 200
    assert sent.headers["set-cookie"].startswith(f'{COOKIE}=""')
    assert sent.headers["clear-site-data"] == '"storage"'
    assert (await browser.get(f"/rounds/{ID}")).status_code == 303


async def test_typing_the_code_again_keeps_the_draft(browser: Browser) -> None:
    """It is its owner's alone: a page shows no other (`data-owner`)."""
    assert "clear-site-data" not in (await browser.sign_in_by_code()).headers


async def test_a_draft_belongs_to_one_person(signed_in: Browser) -> None:
    owners = []
    for subject in ("account-1", "account-2", "account-1"):
        signed_in.authenticator.subject = subject
        page = (await signed_in.get(f"/rounds/{ID}")).text
        [owner] = re.findall(r'data-owner="([0-9a-f]{32})"', page)
        owners.append(owner)
    assert owners[0] == owners[2] != owners[1]
    plain = hashlib.sha256(b"account-1").hexdigest()
    assert not plain.startswith(owners[0]), "whoever knows the accounts cannot find out whose it is"


@pytest.mark.parametrize(
    "assignments",
    [
        frozenset(),
        frozenset({Assignment("employee", "rehab")}),
        frozenset({Assignment("respondent", "rehab", round=one) for one in (ID, OTHER_ID)}),
    ],
)
async def test_a_codes_token_for_no_single_round_is_a_clear_page(
    browser: Browser, assignments: frozenset[Assignment]
) -> None:
    browser.authenticator.assignments = assignments
    answer = await browser.post("/svara", code="abcdefgh")
    assert answer.status_code == 503
    assert "svarar inte" in answer.text
    assert "set-cookie" not in answer.headers
    assert browser.sessions._sessions == {}


async def test_a_code_ends_the_session_that_the_browser_forgets(signed_in: Browser) -> None:
    before = dict(signed_in.cookies)
    signed_in.authenticator.assignments = BY_CODE
    redeemed = await signed_in.post("/svara", code="abcdefgh")
    assert redeemed.status_code == 303
    signed_in.cookies = before
    assert (await signed_in.get("/start")).status_code == 303
    assert len(signed_in.sessions._sessions) == 1


async def test_a_wrong_code_ends_nothing(signed_in: Browser) -> None:
    assert (await signed_in.post("/svara", code="wrong")).status_code == 422
    assert (await signed_in.get("/start")).status_code == 200


async def test_signing_in_ends_the_session_by_code(browser: Browser) -> None:
    await browser.sign_in_by_code()
    await browser.get("/sign-in")
    assert browser.sessions._sessions == {}


async def test_nothing_ends_while_nobody_can_sign_in(browser: Browser) -> None:
    await browser.sign_in_by_code()
    browser.provider.away = True
    assert (await browser.get("/sign-in")).status_code == 503
    assert len(browser.sessions._sessions) == 1


async def test_a_way_back_that_fits_no_cookie_is_the_start_page(browser: Browser) -> None:
    browser.keep(await browser.get(f"/sign-in?return_to=/{'x' * 1_000}"))
    [sign_in] = browser.sessions._sign_ins.values()
    assert sign_in.return_to == "/start"


async def test_a_wrong_code_opens_nothing(browser: Browser) -> None:
    answer = await browser.post("/svara", code="wrong")
    assert answer.status_code == 422
    assert "set-cookie" not in answer.headers
    assert "wrong" not in answer.text
    other_site = {"sec-fetch-site": "cross-site"}
    forged = await browser.request("POST", "/svara", data={"code": "abcdefgh"}, headers=other_site)
    assert forged.status_code == 403


async def test_whoever_came_by_a_code_can_still_sign_in(browser: Browser) -> None:
    await browser.sign_in_by_code()
    answer = await browser.get("/sign-in")
    assert answer.headers["location"].startswith("https://idp.example.se/")


async def test_a_session_by_code_goes_on_while_somebody_answers(browser: Browser) -> None:
    await browser.sign_in_by_code()
    for minutes in (10, 20, 60):
        browser.sessions.ahead = timedelta(minutes=minutes)
        assert (await browser.get(f"/rounds/{ID}")).status_code == 200
    assert browser.provider.refreshes == []


async def test_who_came_by_a_code_is_asked_for_it_again(browser: Browser) -> None:
    """They have no account at the identity provider."""
    await browser.sign_in_by_code()
    browser.sessions.ahead = timedelta(hours=2)
    answer = await browser.get(f"/rounds/{ID}?language=en")
    assert answer.headers["location"] == "/svara?language=en"
    assert "has forgotten your code" in (await browser.get("/svara?language=en")).text
    refused = await browser.post(f"/rounds/{ID}", **{"item-1": "1"})
    assert refused.status_code == 401
    assert 'href="/svara"' in refused.text


async def test_whoever_comes_by_a_code_first_sees_nothing_of_another(browser: Browser) -> None:
    assert "glömt din kod" not in (await browser.get("/svara")).text


async def test_a_code_leads_back_to_its_round_from_the_start_page(browser: Browser) -> None:
    await browser.sign_in_by_code()
    browser.services.answers["assessment", "/rounds"] = answers.page()
    page = (await browser.get("/start")).text
    assert f'href="/rounds/{ID}"' in page
    assert "Inget väntar på dig" not in page
