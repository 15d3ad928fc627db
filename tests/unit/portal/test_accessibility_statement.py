"""The accessibility statement, and reporting what does not work."""

from portal_service.application.ports import ServiceRefused
from portal_service.domain.accessibility import LONGEST_REPORT, REPORT, SHORTCOMINGS, SUPERVISOR
from unit.portal.answers import ID
from unit.portal.portal import Browser

PATH = "/about/accessibility"


async def test_everybody_reads_what_does_not_work_yet(browser: Browser) -> None:
    text = (await browser.get(f"{PATH}?language=en")).text
    for one in SHORTCOMINGS:
        assert one.what in text
    assert SUPERVISOR in text
    assert "mailto:accessibility@example.se" in text
    assert 'method="post" action="/about/accessibility"' not in text


async def test_a_report_goes_to_the_inbox(signed_in: Browser) -> None:
    answer = await signed_in.post(PATH, text=" The menu hides. ", sent=ID)
    assert answer.headers["location"] == "/ask#own"
    body = {"text": "Tillgänglighet: The menu hides.", "language": "sv"}
    assert signed_in.services.sent == [("content", "/questions", body, ID)]


async def test_a_refused_report_keeps_what_was_typed(signed_in: Browser) -> None:
    signed_in.services.refusals["content", "/questions"] = ServiceRefused(429, "too-many", "x")
    answer = await signed_in.post(PATH, text="The <menu>", sent=ID)
    assert answer.status_code == 429
    assert "The &lt;menu&gt;</textarea>" in answer.text


def test_a_report_fits_into_a_question() -> None:
    assert max(len(REPORT), len("Tillgänglighet")) + len(": ") + LONGEST_REPORT <= 300
