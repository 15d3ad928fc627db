"""`python -m content_service api worker` runs the service; `migrate` prepares its database."""

from pathlib import Path

from content_service.settings import Settings
from servicekit.runtime import service_main, when_needed

if __name__ == "__main__":
    service_main(
        "content",
        Settings,
        when_needed("content_service.bootstrap"),
        Path(__file__).parents[2] / "migrations",
    )
