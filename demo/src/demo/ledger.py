"""What the demo asked of the platform, written down before each attempt and after its outcome.

The auditor reads it afterwards: an attempt with an outcome of "ok" must have had its effect once.
"""

import json
import os
from dataclasses import dataclass
from pathlib import Path
from typing import Any, TextIO

OK, REFUSED, UNKNOWN = "ok", "refused", "unknown"


@dataclass(frozen=True)
class Attempt:
    """One thing that was asked: `kind` such as "meeting", `key` to distinguish it from others."""

    kind: str
    key: str
    outcome: str
    status: int
    answer: dict[str, Any]


class Ledger:
    """An append-only file of attempts; a line reaches the file before the request is sent."""

    def __init__(self, path: Path) -> None:
        self.path = path
        handle = os.open(path, os.O_CREAT | os.O_WRONLY | os.O_TRUNC | os.O_APPEND, 0o600)
        self._file: TextIO = os.fdopen(handle, "w", encoding="utf-8", buffering=1)
        self._number = 0

    def ask(self, kind: str, key: str) -> int:
        """Note what is about to be asked; returns the attempt's number."""
        self._number += 1
        self._write({"number": self._number, "kind": kind, "key": key})
        return self._number

    def answered(
        self, number: int, outcome: str, status: int = 0, answer: dict[str, Any] | None = None
    ) -> None:
        """Note the outcome; `answer`: the ids by which the effect can be found again."""
        entry = {"number": number, "outcome": outcome, "status": status, "answer": answer or {}}
        self._write(entry)

    def _write(self, entry: dict[str, Any]) -> None:
        self._file.write(json.dumps(entry) + "\n")

    def close(self) -> None:
        self._file.close()


def read(path: Path) -> list[Attempt]:
    """Every attempt of the file; one without an outcome is "unknown"."""
    asked: dict[int, dict[str, Any]] = {}
    for line in path.read_text(encoding="utf-8").splitlines():
        entry = json.loads(line)
        asked.setdefault(entry["number"], {}).update(entry)
    return [
        Attempt(
            kind=entry["kind"],
            key=entry["key"],
            outcome=entry.get("outcome", UNKNOWN),
            status=entry.get("status", 0),
            answer=entry.get("answer", {}),
        )
        for entry in asked.values()
    ]
