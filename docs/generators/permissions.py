"""docs/generated/permissions.md: what each role may do, and by which routes."""

from collections import defaultdict
from collections.abc import Iterator
from pathlib import Path
from typing import get_args

from contracts.permissions import PERMISSIONS, Reach, Role
from generators.openapi import api_of
from generators.settings import SERVICES

_MARKS: dict[Reach, str] = {"units": "units", "anywhere": "yes", "region": "region", "own": "own"}


def files(root: Path) -> dict[Path, str]:
    routes = defaultdict(list)
    for name, route in _routes():
        routes[name].append(route)
    roles = get_args(Role)
    lines = [
        "# Permissions",
        "",
        "Generated from `shared/contracts/src/contracts/permissions.py`, by which every route",
        "checks its callers. Whoever is not listed gets 403. A token lists each role with its",
        "unit; which roles reach the units below is in",
        "`services/people/src/people_service/domain/roles.py`.",
        "",
        "- **units**: for the units that the role is held for. Lists have these only; what belongs",
        "  to another unit looks unknown.",
        "- **region**: only with the role for the whole region.",
        "- **own**: what they made themselves; with the role for the whole region, everybody's.",
        "- **yes**: it concerns no unit.",
        "",
        f"| they may | {' | '.join(role.replace('_', ' ') for role in roles)} |",
        f"|---|{'---|' * len(roles)}",
    ]
    for one in PERMISSIONS.values():
        marks = (_MARKS[one.reach] if role in one.roles else "" for role in roles)
        lines.append(f"| {one.what} | {' | '.join(marks)} |")
    lines += ["", "## Routes", ""]
    for one in PERMISSIONS.values():
        lines += [f"`{one.name}`: {one.what}", "", *sorted(routes[one.name]), ""]
    return {Path("docs/generated/permissions.md"): "\n".join(lines)}


def _routes() -> Iterator[tuple[str, str]]:
    """Every route that needs a permission, and which."""
    for service in SERVICES:
        for path, methods in api_of(service).openapi()["paths"].items():
            for method, operation in methods.items():
                if name := operation.get("x-permission"):
                    yield name, f"- {service} `{method.upper()} {path}`"
