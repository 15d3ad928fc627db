"""`python -m notification_service api worker` runs the service; `migrate` prepares its database;
`hold` holds mails and webhooks until an operator lifts it."""

from pathlib import Path

from notification_service.application import quarantine
from notification_service.bootstrap import Notification, build
from notification_service.settings import Settings
from servicekit.runtime import App, service_main


async def hold(app: App) -> None:
    """May be given again: what holds them first stays so."""
    assert isinstance(app, Notification)
    async with app.uow() as uow:
        held = await quarantine.hold("held by an operator", uow)
    print(f"mails and webhooks are held since {held.since.isoformat()}: {held.reason}")


if __name__ == "__main__":
    service_main(
        "notification",
        Settings,
        build,
        Path(__file__).parents[2] / "migrations",
        jobs={"hold": hold},
    )
