"""Tokens as Entra ID v2, Keycloak, AD FS and a HSA-based provider document them.

Sources: learn.microsoft.com/entra/identity-platform/id-token-claims-reference and
access-token-claims-reference; Keycloak's Server Administration Guide, "Protocol mappers";
learn.microsoft.com/windows-server/identity/ad-fs (custom ID tokens); Inera's attribute lists for
HSA. The values are samples.
"""

from collections.abc import Mapping
from typing import Any

import pytest

from people_service.domain.identity_provider import Held, Provider, read

ENTRA = {
    "iss": "https://login.microsoftonline.com/11111111-1111-1111-1111-111111111111/v2.0",
    "aud": "22222222-2222-2222-2222-222222222222",
    "sub": "pairwise-AAAA",
    "oid": "33333333-3333-3333-3333-333333333333",
    "azp": "44444444-4444-4444-4444-444444444444",
    "preferred_username": "person0001@example.se",
    "employeeid": "p-0001",
    "roles": ["Platform.Administrator"],
    "groups": ["55555555-5555-5555-5555-555555555555"],
    "ver": "2.0",
}
KEYCLOAK = {
    "iss": "https://login.example.se/realms/region",
    "aud": ["um-platform", "account"],
    "sub": "f:66666666:p0001",
    "azp": "portal",
    "realm_access": {"roles": ["um-administrator", "offline_access"]},
    "resource_access": {"um-platform": {"roles": ["auditor"]}},
    "email": "person0001@example.se",
    "email_verified": True,
    "employee_number": "p-0001",
}
ADFS = {
    "iss": "https://adfs.example.se/adfs",
    "aud": "microsoft:identityserver:um-platform",
    "sub": "base64-pairwise",
    "appid": "portal",
    "upn": "person0001@example.se",
    "role": "UM-Admins",
    "http://schemas.example.se/employeeid": "p-0001",
}
HSA = {
    "iss": "https://idp.example.se",
    "aud": "um-platform",
    "sub": "SE2321000131-P000000000001",
    "employeeHsaId": "SE2321000131-P000000000001",
    "email": "person0001@example.se",
}


def provider(**changes: Any) -> Provider:
    """A provider that vouches for nothing but who somebody is."""
    values: dict[str, Any] = {
        "name": "region",
        "issuer": "https://idp.example.se",
        "audiences": frozenset({"um-platform"}),
        "token_types": frozenset({"jwt"}),
        "person_claim": "sub",
        "group_claims": ("groups", "roles", "realm_access.roles"),
        "group_roles": {},
        "client_roles": {},
        "email_claim": None,
        "assignments_claim": None,
    }
    return Provider(**{**values, **changes})


REGION = Held("administrator", "*", True)


@pytest.mark.parametrize(
    ("claims", "rules"),
    [
        (
            ENTRA,
            {"person_claim": "employeeid", "group_roles": {"Platform.Administrator": REGION.role}},
        ),
        (
            ENTRA,
            {
                "person_claim": "employeeid",
                "group_roles": {"55555555-5555-5555-5555-555555555555": REGION.role},
            },
        ),
        (
            KEYCLOAK,
            {
                "person_claim": "employee_number",
                "group_roles": {"um-administrator": REGION.role},
                "email_claim": "email",
            },
        ),
        (
            ADFS,
            {
                "person_claim": "http://schemas.example.se/employeeid",
                "group_claims": ("role",),
                "group_roles": {"UM-Admins": REGION.role},
            },
        ),
    ],
)
def test_the_person_and_their_roles_are_found(
    claims: Mapping[str, Any], rules: dict[str, Any]
) -> None:
    identity = read(provider(**rules), claims)
    assert (identity.subject, identity.person_id) == (claims["sub"], "p-0001")
    assert identity.roles == {REGION}


def test_a_hsa_id_names_the_person() -> None:
    identity = read(provider(person_claim="employeeHsaId"), HSA)
    assert identity.person_id == "SE2321000131-P000000000001"
    assert identity.roles == set()


def test_an_address_counts_only_if_the_provider_vouches_for_it() -> None:
    trusted = provider(email_claim="email")
    assert read(trusted, HSA).email == "person0001@example.se"
    assert read(trusted, {**HSA, "email_verified": False}).email is None
    silent = read(provider(), HSA)
    assert silent.email is None
    assert [line.outcome for line in silent.lines if line.what == "claim email"] == ["ignored"]


def test_assignments_count_only_if_the_provider_vouches_for_them() -> None:
    claims = {**HSA, "assignments": [{"role": "manager", "unit": "rehab"}, {"role": "king"}, "x"]}
    assert read(provider(), claims).roles == set()
    trusted = read(provider(assignments_claim="assignments"), claims)
    assert trusted.roles == {Held("manager", "rehab", True)}
    assert [line.outcome for line in trusted.lines].count("refused") == 2


@pytest.mark.parametrize(
    ("listed", "held"),
    [
        ({"role": "approver", "unit": "*"}, {Held("approver", "*", True)}),
        ({"role": "approver", "unit": "rehab"}, set()),
        ({"role": "administrator", "unit": "rehab"}, {Held("administrator", "rehab", True)}),
        ({"role": "administrator"}, set()),
        ({"role": "subscriber"}, {Held("subscriber", None, False)}),
    ],
)
def test_a_vouched_role_is_held_as_the_role_can_be(listed: object, held: set[Held]) -> None:
    trusted = provider(assignments_claim="assignments")
    assert read(trusted, {**HSA, "assignments": [listed]}).roles == held


def test_a_system_has_the_role_of_its_client_and_nobody_who_uses_it() -> None:
    rules = provider(client_roles={"hr-system": "subscriber", "portal": "service"})
    own = {"sub": "hr-system", "client_id": "hr-system"}
    assert read(rules, own).roles == {Held("subscriber", None, False)}
    entra = {"sub": "pairwise", "azp": "portal", "idtyp": "app"}
    assert read(rules, entra).roles == {Held("service", "*", True)}
    assert read(rules, {**KEYCLOAK, "azp": "portal"}).roles == set()


def test_an_employees_role_does_not_reach_below_the_unit() -> None:
    assert not Held.of("employee", "rehab").below
    assert Held.of("manager", "rehab").below


@pytest.mark.parametrize("said", ["false", False, 0, "no", None])
def test_an_address_counts_unless_it_is_said_not_to_be_verified(said: object) -> None:
    assert read(provider(email_claim="email"), {**HSA, "email_verified": said}).email is None


@pytest.mark.parametrize("unit", [["rehab"], {"id": "rehab"}, 7, "Rehab", "a b", "", None, "*"])
def test_a_unit_that_is_none_gives_no_role(unit: object) -> None:
    claims = {**HSA, "assignments": [{"role": "manager", "unit": unit}]}
    identity = read(provider(assignments_claim="assignments"), claims)
    assert identity.roles == set()


@pytest.mark.parametrize("id_", ["\u212a1", "p 1", "p\x001", "p" * 64, "-1"])
def test_what_has_not_the_form_of_an_id_names_no_person(id_: str) -> None:
    identity = read(provider(), {"sub": id_})
    assert identity.person_id is None
    assert [line.outcome for line in identity.lines if line.what == "claim sub"] == ["ignored"]


def test_a_service_account_of_keycloak_is_its_client() -> None:
    rules = provider(client_roles={"hr-system": "subscriber"})
    own = {"sub": "a-uuid", "azp": "hr-system", "preferred_username": "service-account-hr-system"}
    assert read(rules, own).roles == {Held("subscriber", None, False)}
    assert read(rules, {**own, "preferred_username": "somebody"}).roles == set()
