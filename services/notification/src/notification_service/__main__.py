"""`python -m notification_service api worker` runs the service; `migrate` prepares its database;
`hold` holds mails and webhooks until an operator lifts it."""

from pathlib import Path
from typing import TYPE_CHECKING

from notification_service.application import quarantine
from notification_service.settings import Settings
from servicekit.runtime import service_main, when_needed

if TYPE_CHECKING:
    from notification_service.bootstrap import Notification


async def hold(app: "Notification") -> None:
    """May be given again: what holds them first stays so."""
    async with app.uow() as uow:
        held = await quarantine.hold("held by an operator", uow)
    print(f"mails and webhooks are held since {held.since.isoformat()}: {held.reason}")


if __name__ == "__main__":
    service_main(
        "notification",
        Settings,
        when_needed("notification_service.bootstrap"),
        Path(__file__).parents[2] / "migrations",
        jobs={"hold": hold},
    )
