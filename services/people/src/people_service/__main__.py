"""`python -m people_service api worker` runs the service; `migrate` prepares its database."""

from pathlib import Path

from people_service.bootstrap import build
from people_service.settings import Settings
from servicekit.runtime import service_main

if __name__ == "__main__":
    service_main("people", Settings, build, Path(__file__).parents[2] / "migrations")
