"""Pages are counted, but not those that lead to an answer."""

from uuid import uuid4

from servicekit.metrics import HTTP_DURATION, samples
from unit.portal.portal import Browser


async def test_who_opens_a_sheet_or_answers_is_not_counted(signed_in: Browser) -> None:
    HTTP_DURATION.clear()
    await signed_in.get(f"/rounds/{uuid4()}")
    await signed_in.post(f"/rounds/{uuid4()}")
    await signed_in.get("/svara")
    assert list(samples(HTTP_DURATION)) == []
    await signed_in.get("/about/cookies")
    assert {labels["http_route"] for labels, _ in samples(HTTP_DURATION)} == {"/about/cookies"}
