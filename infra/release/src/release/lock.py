"""What uv.lock says: every package, and which of them reach the image."""

import tomllib
from functools import cache
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parents[4]
IMAGES = {
    "platform": (
        "assessment-service",
        "content-service",
        "notification-service",
        "people-service",
        "portal-service",
        "workflow-service",
    ),
    "development": ("um-devstack",),
}


@cache
def packages() -> dict[str, dict[str, Any]]:
    """Name > entry of uv.lock, our own packages among them."""
    text = (ROOT / "uv.lock").read_text(encoding="utf-8")
    return {entry["name"]: entry for entry in tomllib.loads(text)["package"]}


def own() -> list[str]:
    """The names of the packages of this repository that can be installed."""
    return sorted(name for name, entry in packages().items() if "editable" in entry["source"])


def foreign() -> dict[str, str]:
    """Name > version of every package that comes from a registry."""
    return {
        name: entry["version"]
        for name, entry in sorted(packages().items())
        if "registry" in entry["source"]
    }


def reached_from(*roots: str) -> set[str]:
    """The packages that these need on any system, themselves included; no development groups."""
    reached: set[str] = set()
    waiting: list[tuple[str, tuple[str, ...]]] = [(root, ()) for root in roots]
    while waiting:
        name, extras = waiting.pop()
        entry = packages()[name]
        optional = entry.get("optional-dependencies", {})
        needed = [need for extra in extras for need in optional.get(extra, ())]
        if name not in reached:
            needed += entry.get("dependencies", [])
        reached.add(name)
        waiting += [(need["name"], tuple(need.get("extra", ()))) for need in needed]
    return reached
