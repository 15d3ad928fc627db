"""Compare uv.lock with a downloaded database of known vulnerabilities; needs no network.

    make vulnerabilities DATABASE=all.zip

The database is the PyPI export of osv.dev: a zip with one OSV document (JSON) a vulnerability. It
holds what was known on the day of its download. Ends with 1 when a locked version is affected,
with 2 when the file is no such database.
"""

import argparse
import json
import sys
import zipfile
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from packaging.utils import canonicalize_name
from packaging.version import InvalidVersion, Version

from release.lock import foreign


class NoDatabase(Exception):
    """The file is no export of OSV documents; the text says why."""


@dataclass(frozen=True)
class Finding:
    """A locked version that a published vulnerability affects."""

    package: str
    version: str
    identifier: str
    summary: str
    fixed_in: tuple[str, ...]

    def __str__(self) -> str:
        remedy = f"fixed in {', '.join(self.fixed_in)}" if self.fixed_in else "no fix is published"
        return f"{self.package} {self.version}: {self.identifier}, {remedy}. {self.summary}".strip()


def documents(database: Path) -> Iterator[dict[str, Any]]:
    """Every OSV document of the export that was not withdrawn. Raises NoDatabase."""
    try:
        with zipfile.ZipFile(database) as archive:
            names = [name for name in archive.namelist() if name.endswith(".json")]
            if not names:
                raise NoDatabase(f"{database} holds no OSV document")
            for name in names:
                document = json.loads(archive.read(name))
                if not isinstance(document, dict) or "id" not in document:
                    raise NoDatabase(f"{name} in {database} is no OSV document")
                if "withdrawn" not in document:
                    yield document
    except (OSError, zipfile.BadZipFile, json.JSONDecodeError) as error:
        raise NoDatabase(f"{database} cannot be read: {error}") from error


def findings(database: Path, locked: Mapping[str, str]) -> list[Finding]:
    """What affects the locked versions, sorted by package. Raises NoDatabase."""
    found = [
        Finding(
            package,
            locked[package],
            document["id"],
            document.get("summary", ""),
            tuple(sorted(_events(affected, "fixed"))),
        )
        for document in documents(database)
        for affected in document.get("affected", ())
        if (package := _package(affected)) in locked and affects(affected, locked[package])
    ]
    return sorted(set(found), key=lambda one: (one.package, one.identifier))


def affects(affected: Mapping[str, Any], version: str) -> bool:
    """Whether a version is listed, or lies in a range, of an OSV `affected` entry."""
    wanted = Version(version)
    if any(_version(listed) == wanted for listed in affected.get("versions", ())):
        return True
    return any(
        _in_range(span.get("events", ()), wanted)
        for span in affected.get("ranges", ())
        if span.get("type") == "ECOSYSTEM"
    )


def _in_range(events: list[dict[str, str]], wanted: Version) -> bool:
    """OSV's rule: the last event at or before the version decides."""
    inside = False
    dated = [(_version(value), kind) for event in events for kind, value in event.items()]
    for version, kind in sorted((one, kind) for one, kind in dated if one is not None):
        if kind == "introduced" and version <= wanted:
            inside = True
        elif (kind == "fixed" and version <= wanted) or (
            kind == "last_affected" and version < wanted
        ):
            inside = False
    return inside


def _version(text: str) -> Version | None:
    """None for a name that is no version: nothing that is locked can be compared with it."""
    try:
        return Version(text)
    except InvalidVersion:
        return None


def _package(affected: Mapping[str, Any]) -> str:
    package = affected.get("package", {})
    return canonicalize_name(package["name"]) if package.get("ecosystem") == "PyPI" else ""


def _events(affected: Mapping[str, Any], kind: str) -> set[str]:
    spans = (span for span in affected.get("ranges", ()) if span.get("type") == "ECOSYSTEM")
    return {event[kind] for span in spans for event in span.get("events", ()) if kind in event}


def main() -> int:
    parser = argparse.ArgumentParser(description="Compare uv.lock with a vulnerability database.")
    parser.add_argument("database", type=Path, help="the PyPI export of osv.dev, a zip")
    database: Path = parser.parse_args().database
    try:
        found = findings(database, foreign())
        count = sum(1 for _ in documents(database))
    except NoDatabase as error:
        print(f"vulnerabilities: {error}", file=sys.stderr)
        return 2
    for finding in found:
        print(finding)
    print(f"{len(foreign())} packages compared with {count} vulnerabilities: {len(found)} found")
    return 1 if found else 0


if __name__ == "__main__":
    sys.exit(main())
