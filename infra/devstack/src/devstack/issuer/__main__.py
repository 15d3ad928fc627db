"""Run the issuer as the environment says (ISSUER_*); used by the stack and by Compose."""

import json
import os
from pathlib import Path

import uvicorn

from devstack.issuer import Issuer, Registration, create_app, load_key
from devstack.personas import Directory


def main() -> None:
    """Serve until a signal ends it."""
    persons = os.environ.get("ISSUER_PERSONS_FILE")
    issuer = Issuer(
        os.environ["ISSUER_URL"],
        load_key(Path(os.environ["ISSUER_KEY_FILE"])),
        Directory(Path(persons) if persons else None),
        json.loads(os.environ["ISSUER_CLIENTS"]),
        Registration(
            os.environ.get("ISSUER_REDIRECT_URI"),
            os.environ.get("ISSUER_BACKCHANNEL_LOGOUT_URI"),
        ),
    )
    host, port = os.environ["ISSUER_HOST"], int(os.environ["ISSUER_PORT"])
    uvicorn.run(create_app(issuer), host=host, port=port, access_log=False, log_level="warning")


if __name__ == "__main__":
    main()
