"""Replaces a file of secrets at once: nobody reads half of it, or reads it who may not."""

import os
from pathlib import Path


def replace_file(path: Path, content: bytes, mode: int = 0o600) -> None:
    """The file has its owner and mode before its content; a link stays. Raises OSError.

    Owner and group are those of the file before.
    """
    path = path.resolve()
    scratch = path.with_name(f".{path.name}")
    scratch.unlink(missing_ok=True)
    scratch.touch(0o600)
    try:
        with scratch.open("wb") as file:
            if path.exists():
                os.fchown(file.fileno(), path.stat().st_uid, path.stat().st_gid)
            os.fchmod(file.fileno(), mode)
            file.write(content)
            file.flush()
            os.fsync(file.fileno())
        scratch.replace(path)
    finally:
        scratch.unlink(missing_ok=True)
