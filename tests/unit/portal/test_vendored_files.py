"""The files of others are the ones that were chosen, with their licence."""

import hashlib
import re
import tomllib
from pathlib import Path

PORTAL = Path(__file__).parents[3] / "services" / "portal"
VENDORED = PORTAL / "src" / "portal_service" / "static" / "vendor"


def test_every_file_has_its_checksum() -> None:
    lines = (VENDORED / "SHA256SUMS").read_text(encoding="utf-8").splitlines()
    listed = {name: digest for digest, _, name in (line.partition("  ") for line in lines)}
    files = {path.name: path for path in VENDORED.iterdir() if path.name != "SHA256SUMS"}
    assert set(listed) == set(files)
    for name, path in files.items():
        assert hashlib.sha256(path.read_bytes()).hexdigest() == listed[name], name


def test_every_package_is_pinned_and_may_be_passed_on() -> None:
    packages = tomllib.loads((PORTAL / "vendor.toml").read_text(encoding="utf-8"))
    assert packages
    for name, package in packages.items():
        assert re.fullmatch(r"\d+\.\d+\.\d+", package["version"]), name
        assert re.fullmatch(r"sha512-[A-Za-z0-9+/]{86}==", package["integrity"]), name
        assert package["licence"] in {"MIT", "BSD-2-Clause", "0BSD", "Apache-2.0", "EUPL-1.2"}, name
    licence = (VENDORED / "LICENSE").read_text(encoding="utf-8")
    assert "Permission is hereby granted, free of charge" in licence
    assert "Digitaliseringsdirektoratet" in licence


def test_no_file_fetches_anything_from_elsewhere() -> None:
    for path in VENDORED.parent.rglob("*.css"):
        source = path.read_text(encoding="utf-8")
        assert re.findall(r"@import|url\(\s*['\"]?(?:https?:)?//", source) == [], path.name


def test_no_rule_makes_a_long_table_slow() -> None:
    """Of the rules with `:has()`, those on tables cost seconds on a page of 500 rows."""
    source = (VENDORED / "designsystemet.css").read_text(encoding="utf-8")
    assert ".ds-table" not in source
