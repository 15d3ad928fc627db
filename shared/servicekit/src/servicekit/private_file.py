"""Replaces a file of secrets at once: nobody reads half of it, or reads it who may not."""

from pathlib import Path


def replace_file(path: Path, content: bytes, mode: int = 0o600) -> None:
    """The file has its mode before it has its content. Raises OSError."""
    scratch = path.with_name(f".{path.name}")
    scratch.unlink(missing_ok=True)
    scratch.touch(mode)
    scratch.write_bytes(content)
    scratch.replace(path)
