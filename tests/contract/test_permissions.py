"""The table of permissions and the routes agree: none is open by mistake, none of it is unused."""

from pathlib import Path
from typing import Any, get_args

import pytest

from contracts.permissions import PERMISSIONS, Role
from generators.openapi import api_of
from generators.settings import SERVICES
from people_service.domain.roles import ROLES

ROOT = Path(__file__).parents[2]
OPEN = {
    ("GET", "/v1/api-info"),
    ("GET", "/.well-known/openid-configuration"),
    ("GET", "/jwks"),
    ("POST", "/token"),
    ("GET", "/schemas/{event_type}.json"),
    ("GET", "/schemas/{event_type}/{revision}.json"),
    ("GET", "/v1/public/articles"),
    ("GET", "/v1/public/articles/{article_id}"),
    ("GET", "/v1/public/search"),
    ("GET", "/v1/public/timetable"),
}


def operations(service: str) -> dict[tuple[str, str], dict[str, Any]]:
    return {
        (method.upper(), path): operation
        for path, methods in api_of(service).openapi()["paths"].items()
        for method, operation in methods.items()
    }


@pytest.mark.parametrize("service", SERVICES)
def test_every_route_needs_a_permission_or_is_known_to_be_open(service):
    without = {route for route, one in operations(service).items() if "x-permission" not in one}
    assert without <= OPEN


@pytest.mark.parametrize("service", SERVICES)
def test_what_needs_a_permission_says_who_has_it(service):
    for route, operation in operations(service).items():
        if name := operation.get("x-permission"):
            assert all(role in operation["description"] for role in PERMISSIONS[name].roles), route


def test_every_permission_is_asked_for_somewhere():
    sources = [path.read_text() for path in (ROOT / "services").rglob("src/**/*.py")]
    sources += [path.read_text() for path in (ROOT / "shared/servicekit").rglob("src/**/*.py")]
    assert {name for name in PERMISSIONS if not any(f'"{name}"' in one for one in sources)} == set()


def test_the_people_service_gives_the_roles_of_the_table():
    assert set(get_args(Role)) == set(ROLES)
