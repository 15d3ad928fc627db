"""Whose subscriptions a caller may use."""

from typing import Annotated

from servicekit.access import may
from servicekit.auth import Principal

Owner = Annotated[Principal, may("subscriptions.change")]
Resumer = Annotated[Principal, may("deliveries.resume")]
Reader = Annotated[Principal, may("subscriptions.read")]


def owner_of(caller: Principal) -> str:
    return f"{caller.issuer}|{caller.subject}"


def owner_within_reach(caller: Principal) -> str | None:
    """The owner whose subscriptions the caller may see or change; None for all owners.

    A subscription concerns the whole region: others' need a role for the whole region.
    """
    return None if caller.scope is None else owner_of(caller)
