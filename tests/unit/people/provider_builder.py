"""A provider that vouches for nothing but who somebody is."""

from typing import Any

from people_service.domain.identity_provider import Provider


def provider(**changes: Any) -> Provider:
    """With these changes."""
    values: dict[str, Any] = {
        "name": "region",
        "issuer": "https://idp.example.se",
        "token_issuers": frozenset(),
        "audiences": frozenset({"um-platform"}),
        "token_types": frozenset({"jwt"}),
        "person_claim": "sub",
        "hsa_claim": None,
        "group_claims": ("groups",),
        "group_roles": {},
        "roles_without_person": frozenset(),
        "client_roles": {},
        "email_claim": None,
        "email_verified_claim": "email_verified",
        "assignments_claim": None,
    }
    return Provider(**{**values, **changes})
