"""What `squawk` finds in migrations: statements that stop who works with the last release."""

import json
import subprocess
import sys
from collections.abc import Mapping
from pathlib import Path

PROGRAM = Path(sys.executable).with_name("squawk")
NOT_ASKED = {
    "require-lock-timeout": "servicekit.migrations sets it for the connection",
    "require-statement-timeout": "a long statement is harmless unless it holds a lock, which the"
    " other rules find",
    "prefer-bigint-over-int": "counts, versions and lengths stay small",
    "prefer-text-field": "varchar without a length is text",
}


def found(statements: Mapping[str, str], folder: Path) -> dict[str, set[str]]:
    """Name > rules that are broken, of those SQL texts that break any; files go to `folder`."""
    for name, text in statements.items():
        (folder / f"{name}.sql").write_text(text, encoding="utf-8")
    answer = subprocess.run(
        [
            *(PROGRAM, "--reporter", "json", "--pg-version", "18"),
            *(f"--exclude={rule}" for rule in NOT_ASKED),
            *(folder / f"{name}.sql" for name in statements),
        ],
        capture_output=True,
        text=True,
        timeout=60,
    )
    assert answer.returncode in (0, 1), answer.stderr
    broken: dict[str, set[str]] = {}
    for finding in json.loads(answer.stdout):
        broken.setdefault(Path(finding["file"]).stem, set()).add(finding["rule_name"])
    return broken
