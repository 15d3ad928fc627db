"""`python -m content_service api worker` runs the service; `migrate` prepares its database."""

from pathlib import Path

from content_service.bootstrap import build
from content_service.settings import Settings
from servicekit.runtime import service_main

if __name__ == "__main__":
    service_main("content", Settings, build, Path(__file__).parents[2] / "migrations")
