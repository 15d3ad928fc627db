"""PostgreSQL finds by a filter those that scim2-models' own evaluator finds, and by an index."""

import json
from collections.abc import Callable
from dataclasses import replace
from typing import Any, cast
from uuid import UUID

import pytest
from scim2_models import ScimFilter
from sqlalchemy import text

from people_service.adapters.unit_of_work import PeopleUnitOfWork
from people_service.application.scim_ports import ScimCondition, ScimResource
from people_service.entrypoints.scim.documents import comparable_of, content_of, resource_of
from people_service.entrypoints.scim.filters import condition_of, without_values
from people_service.entrypoints.scim.resources import EnterpriseUser, User
from unit.people.builders import NOW

ENTERPRISE = "urn:ietf:params:scim:schemas:extension:enterprise:2.0:User"
UnitOfWork = Callable[[], PeopleUnitOfWork]
Model = User[EnterpriseUser]
USERS: list[dict[str, Any]] = [
    {
        "userName": "Alice",
        "externalId": "X-1",
        "displayName": "Exempel 50% \\d_(*)",
        "name": {"givenName": "Alice", "familyName": "Exempel"},
        "active": True,
        "emails": [
            {"value": "alice@home.example", "type": "home"},
            {"value": "Alice@work.example", "type": "work", "primary": True},
        ],
        ENTERPRISE: {"employeeNumber": "100", "manager": {"value": "Abc"}},
    },
    {"userName": "bob", "externalId": "x-1", "active": False, "emails": [{"value": "b@w.example"}]},
    {
        "userName": "Åsa",
        "displayName": "",
        "name": {"familyName": 'citat" och \\snedstreck'},
        "emails": [{"value": "asa@work.example", "type": "WORK"}],
        ENTERPRISE: {"employeeNumber": "2", "department": "rehab"},
    },
]
FILTERS = [
    'userName eq "ALICE"',
    'userName eq "ÅSA"',
    'userName ne "alice"',
    'userName sw "AL"',
    'userName ew "CE"',
    'userName co "li"',
    'userName gt "b"',
    'userName le "bob"',
    'USERNAME Eq "bob"',
    'urn:ietf:params:scim:schemas:core:2.0:User:userName eq "bob"',
    'externalId eq "x-1"',
    'externalId eq "X-1"',
    "externalId pr",
    "not (externalId pr)",
    "externalId eq null",
    "externalId ne null",
    "externalId gt null",
    'displayName co "50%"',
    'displayName co "\\\\D_("',
    'displayName ew "(*)"',
    'displayName sw "exempel 50% \\\\d"',
    'displayName co "."',
    "displayName pr",
    'displayName eq ""',
    'displayName ne "x"',
    'name.familyName eq "citat\\" och \\\\snedstreck"',
    'name.familyName co "\\""',
    "name pr",
    "name.givenName pr",
    "active eq true",
    "active eq false",
    "active ne true",
    "not (active eq true)",
    "active pr",
    "emails pr",
    'emails eq "alice@work.example"',
    'emails ne "alice@work.example"',
    'emails co "work"',
    'emails.type eq "work"',
    'emails.type ne "work"',
    "emails.type pr",
    "emails.primary eq true",
    'emails[type eq "work" and value co "alice"]',
    'emails[type eq "home" and primary eq true]',
    'emails[value ne "alice@work.example"]',
    'emails[not (type eq "work")]',
    "emails[type pr]",
    "emails[not (type pr)]",
    'emails[type eq "work"].value eq "asa@work.example"',
    f'{ENTERPRISE}:employeeNumber eq "100"',
    f'{ENTERPRISE}:employeeNumber gt "10"',
    f'{ENTERPRISE}:manager.value eq "abc"',
    f'{ENTERPRISE}:manager.value eq "Abc"',
    f"{ENTERPRISE}:department pr",
    'meta.created gt "2000-01-01T00:00:00Z"',
    'meta.created lt "2026-03-02T10:30:00+02:00"',
    'meta.created eq "2026-03-02T08:00:00Z"',
    'meta.lastModified lt "2000-01-01T00:00:00Z"',
    'meta.resourceType eq "User"',
    'id eq "00000000-0000-0000-0000-000000000001"',
    'id ne "00000000-0000-0000-0000-000000000001"',
    'userName eq "alice" or userName eq "bob"',
    'userName eq "alice" and active eq false',
    'active eq true and (userName eq "bob" or emails.type eq "home")',
    'userName eq "x\\" || true || \\"" ',
    'userName co "a|b"',
]


def stored(number: int, document: dict[str, Any]) -> ScimResource:
    schemas = ["urn:ietf:params:scim:schemas:core:2.0:User", ENTERPRISE]
    resource = Model.model_validate({"schemas": schemas, **document})
    content, comparable = content_of(resource), comparable_of(resource)
    return ScimResource(UUID(int=number), "User", None, 1, NOW, NOW, content, comparable)


@pytest.fixture
async def kept(uow: UnitOfWork) -> list[ScimResource]:
    resources = [stored(number, document) for number, document in enumerate(USERS, 1)]
    async with uow() as tx:
        for resource in resources:
            await tx.scim.add(resource)
    return resources


async def names_of(uow: UnitOfWork, condition: ScimCondition) -> set[str]:
    async with uow() as tx:
        found, total = await tx.scim_search.find({"User": condition}, 0, 10)
    assert total == len(found)
    return {str(one.content["userName"]) for one in found}


async def test_filters_find_what_the_evaluator_finds(
    uow: UnitOfWork, kept: list[ScimResource]
) -> None:
    found_by_some = 0
    for text_ in FILTERS:
        evaluated = ScimFilter[Model](text_)
        by_evaluator = {
            str(one.content["userName"])
            for one in kept
            if evaluated.match(cast(Any, resource_of(one, Model)))
        }
        condition = condition_of(text_, Model)
        assert await names_of(uow, condition) == by_evaluator, text_
        without_index = replace(condition, contained={})
        assert await names_of(uow, without_index) == by_evaluator, text_
        found_by_some += bool(by_evaluator) and len(by_evaluator) < len(kept)
    assert found_by_some > 40


async def test_pages_hold_each_resource_once(uow: UnitOfWork, kept: list[ScimResource]) -> None:
    async with uow() as tx:
        pages = [await tx.scim_search.find({"User": None}, at, 1) for at in range(4)]
    assert [one.resource_id for found, _ in pages for one in found] == [
        one.resource_id for one in kept
    ]
    assert {total for _, total in pages} == {3}


def test_only_what_has_to_hold_is_looked_up_in_the_index() -> None:
    for filter_ in ('userName eq "u7" or active pr', 'not (userName eq "u7")', 'id eq "a"'):
        assert condition_of(filter_, Model).contained == {}


@pytest.mark.parametrize(
    ("filter_", "contained"),
    [
        ('userName eq "U7"', {"user_name": "u7"}),
        ('active pr and userName eq "u7"', {"user_name": "u7"}),
        ('emails eq "u7@example.se"', {"emails": [{"value": "u7@example.se"}]}),
        ('emails.type eq "work"', {"emails": [{"type": "work"}]}),
        (f'{ENTERPRISE}:department eq "r"', {"EnterpriseUser": {"department": "r"}}),
        (f'{ENTERPRISE}:manager.value eq "A"', {"EnterpriseUser": {"manager": {"value": "A"}}}),
        ('name.givenName eq "u"', {"name": {"given_name": "u"}}),
    ],
)
async def test_equality_is_found_by_an_index(
    uow: UnitOfWork, filter_: str, contained: dict[str, Any]
) -> None:
    condition = condition_of(filter_, Model)
    assert condition.contained == contained
    async with uow() as tx:
        await tx.connection.execute(text("set local enable_seqscan = off"))
        plan = await tx.connection.execute(
            text("explain select 1 from scim_resources where comparable @> cast(:held as jsonb)"),
            {"held": json.dumps(contained)},
        )
        assert "ix_scim_resources_comparable" in "".join(plan.scalars())


def test_a_filter_without_its_values_names_nobody() -> None:
    expression = (
        r'emails[value eq "a\"b@c.example"] or not (name.familyName sw "c" and active eq true)'
    )
    shown = 'emails[value eq "…"] or not (name.familyName sw "…" and active eq true)'
    assert without_values(expression) == shown
