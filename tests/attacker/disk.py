"""Copies of a PostgreSQL server's files."""

from collections.abc import Collection
from pathlib import Path


def found_in(folder: Path, wanted: Collection[bytes]) -> set[bytes]:
    """Which of these byte strings are in any file below the folder."""
    found: set[bytes] = set()
    for file in sorted(folder.rglob("*")):
        try:
            content = file.read_bytes() if file.is_file() else b""
        except FileNotFoundError:  # removed meanwhile
            continue
        found |= {one for one in wanted if one in content}
    return found
