"""`python -m people_service api worker` runs the service; `migrate` prepares its database;
`explain-token < token` shows what an identity provider's token would be exchanged for, and why;
`rotate-token-keys` makes the next key that signs tokens."""

import sys
from pathlib import Path
from typing import TYPE_CHECKING

from people_service.application.ports import ProviderUnavailable, TokenRefused
from people_service.settings import Settings
from servicekit.runtime import service_main, when_needed

if TYPE_CHECKING:
    from people_service.bootstrap import People


async def explain_token(app: "People") -> None:
    """Raises SystemExit with the reason if the token is refused."""
    try:
        grant = await app.explain(sys.stdin.read().strip())
    except TokenRefused as error:
        raise SystemExit(f"refused: {error}") from error
    except ProviderUnavailable as error:
        raise SystemExit(f"the identity provider {error} does not answer; try again") from error
    for line in grant.lines:
        print(f"{line.outcome:<8} {line.what}: {line.why}")
    for held in sorted(grant.held, key=lambda one: (one.role, one.unit or "")):
        below = " and all below it" if held.below and held.unit != "*" else ""
        where = {None: "no unit", "*": "the whole region"}.get(held.unit, f"{held.unit}{below}")
        print(f"gives    {held.role} for {where}")
    if not grant.held:
        raise SystemExit("refused: no role that holds today was found")


async def rotate_token_keys(app: "People") -> None:
    """Make a key that signs tokens from a quarter of an hour on."""
    app.signer.rotate(early=True)
    print("a new key is published; it signs from 15 minutes on, once every service knows it")


if __name__ == "__main__":
    service_main(
        "people",
        Settings,
        when_needed("people_service.bootstrap"),
        Path(__file__).parents[2] / "migrations",
        jobs={"explain-token": explain_token, "rotate-token-keys": rotate_token_keys},
    )
