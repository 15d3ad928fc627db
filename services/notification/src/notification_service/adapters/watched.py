"""The mail channel, and whether its server takes mails, as the latest mail has shown."""

from typing import Generic, TypeVar

from notification_service.application.sending_ports import Channel
from notification_service.domain.delivery import Outcome
from servicekit.reach import Reach

_AWAY = ("server-unavailable", "server-refused-us")
ItemT = TypeVar("ItemT", contravariant=True)


class WatchedChannel(Generic[ItemT]):
    """The port `Channel`, around another one."""

    def __init__(self, channel: Channel[ItemT], server: Reach) -> None:
        self._channel, self._server = channel, server
        self.name = channel.name

    async def send(self, item: ItemT) -> Outcome:
        try:
            outcome = await self._channel.send(item)
        except BaseException as error:  # Too slow: the attempt was cancelled.
            self._server.failed(type(error).__name__)
            raise
        if outcome.result == "retry" and outcome.reason in _AWAY:
            self._server.failed(outcome.reason)
        else:
            self._server.answered()
        return outcome

    async def close_idle(self) -> None:
        await self._channel.close_idle()
