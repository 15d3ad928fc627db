"""Write small files so that a reader sees the old or the new content, never half of it."""

import json
import os
import tempfile
from collections.abc import Mapping
from pathlib import Path
from typing import Any


def write_atomically(path: Path, text: str, mode: int = 0o600) -> None:
    """Replace `path` by `text`; the file has `mode` before its content can be read."""
    path.parent.mkdir(parents=True, exist_ok=True)
    handle, name = tempfile.mkstemp(dir=path.parent, prefix=f".{path.name}-")
    try:
        with os.fdopen(handle, "w", encoding="utf-8") as file:
            file.write(text)
        os.chmod(name, mode)
        os.replace(name, path)
    except BaseException:
        os.unlink(name)
        raise


def read_json(path: Path) -> dict[str, Any]:
    """The object in `path`, or {} when the file is not there."""
    try:
        content: dict[str, Any] = json.loads(path.read_text(encoding="utf-8"))
    except FileNotFoundError:
        return {}
    return content


def write_env(path: Path, values: Mapping[str, str], comment: str) -> None:
    """Write a comment and KEY=VALUE lines, for the owner only. ValueError for a line break."""
    for key, value in values.items():
        if "\n" in value or "\r" in value:
            raise ValueError(f"the value of {key} holds a line break")
    quoted = {key: f"'{value}'" if value[:1] == "'" else value for key, value in values.items()}
    lines = [f"# {comment}", *(f"{key}={value}" for key, value in quoted.items())]
    write_atomically(path, "\n".join(lines) + "\n")


def read_env(path: Path) -> dict[str, str]:
    """The KEY=VALUE lines of `path`; an absent file is an empty environment.

    Single quotes around a value are not of it.
    """
    if not path.exists():
        return {}
    lines = path.read_text(encoding="utf-8").splitlines()
    pairs = (line.split("=", 1) for line in lines if "=" in line and not line.startswith("#"))
    return {key: _unquoted(value) for key, value in pairs}


def _unquoted(text: str) -> str:
    return text[1:-1] if len(text) > 1 and text[0] == text[-1] == "'" else text
