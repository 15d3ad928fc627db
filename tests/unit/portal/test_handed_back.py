"""A form that could not be received comes back as a page that sends it once more."""

from datetime import timedelta
from html.parser import HTMLParser

import pytest

from unit.portal.answers import ID
from unit.portal.portal import OWN_PAGE, Browser
from unit.portal.test_pages import XSS

MEETING = "/units/rehab/meetings"
TYPED = {"rollout_id": ID, "held_on": "2026-03-02", "headcount": "4", "variant": "30", "sent": ID}
_LATER = timedelta(minutes=20)


class Hidden(HTMLParser):
    """The hidden fields of the form that posts to the page's own address."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.fields: list[tuple[str, str]] = []
        self._inside = False
        self.feed(text)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        given = dict(attrs)
        if tag == "form":
            self._inside = given.get("method") == "post" and "action" not in given
        if tag == "input" and self._inside and given.get("type") == "hidden":
            self.fields.append((given["name"] or "", given["value"] or ""))


async def test_the_form_of_an_ended_session(browser: Browser) -> None:
    refused = await browser.post(MEETING, **TYPED)
    assert refused.status_code == 401
    assert Hidden(refused.text).fields == list(TYPED.items())
    await browser.sign_in()
    sent = await browser.post(MEETING, **dict(Hidden(refused.text).fields))
    assert sent.headers["location"] == f"/units/rehab?rollout={ID}#meetings"
    assert [key for *_, key in browser.services.sent] == [ID]


PATHS = [MEETING, f"/rounds/{ID}", "/ask", "/instruments/x/versions/1/next"]


@pytest.mark.parametrize("path", PATHS)
async def test_the_form_while_nobody_can_be_known(signed_in: Browser, path: str) -> None:
    signed_in.sessions.ahead += _LATER
    signed_in.exchange.away = True
    answer = await signed_in.post(path, **TYPED)
    assert answer.status_code == 503
    assert Hidden(answer.text).fields == list(TYPED.items())


async def test_the_form_while_its_service_is_away(signed_in: Browser) -> None:
    signed_in.services.away = {"content"}
    answer = await signed_in.post(MEETING, **TYPED)
    assert answer.status_code == 503
    assert Hidden(answer.text).fields == list(TYPED.items())


async def test_fields_of_the_same_name_all_come_back(browser: Browser) -> None:
    chosen = [("letter", "a/b/1"), ("letter", "a/b/2"), ("reason", "x\r\ny")]
    data = "&".join(f"{name}={text}" for name, text in chosen).replace("\r\n", "%0D%0A")
    headers = {**OWN_PAGE, "content-type": "application/x-www-form-urlencoded"}
    path = "/operation/dead-letters"
    answer = await browser.request("POST", path, content=data, headers=headers)
    assert Hidden(answer.text).fields == chosen


async def test_more_fields_than_a_form_usually_has_come_back(browser: Browser) -> None:
    typed = {f"/items/{n}/text/sv": "x" for n in range(1_500)}
    answer = await browser.post("/instruments/x/versions/1/next", **typed)
    assert dict(Hidden(answer.text).fields) == typed


async def test_a_file_is_left_out(browser: Browser) -> None:
    files = {"file": ("fil.csv", b"unit_id,name\n")}
    request = {"data": {"source": "hr"}, "files": files, "headers": OWN_PAGE}
    answer = await browser.request("POST", "/imports/units", **request)
    assert answer.status_code == 401
    assert Hidden(answer.text).fields == [("source", "hr")]


@pytest.mark.parametrize("attack", XSS)
async def test_what_was_typed_is_text(browser: Browser, attack: str) -> None:
    answer = await browser.post("/ask", **{attack: attack})
    assert Hidden(answer.text).fields == [(attack, attack)]
    assert answer.text.count("<script") == 0


async def test_a_page_that_was_only_asked_for_sends_nothing(signed_in: Browser) -> None:
    signed_in.services.away = {"assessment"}
    assert Hidden((await signed_in.get(f"/rounds/{ID}?a=b")).text).fields == []


async def test_what_another_site_sent_does_not_come_back(signed_in: Browser) -> None:
    answer = await signed_in.request(
        "POST", MEETING, data=TYPED, headers={"sec-fetch-site": "cross-site"}
    )
    assert answer.status_code == 403
    assert Hidden(answer.text).fields == []
