"""The stream by which an open page learns that something changed."""

from datetime import timedelta

import pytest

from portal_service.application.changes import Changes
from portal_service.application.ports import ServiceRefused
from portal_service.entrypoints.http.live import LONGEST, _stream
from servicekit.auth import Assignment
from unit.portal.answers import ID
from unit.portal.portal import Browser


def changes_of(browser: Browser) -> Changes:
    changes: Changes = browser.api.state.app.changes
    return changes


async def test_a_stream_begins_with_how_it_stands_and_ends_with_the_process() -> None:
    changes = Changes()
    stream = _stream(changes, ["unit/rehab"])
    assert await anext(stream) == "retry: 5000\n\n"
    assert await anext(stream) == "event: away\ndata:\n\n"
    changes.seen(True)
    assert await anext(stream) == "event: changed\ndata:\n\n"
    changes.close()
    assert [text async for text in stream] == []
    assert not changes._watchers


async def test_it_is_for_who_is_signed_in(browser: Browser) -> None:
    assert (await browser.get("/live?unit=rehab")).status_code == 204


async def test_it_is_not_cached_or_held_back(signed_in: Browser) -> None:
    changes_of(signed_in).close()
    answer = await signed_in.get(f"/live?unit=rehab&rollout={ID}")
    assert answer.status_code == 200
    assert answer.headers["content-type"] == "text/event-stream; charset=utf-8"
    assert answer.headers["cache-control"] == "no-store"
    assert answer.headers["x-accel-buffering"] == "no"


async def test_what_somebody_may_not_see_is_not_watched(signed_in: Browser) -> None:
    signed_in.authenticator.assignments = frozenset({Assignment("manager", "rehab")})
    changes_of(signed_in).close()
    refusal = ServiceRefused(403, "outside-scope", "Not yours.")
    signed_in.services.refusals["workflow", "/units/lab"] = refusal
    assert (await signed_in.get("/live?unit=rehab")).status_code == 200
    assert (await signed_in.get("/live?unit=rehab&unit=lab")).status_code == 403
    assert (await signed_in.get(f"/live?unit=rehab&rollout={ID}")).status_code == 200


@pytest.mark.parametrize(
    "query", ["unit=A%20b", "rollout=x", "&".join(["unit=rehab"] * (LONGEST + 1))]
)
async def test_odd_subjects_are_refused(signed_in: Browser, query: str) -> None:
    assert (await signed_in.get(f"/live?{query}")).status_code in (404, 422)


async def test_an_open_page_does_not_keep_a_session(signed_in: Browser) -> None:
    changes_of(signed_in).close()
    for _ in range(5):
        signed_in.sessions.ahead += timedelta(minutes=13)
        last = await signed_in.get("/live?unit=rehab")
    assert last.status_code == 204


@pytest.mark.parametrize("path", ["/start", f"/units/rehab?rollout={ID}", f"/rollouts/{ID}"])
async def test_pages_of_what_changes_follow_it(signed_in: Browser, path: str) -> None:
    page = (await signed_in.get(path)).text
    assert 'data-live="/live?' in page
    assert 'id="as-of"' in page
