"""A provider that vouches for nothing but who somebody is, and what its tokens give."""

from collections.abc import Mapping
from typing import Any

from people_service.domain import identity_provider
from people_service.domain.identity_provider import Identity, Provider


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


def read(rules: Provider, claims: Mapping[str, Any]) -> Identity:
    """What counts of a token for the platform."""
    return identity_provider.read(rules, {"aud": "um-platform", **claims})
