"""Valid users and groups of SCIM, of which a test changes what it needs. All people are samples."""

from typing import Any
from uuid import uuid4

from people_service.application.scim_ports import ScimKind, ScimResource
from people_service.domain.scim import ENTERPRISE, GroupRole, ScimRules
from unit.people.builders import NOW

RULES = ScimRules(
    person_id="externalId",
    unit="department",
    roles=frozenset({"manager", "facilitator", "administrator", "approver"}),
    group_roles={"um-administrators": GroupRole("administrator", "")},
)


def user(number: int = 1, unit: str = "rehab", **changes: Any) -> dict[str, Any]:
    """Exempelperson <number>; None leaves an attribute out."""
    document = {
        "userName": f"person{number:04}@example.se",
        "externalId": f"p-{number:04}",
        "displayName": f"Exempelperson {number:04}",
        "emails": [{"value": f"person{number:04}@example.se", "primary": True}],
        ENTERPRISE: {"department": unit},
    }
    return {name: v for name, v in {**document, **changes}.items() if v is not None}


def group(name: str, *members: ScimResource | str) -> dict[str, Any]:
    ids = [one if isinstance(one, str) else str(one.resource_id) for one in members]
    return {"displayName": name, "members": [{"value": one} for one in ids]}


def comparable(document: dict[str, Any]) -> dict[str, Any]:
    """As much of the form for comparisons as the use cases look at."""
    name = str(document.get("userName", "")).lower()
    return {**({"user_name": name} if name else {}), "members": document.get("members", [])}


def scim_resource(
    kind: ScimKind, document: dict[str, Any], person_id: str | None = None
) -> ScimResource:
    """As it is stored when it is new."""
    return ScimResource(uuid4(), kind, person_id, 1, NOW, NOW, document, comparable(document))
