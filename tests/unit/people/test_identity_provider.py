"""What of a provider's token counts. Whole tokens, as vendors document them, are in
tests/support/vendor_tokens.py; they go through the real exchange."""

import pytest

from people_service.domain.identity_provider import Held
from unit.people.provider_builder import provider, read

CLAIMS = {
    "iss": "https://idp.example.se",
    "aud": "um-platform",
    "sub": "SE2321000131-P000000000001",
    "employeeHsaId": "SE2321000131-P000000000001",
    "email": "person0001@example.se",
    "email_verified": True,
}
REGION = Held("administrator", "*", True)


def test_a_hsa_id_names_the_person() -> None:
    identity = read(provider(person_claim="employeeHsaId"), CLAIMS)
    assert identity.person_id == "SE2321000131-P000000000001"
    assert identity.roles == set()


def test_an_address_counts_only_if_the_provider_vouches_for_it() -> None:
    trusted = provider(email_claim="email")
    assert read(trusted, CLAIMS).email == "person0001@example.se"
    assert read(trusted, {**CLAIMS, "email_verified": False}).email is None
    silent = read(provider(), CLAIMS)
    assert silent.email is None
    assert [line.outcome for line in silent.lines if line.what == "claim email"] == ["ignored"]


def test_assignments_count_only_if_the_provider_vouches_for_them() -> None:
    claims = {
        **CLAIMS,
        "assignments": [{"role": "manager", "unit": "rehab"}, {"role": "king"}, "x"],
    }
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
    assert read(trusted, {**CLAIMS, "assignments": [listed]}).roles == held


def test_a_system_has_the_role_of_its_client_and_nobody_who_uses_it() -> None:
    rules = provider(client_roles={"hr-system": "subscriber", "portal": "service"})
    own = {"sub": "hr-system", "client_id": "hr-system"}
    assert read(rules, own).roles == {Held("subscriber", None, False)}
    entra = {"sub": "pairwise", "azp": "portal", "idtyp": "app"}
    assert read(rules, entra).roles == {Held("service", "*", True)}
    assert read(rules, {**CLAIMS, "azp": "portal"}).roles == set()


@pytest.mark.parametrize(
    ("said", "client"),
    [
        ({"azp": "portal", "client_id": "other"}, "portal"),
        ({"client_id": "portal"}, "portal"),
        ({"appid": "portal"}, "portal"),
        ({}, "um-platform"),
        ({"aud": ["elsewhere", "um-platform"]}, "um-platform"),
    ],
)
def test_the_client_is_the_one_that_the_provider_issued_the_token_to(
    said: dict[str, object], client: str
) -> None:
    assert read(provider(), {**CLAIMS, **said}).client_id == client


def test_an_employees_role_does_not_reach_below_the_unit() -> None:
    assert not Held.of("employee", "rehab").below
    assert Held.of("manager", "rehab").below


@pytest.mark.parametrize("said", ["false", False, 0, "no", None, [True], "True"])
def test_an_address_counts_only_if_it_is_said_to_be_theirs(said: object) -> None:
    claims = {**CLAIMS, "email_verified": said}
    assert read(provider(email_claim="email"), claims).email is None


def test_an_address_of_which_nothing_is_said_counts_only_where_all_are_vouched_for() -> None:
    silent = {name: value for name, value in CLAIMS.items() if name != "email_verified"}
    assert read(provider(email_claim="email"), silent).email is None
    every = provider(email_claim="email", email_verified_claim=None)
    assert read(every, silent).email == CLAIMS["email"]
    other = provider(email_claim="email", email_verified_claim="xms_edov")
    assert read(other, {**silent, "xms_edov": "1"}).email == CLAIMS["email"]
    assert read(other, CLAIMS).email is None


def test_a_group_counts_only_in_the_claim_that_is_named() -> None:
    rules = provider(group_claims=("groups",), group_roles={"admins": "administrator"})
    assert read(rules, {**CLAIMS, "roles": ["admins"]}).roles_if_known == set()
    assert read(rules, {**CLAIMS, "groups": "admins"}).roles_if_known == {REGION}
    assert read(rules, {**CLAIMS, "groups": {"admins": True}}).roles_if_known == set()


def test_a_group_gives_those_that_nobody_knows_only_what_is_set() -> None:
    groups = {"admins": "administrator", "audit": "auditor"}
    rules = provider(group_roles=groups, roles_without_person=frozenset({"auditor"}))
    identity = read(rules, {**CLAIMS, "groups": ["admins", "audit"]})
    assert identity.roles == {Held("auditor", "*", True)}
    assert identity.roles_if_known == {REGION}


def test_groups_that_were_left_out_are_not_taken_for_none() -> None:
    rules = provider(group_claims=("groups", "roles"))
    overage = {**CLAIMS, "_claim_names": {"groups": "src1"}}
    outcomes = [line.outcome for line in read(rules, overage).lines if "group" in line.why]
    assert outcomes == ["left out", "absent"]
    odd = {**CLAIMS, "_claim_names": "groups", "hasgroups": [1]}
    assert "left out" not in {line.outcome for line in read(rules, odd).lines}


@pytest.mark.parametrize("unit", [["rehab"], {"id": "rehab"}, 7, "Rehab", "a b", "", None, "*"])
def test_a_unit_that_is_none_gives_no_role(unit: object) -> None:
    claims = {**CLAIMS, "assignments": [{"role": "manager", "unit": unit}]}
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
