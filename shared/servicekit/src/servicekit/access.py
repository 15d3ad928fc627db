"""What a caller may do, by the table of permissions."""

from collections.abc import Mapping
from typing import Annotated, Any, cast

from fastapi import Depends, FastAPI
from fastapi.dependencies.models import Dependant

from contracts.permissions import PERMISSIONS, Permission
from servicekit.auth import Authenticator, Principal, authenticated
from servicekit.problems import ProblemError

_REACHES = {
    "units": "for the units that the role is held for",
    "anywhere": "whatever units the role is held for",
    "region": "if the role is held for the whole region",
    "own": "for what they made themselves; for everybody's, if the role is for the whole region",
}


def may(name: str) -> Any:
    """FastAPI dependency: the caller in the roles that have this permission, and in no other.

    Answers 403 if the caller has none of them, or not for the whole region where it is needed.
    Raises KeyError at once if there is no such permission.
    """
    permission = PERMISSIONS[name]

    async def checked(principal: Annotated[Principal, Depends(authenticated)]) -> Principal:
        return with_permission(principal, name)

    checked.permission = permission  # type: ignore[attr-defined]
    return Depends(checked)


def with_permission(principal: Principal, name: str) -> Principal:
    """The caller in the roles that have this permission.

    Raises ProblemError 403 if there are none, or not for the whole region where it is needed.
    """
    permission, caller = PERMISSIONS[name], limited(principal, name)
    if not caller.assignments:
        needed = f"This needs one of the roles: {', '.join(permission.roles)}."
        raise ProblemError(403, "role-missing", needed, roles=permission.roles)
    if permission.reach == "region" and caller.scope is not None:
        detail = "This concerns the whole region; your roles are for some of its units only."
        raise ProblemError(403, "outside-scope", detail, roles=permission.roles)
    return caller


def known_caller(api: FastAPI, headers: Mapping[bytes, bytes], name: str) -> Principal | None:
    """The caller, in the roles that have this permission, without FastAPI's dependencies; None
    without a token that was verified before.

    Raises ProblemError.
    """
    scheme, _, token = headers.get(b"authorization", b"").partition(b" ")
    authenticator: Authenticator = api.state.authenticator
    known = authenticator.known(token.decode("latin-1")) if scheme == b"Bearer" else None
    return with_permission(known, name) if known else None


def limited(principal: Principal, name: str) -> Principal:
    """The caller in the roles that have this permission: perhaps in none."""
    return principal.limited_to(*PERMISSIONS[name].roles)


def permitted(principal: Principal, name: str) -> bool:
    """Whether the caller has this permission, which is one for the whole region."""
    caller = limited(principal, name)
    return bool(caller.assignments) and caller.scope is None


def permission_of(dependant: Dependant) -> Permission | None:
    """The permission that a route needs; None for a route that is open to everybody."""
    found = getattr(dependant.call, "permission", None)
    for part in dependant.dependencies:
        found = found or permission_of(part)
    return cast(Permission | None, found)


def sentence(permission: Permission) -> str:
    """Who may, as the API documents say it."""
    return f"For {', '.join(permission.roles)}: {_REACHES[permission.reach]}."
