"""A channel that takes everything and sends nothing, for an installation that must not mail."""

import logging

from notification_service.application.ports import Mail
from notification_service.domain.delivery import Outcome

log = logging.getLogger(__name__)


class NullChannel:
    """Configured by NOTIFICATION_SMTP__CHANNEL=null; messages count as sent by channel `null`."""

    name = "null"

    async def send(self, item: Mail) -> Outcome:
        log.info("message %s swallowed: the mail channel is null", item.message_id)
        return Outcome("accepted")

    async def rest(self) -> None:
        """There is nothing to give back."""
