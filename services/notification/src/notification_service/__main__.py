"""`python -m notification_service api worker` runs the service; `migrate` prepares its database."""

from pathlib import Path

from notification_service.bootstrap import build
from notification_service.settings import Settings
from servicekit.runtime import service_main

if __name__ == "__main__":
    service_main("notification", Settings, build, Path(__file__).parents[2] / "migrations")
