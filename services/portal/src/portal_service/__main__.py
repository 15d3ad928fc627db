"""`python -m portal_service web` runs the portal; `migrate` prepares its database."""

from pathlib import Path

from portal_service.bootstrap import build
from portal_service.settings import Settings
from servicekit.runtime import service_main

if __name__ == "__main__":
    folder = Path(__file__).parents[2] / "migrations"
    service_main("portal", Settings, build, folder, roles=("web",), with_events=False)
