"""`python -m assessment_service api worker` runs the service; `migrate` prepares its database;
`published` writes everything that was published, as the auditor reads it."""

import json
import sys
from pathlib import Path

from assessment_service.bootstrap import Assessment, build
from assessment_service.settings import Settings
from servicekit.runtime import App, service_main


async def published(app: App) -> None:
    """Nothing in it is secret, but all of it together: only who may read all results runs it."""
    assert isinstance(app, Assessment)
    json.dump(await app.published(), sys.stdout)


if __name__ == "__main__":
    service_main(
        "assessment",
        Settings,
        build,
        Path(__file__).parents[2] / "migrations",
        jobs={"published": published},
    )
