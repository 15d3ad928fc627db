"""What is sent compressed, and what is not, so that its length gives nothing away."""

import pytest

from portal_service.entrypoints.pages import ASSETS
from unit.portal.answers import ID
from unit.portal.portal import URL, Browser

STYLES = ASSETS["vendor/designsystemet.css"]
BOARD = f"/rollouts/{ID}/units?text=guess"


@pytest.mark.parametrize("path", ["/", "/timetable", "/search?words=wave", STYLES])
async def test_what_anybody_gets_is_compressed(browser: Browser, path: str) -> None:
    plain = await browser.get(path, accept_encoding="identity")
    assert "content-encoding" not in plain.headers
    for site in ("cross-site", "same-origin", "none"):
        packed = await browser.get(path, accept_encoding="gzip", sec_fetch_site=site)
        assert packed.headers["content-encoding"] == "gzip"
        assert packed.num_bytes_downloaded < plain.num_bytes_downloaded / 2
        assert packed.content == plain.content


@pytest.mark.parametrize("path", [BOARD, "/start", "/search?words=guess", STYLES])
@pytest.mark.parametrize(
    ("said", "compressed"),
    [
        ({"sec_fetch_site": "same-origin"}, True),
        ({"sec_fetch_site": "none"}, True),
        ({"sec_fetch_site": "same-site", "origin": URL}, False),
        ({"sec_fetch_site": "cross-site", "origin": URL}, False),
        ({"origin": URL}, True),
        ({"origin": "https://evil.example"}, False),
        ({}, False),
    ],
)
async def test_no_other_site_gets_a_persons_page_compressed(
    signed_in: Browser, path: str, said: dict[str, str], compressed: bool
) -> None:
    answer = await signed_in.get(path, accept_encoding="gzip", **said)
    assert answer.status_code == 200
    assert ("content-encoding" in answer.headers) is compressed


@pytest.mark.parametrize("path", ["/", STYLES])
async def test_caches_keep_both_forms_apart(browser: Browser, path: str) -> None:
    packed = await browser.get(path, accept_encoding="gzip")
    plain = await browser.get(path, accept_encoding="identity")
    assert packed.headers["etag"] == plain.headers["etag"]
    assert packed.headers["etag"].startswith('W/"')
    again = await browser.get(path, accept_encoding="gzip", if_none_match=packed.headers["etag"])
    assert again.status_code == 304
    for one in (packed, plain, again):
        assert "accept-encoding" in one.headers["vary"].lower()


async def test_a_stream_is_sent_as_it_comes(signed_in: Browser) -> None:
    signed_in.api.state.app.changes.close()
    asked = {"accept_encoding": "gzip", "sec_fetch_site": "same-origin"}
    answer = await signed_in.get("/live?unit=rehab", **asked)
    assert answer.headers["content-type"].startswith("text/event-stream")
    assert "content-encoding" not in answer.headers
