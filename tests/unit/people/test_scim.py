"""Which person and which assignments a SCIM user and their groups mean."""

from dataclasses import replace
from typing import Any

import pytest

from people_service.domain.person import Assignment, Person
from people_service.domain.scim import ENTERPRISE, GroupRole, person_of, role_of
from unit.people.builders import refused
from unit.people.scim_builders import RULES, group, user


def test_a_user_is_a_person_employed_in_their_unit() -> None:
    assert person_of(user(), [], RULES) == Person(
        person_id="p-0001",
        name="Exempelperson 0001",
        email="person0001@example.se",
        language="sv",
        assignments=frozenset({Assignment("employee", "rehab", source="scim")}),
    )


@pytest.mark.parametrize(
    ("attribute", "changes"),
    [
        ("userName", {"userName": "P1"}),
        ("externalId", {"externalId": "P1"}),
        ("employeeNumber", {ENTERPRISE: {"employeeNumber": "P1"}}),
    ],
)
def test_the_settings_say_which_attribute_has_the_id(attribute: Any, changes: Any) -> None:
    assert person_of(user(**changes), [], replace(RULES, person_id=attribute)).person_id == "P1"


@pytest.mark.parametrize(
    ("changes", "name"),
    [
        ({}, "Exempelperson 0001"),
        ({"displayName": None, "name": {"formatted": "Exempel Ett"}}, "Exempel Ett"),
        ({"displayName": "", "name": {"givenName": "Ex", "familyName": "Empel"}}, "Ex Empel"),
        ({"displayName": None, "name": {"familyName": "Empel"}}, "Empel"),
        ({"displayName": None}, "person0001@example.se"),
    ],
)
def test_a_name_is_found_where_the_client_gives_it(changes: Any, name: str) -> None:
    assert person_of(user(**changes), [], RULES).name == name


def test_mails_go_to_the_primary_address_or_the_first() -> None:
    two = [{"value": "a@example.se"}, {"value": "b@example.se"}]
    assert person_of(user(emails=two), [], RULES).email == "a@example.se"
    primary = [two[0], {**two[1], "primary": True}]
    assert person_of(user(emails=primary), [], RULES).email == "b@example.se"


@pytest.mark.parametrize(
    ("tag", "language"),
    [("en", "en"), ("en-GB", "en"), ("EN_us", "en"), ("sv-SE", "sv"), ("fi", "sv"), (None, "sv")],
)
def test_a_language_is_found_in_its_tag(tag: str | None, language: str) -> None:
    assert person_of(user(preferredLanguage=tag), [], RULES).language == language


def test_the_settings_say_which_attribute_has_the_unit() -> None:
    other: dict[str, Any] = {ENTERPRISE: {"department": "Odd one", "organization": "HEART"}}
    rules = replace(RULES, unit="organization")
    (held,) = person_of(user(**other), [], rules).assignments
    assert held.unit_id == "heart"
    assert person_of(user(**other), [], replace(RULES, unit=None)).assignments == set()


def test_a_user_who_is_switched_off_has_nothing() -> None:
    groups = [group("manager:heart"), group("um-administrators")]
    assert person_of(user(active=False), groups, RULES).assignments == set()
    assert len(person_of(user(active=True), groups, RULES).assignments) == 3


@pytest.mark.parametrize(
    "changes",
    [
        {"externalId": None},
        {"externalId": "-"},
        {"externalId": "a b"},
        {"emails": []},
        {"emails": [{"value": "a@b\r\nBcc: c@example.se"}]},
        {"displayName": "A\u202eB"},
        {ENTERPRISE: {"department": "../x"}},
    ],
)
def test_a_user_who_cannot_be_a_person_is_refused(changes: Any) -> None:
    with refused("scim-user-unusable") as caught:
        person_of(user(**changes), [], RULES)
    assert caught.value.errors


@pytest.mark.parametrize(
    ("name", "given"),
    [
        ("manager:pv-nora", GroupRole("manager", "pv-nora")),
        ("administrator:pv-nora", GroupRole("administrator", "pv-nora")),
        ("um-administrators", GroupRole("administrator", "")),
        ("UM-Administrators", None),
        ("administrator", None),
        ("administrator:", None),
        ("administrator:*", None),
        ("approver:pv-nora", None),  # An approver has no unit.
        ("deputy:pv-nora", None),
        ("service:pv-nora", None),
        ("manager:pv-nora:heart", None),
        (" manager:pv-nora", None),
        ("manager:PV-Nora", None),
        ("", None),
    ],
)
def test_a_group_gives_what_the_settings_allow(name: str, given: GroupRole | None) -> None:
    assert role_of(group(name), RULES) == given
    if name != "um-administrators":
        assert role_of(group(name), replace(RULES, roles=frozenset())) is None


def test_a_group_is_known_by_its_external_id_too() -> None:
    renamed = {**group("Something else"), "externalId": "um-administrators"}
    assert role_of(renamed, RULES) == GroupRole("administrator", "")
