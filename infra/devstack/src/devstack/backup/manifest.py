"""Compare a base copy with the manifest that PostgreSQL wrote for it.

What `pg_verifybackup` does, which crashes in the wheel that this stack has.
"""

import hashlib
import json
from collections.abc import Iterator
from pathlib import Path

from devstack.options import StackError

_NAME = "backup_manifest"
_UNLISTED = (_NAME, "pg_wal/")


def check(copy: Path) -> None:
    """Raises StackError, and names the first files that are missing, changed or not listed."""
    faults = list(_faults(copy))
    if faults:
        raise StackError(f"{copy} is not whole: {', '.join(faults[:5])}")


def _faults(copy: Path) -> Iterator[str]:
    try:
        text = (copy / _NAME).read_bytes()
        manifest = json.loads(text)
        listed = {entry["Path"]: entry for entry in manifest["Files"]}
        own = manifest["Manifest-Checksum"]
    except (OSError, ValueError, KeyError) as error:
        yield f"{_NAME} cannot be read ({type(error).__name__})"
        return
    if own != hashlib.sha256(text[: text.rindex(b'"Manifest-Checksum"')]).hexdigest():
        yield f"{_NAME} was changed"
    there = {str(path.relative_to(copy)): path for path in copy.rglob("*") if path.is_file()}
    yield from (f"{name} is missing" for name in sorted(listed.keys() - there.keys()))
    for name, path in sorted(there.items()):
        if name in listed:
            if _sha256(path) != listed[name]["Checksum"]:
                yield f"{name} was changed"
        elif not name.startswith(_UNLISTED):
            yield f"{name} does not belong to it"


def _sha256(path: Path) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()
