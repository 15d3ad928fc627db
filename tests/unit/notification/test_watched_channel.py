"""What a mail shows of the mail server."""

import asyncio

import pytest

from notification_service.adapters.watched import WatchedChannel
from notification_service.domain.delivery import Outcome
from servicekit.reach import Reach


class Channel:
    name = "email"

    def __init__(self) -> None:
        self.outcome: Outcome | None = None

    async def send(self, item: str) -> Outcome:
        if self.outcome is None:
            await asyncio.sleep(60)
        assert self.outcome
        return self.outcome

    async def close_idle(self) -> None:
        pass


@pytest.mark.parametrize(
    ("outcome", "away"),
    [
        (Outcome("accepted"), False),
        (Outcome("refused", "recipient-refused", 550), False),
        (Outcome("retry", "recipient-refused", 450), False),
        (Outcome("retry", "server-unavailable"), True),
        (Outcome("retry", "server-refused-us", 535), True),
    ],
)
async def test_a_server_that_takes_no_mail_is_away(outcome: Outcome, away: bool) -> None:
    channel, server = Channel(), Reach("smtp")
    channel.outcome = outcome
    assert await WatchedChannel(channel, server).send("mail") == outcome
    assert (server.away_seconds is not None) == away


async def test_a_server_that_is_too_slow_is_away_until_it_takes_a_mail() -> None:
    channel, server = Channel(), Reach("smtp")
    watched = WatchedChannel(channel, server)
    with pytest.raises(TimeoutError):
        async with asyncio.timeout(0.05):
            await watched.send("mail")
    assert server.away_seconds is not None
    channel.outcome = Outcome("accepted")
    await watched.send("mail")
    assert server.away_seconds is None
