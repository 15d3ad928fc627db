"""`python -m assessment_service api worker` runs the service; `migrate` prepares its database;
`published` writes everything that was published, as the auditor reads it; `keys` names the key
files that are missing."""

import json
import sys
from pathlib import Path
from typing import TYPE_CHECKING

from assessment_service.application.sealing_ports import KeysUnavailableError
from assessment_service.settings import Settings
from servicekit.runtime import service_main, when_needed

if TYPE_CHECKING:
    from assessment_service.bootstrap import Assessment


async def published(app: "Assessment") -> None:
    """Nothing in it is secret, but all of it together: only who may read all results runs it."""
    json.dump(await app.published(), sys.stdout)


async def keys(app: "Assessment") -> None:
    """Raises SystemExit if a file is missing, or the folder is not mounted."""
    try:
        missing = await app.missing_keys()
    except KeysUnavailableError as error:
        raise SystemExit(f"{error}: is it mounted?") from error
    print("\n".join([*missing, f"{len(missing)} key files are missing"]))
    if missing:
        raise SystemExit(1)


if __name__ == "__main__":
    service_main(
        "assessment",
        Settings,
        when_needed("assessment_service.bootstrap"),
        Path(__file__).parents[2] / "migrations",
        jobs={"published": published, "keys": keys},
    )
