"""Whose subscriptions a caller may use."""

from typing import Annotated

from fastapi import Depends

from servicekit.auth import Principal, require

Owner = Annotated[Principal, Depends(require("administrator", "subscriber"))]
Reader = Annotated[Principal, Depends(require("administrator", "auditor", "subscriber"))]


def owner_of(caller: Principal) -> str:
    return f"{caller.issuer}|{caller.subject}"


def owner_changing(caller: Principal) -> str | None:
    """The owner whose subscriptions the caller may change; None for all owners."""
    return _owner(caller, "administrator")


def owner_reading(caller: Principal) -> str | None:
    """The owner whose subscriptions the caller may read; None for all owners."""
    return _owner(caller, "administrator", "auditor")


def _owner(caller: Principal, *seeing_all: str) -> str | None:
    """A subscription concerns the whole region: others' need a role for the whole region."""
    return None if caller.limited_to(*seeing_all).scope is None else owner_of(caller)
