"""A channel that accepts every mail and sends none, for an installation that must not send mail."""

import logging

from notification_service.application.sending_ports import Mail
from notification_service.domain.delivery import Outcome

log = logging.getLogger(__name__)


class NullChannel:
    """Configured by NOTIFICATION_SMTP__CHANNEL=null; messages are logged as sent by `null`."""

    name = "null"

    async def send(self, item: Mail) -> Outcome:
        log.info("message %s not sent: the mail channel is null", item.message_id)
        return Outcome("accepted")

    async def close_idle(self) -> None:
        """There are no connections."""
