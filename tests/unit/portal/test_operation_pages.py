"""Dead letters, webhooks and the audit trail: what is offered to whom, sent, and refused."""

import pytest

from portal_service.application.ports import ServiceRefused
from portal_service.domain.texts import SERVICES
from servicekit.auth import EVERY_UNIT, Assignment
from unit.portal import answers
from unit.portal.answers import ID
from unit.portal.operator_answers import delivery
from unit.portal.portal import EVERYTHING, Browser

LETTERS = "/operation/dead-letters"
FIRST, SECOND = "content/content.units/17", "content/content.units/18"
OTHER = "people/people.accounts/3"


def as_(browser: Browser, role: str) -> None:
    browser.authenticator.assignments = frozenset({Assignment(role, EVERY_UNIT)})


async def send(browser: Browser, *letters: str, **form: str) -> tuple[int, str]:
    headers = {"sec-fetch-site": "same-origin"}
    data = {"letter": list(letters), "sent": ID, **form}
    answer = await browser.request("POST", LETTERS, data=data, headers=headers)
    return answer.status_code, answer.headers.get("location", answer.text)


@pytest.mark.parametrize(
    ("role", "led_to"),
    [
        ("operator", {"/operation", "/operation/audit"}),
        ("auditor", {LETTERS, "/operation/webhooks", "/operation/audit"}),
        ("employee", set[str]()),
    ],
)
async def test_the_menu_leads_where_somebody_may_go(
    signed_in: Browser, role: str, led_to: set[str]
) -> None:
    as_(signed_in, role)
    text = (await signed_in.get("/")).text
    pages = {"/operation", LETTERS, "/operation/webhooks", "/operation/audit"}
    assert {page for page in pages if f'href="{page}"' in text} == led_to


@pytest.mark.parametrize("page", ["/operation", LETTERS, "/operation/audit"])
async def test_nobody_else_opens_them(signed_in: Browser, page: str) -> None:
    as_(signed_in, "employee")
    assert (await signed_in.get(page)).status_code == 403


async def test_nobody_is_led_where_they_may_not_go(signed_in: Browser) -> None:
    """The page of the platform's processes is no auditor's, and of units and questions no
    operator's."""
    led = {"/operation/audit": "/operation", f"/rollouts/{ID}": f"/rollouts/{ID}/units"}
    for page, link in {**led, "/answers": "/ask"}.items():
        assert f'href="{link}"' in (await signed_in.get(page)).text
        as_(signed_in, "auditor" if page == "/operation/audit" else "operator")
        text = (await signed_in.get(page)).text
        assert f'href="{link}' not in text.replace('href="/operation/', "")
        signed_in.authenticator.assignments = EVERYTHING


async def test_letters_of_several_services_are_sent_again_at_once(signed_in: Browser) -> None:
    status, location = await send(signed_in, FIRST, OTHER, SECOND, how="redrive")
    assert (status, location) == (303, f"{LETTERS}?redrive=3")
    services = signed_in.services
    assert [one[:3] for one in services.sent] == [
        ("content", "/dead-letters/content.units/redrive", {"offsets": [17, 18]}),
        ("people", "/dead-letters/people.accounts/redrive", {"offsets": [3]}),
    ]
    keys = [one[3] for one in services.sent]
    assert len({*keys, ID, ""}) == 4, "each service knows its own part by a key of its own"
    await send(signed_in, FIRST, OTHER, SECOND, how="redrive")
    assert [one[3] for one in services.sent] == keys * 2


async def test_letters_are_discarded_with_a_reason(signed_in: Browser) -> None:
    status, text = await send(signed_in, FIRST, how="discard", reason="  ")
    assert status == 422
    assert "Skriv varför de kastas" in text
    assert f'value="{FIRST}" aria-labelledby="event-1" checked' in text
    assert signed_in.services.sent == []
    status, location = await send(signed_in, FIRST, how="discard", reason=" Gone ")
    assert (status, location) == (303, f"{LETTERS}?discard=1")
    assert signed_in.services.sent[0][2] == {"offsets": [17], "reason": "Gone"}


async def test_what_is_no_letter_is_left_out(signed_in: Browser) -> None:
    wrong = (
        "",
        "content",
        "content/x",
        "content//1",
        "unknown/g/1",
        "content/a/b/1",
        "content/g/x",
    )
    status, text = await send(signed_in, *wrong, how="redrive")
    assert status == 422
    assert "Välj minst en händelse" in text
    assert signed_in.services.sent == []


async def test_what_one_group_refuses_is_said_by_its_name(signed_in: Browser) -> None:
    path = ("content", "/dead-letters/content.units/redrive")
    signed_in.services.refusals[path] = ServiceRefused(409, "dead-letter-handled", "x")
    status, text = await send(signed_in, FIRST, OTHER, how="redrive")
    assert status == 409
    assert "<code>content.units</code>: Någon har hanterat några av dem" in text
    assert "people.accounts</code>:" not in text
    signed_in.services.away = {"content"}
    status, text = await send(signed_in, FIRST, how="redrive")
    assert "Inget är förlorat" in text
    assert "Moduler, träffar och handlingar" in text, "which part is missing"
    assert "Ingen händelse är undanlagd" not in text, "nobody knows"


async def test_who_may_only_read_is_offered_nothing(signed_in: Browser) -> None:
    for path in (LETTERS, f"{LETTERS}/content/content.units/17"):
        as_(signed_in, "operator")
        assert 'value="redrive"' in (await signed_in.get(path)).text
        as_(signed_in, "auditor")
        text = (await signed_in.get(path)).text
        assert "workflow.unit.changed.v1" in text
        assert 'value="redrive"' not in text


async def test_operators_enable_and_send_again_what_auditors_only_read(
    signed_in: Browser,
) -> None:
    page = f"/operation/webhooks/{ID}"
    for path, form in ((page, "/enable"), (f"{page}/deliveries/{ID}", "/redeliver")):
        as_(signed_in, "operator")
        assert form in (await signed_in.get(path)).text
        as_(signed_in, "auditor")
        assert form not in (await signed_in.get(path)).text


async def test_an_unknown_service_has_no_letters(signed_in: Browser) -> None:
    assert (await signed_in.get(f"{LETTERS}/portal/g/1")).status_code == 404


async def test_nothing_put_aside_is_said(signed_in: Browser) -> None:
    signed_in.services.answers["content", "/dead-letters"] = answers.page()
    assert "Ingen händelse är undanlagd" in (await signed_in.get(LETTERS)).text


async def test_a_delivery_is_sent_again(signed_in: Browser) -> None:
    page = f"/operation/webhooks/{ID}/deliveries/{ID}"
    answer = await signed_in.post(f"{page}/redeliver", sent=ID)
    assert answer.headers["location"] == page
    assert signed_in.services.sent == [("notification", f"/deliveries/{ID}/redeliver", {}, ID)]
    as_(signed_in, "administrator")
    assert "/redeliver" in (await signed_in.get(page)).text
    path = ("notification", f"/deliveries/{ID}")
    signed_in.services.answers[path] = delivery(status="pending", reason="")
    assert "/redeliver" not in (await signed_in.get(page)).text


@pytest.mark.parametrize(
    ("page", "path", "code", "text"),
    [
        ("/deliveries/{}/redeliver", "/deliveries/{}/redeliver", "delivery-pending", "Den väntar"),
        ("/enable", "/subscriptions/{}/enable", "subscription-active", "redan aktiv"),
    ],
)
async def test_what_notification_refuses_is_said_on_the_page(
    signed_in: Browser, page: str, path: str, code: str, text: str
) -> None:
    refusal = ServiceRefused(409, code, "x")
    signed_in.services.refusals["notification", path.format(ID)] = refusal
    answer = await signed_in.post(f"/operation/webhooks/{ID}{page.format(ID)}")
    assert answer.status_code == 409
    assert text in answer.text


async def test_a_subscription_is_enabled(signed_in: Browser) -> None:
    page = f"/operation/webhooks/{ID}"
    assert f'action="{page}/enable"' in (await signed_in.get(page)).text
    answer = await signed_in.post(f"{page}/enable", sent=ID)
    assert answer.headers["location"] == page
    assert signed_in.services.sent == [("notification", f"/subscriptions/{ID}/enable", {}, ID)]


async def test_a_search_asks_every_service(signed_in: Browser) -> None:
    text = (
        await signed_in.get("/operation/audit?account=a&since=2026-11-01&until=2026-11-02&page=7")
    ).text
    asked = {one: query for one, path, query in signed_in.services.asked if path == "/audit"}
    assert set(asked) == set(SERVICES)
    assert asked["people"] == {
        "account": "a",
        "since": "2026-11-01T00:00:00+01:00",
        "until": "2026-11-03T00:00:00+01:00",
        "limit": "50",
        "page": "1",
    }
    link = "/operation/audit.csv?service=people&amp;account=a&amp;since=2026-11-01"
    assert link in text


async def test_one_services_trail_is_shown_in_pages(signed_in: Browser) -> None:
    text = (await signed_in.get("/operation/audit?service=content&page=2")).text
    assert [one[0] for one in signed_in.services.asked if one[1] == "/audit"] == ["content"]
    assert signed_in.services.asked[-1][2]["page"] == "2"
    assert "/operation/audit?service=content&amp;page=2" in text


async def test_a_trail_is_saved_as_a_file(signed_in: Browser) -> None:
    answer = await signed_in.get("/operation/audit.csv?service=content&action=rounds.close")
    assert answer.headers["content-disposition"].endswith('"audit-content.csv"')
    assert signed_in.services.asked[-1] == ("content", "/audit", {"action": "rounds.close"})
    assert (await signed_in.get("/operation/audit.csv")).status_code == 404
    as_(signed_in, "administrator")
    answer = await signed_in.get("/operation/audit.csv?service=content")
    assert answer.status_code == 403


async def test_a_service_that_is_away_is_named(signed_in: Browser) -> None:
    signed_in.services.away = {"people"}
    text = (await signed_in.get("/operation/audit")).text
    assert "Personer och roller" in text.partition('<form method="get"')[0]
    assert "rehab" in text.lower()
