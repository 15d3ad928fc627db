"""`python -m portal_service web` runs the portal; `migrate` prepares its database."""

from pathlib import Path

from portal_service.settings import Settings
from servicekit.runtime import service_main, when_needed

if __name__ == "__main__":
    folder = Path(__file__).parents[2] / "migrations"
    service_main(
        "portal",
        Settings,
        when_needed("portal_service.bootstrap"),
        folder,
        roles=("web",),
        with_events=False,
    )
