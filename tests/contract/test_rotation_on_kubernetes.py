"""The runbook's commands for a Secret: no program has a key in its arguments."""

import base64
import json
import os
import subprocess
import sys
from pathlib import Path

from support import runbooks

KEY = "a-key-that-was-there-before-of-32-characters"
# In place of kubectl: writes down its arguments, and what it would patch the Secret with.
KUBECTL = """#!/bin/bash
printf '%s\\n' "$*" >> arguments
case "$*" in
  *"get secret"*) printf %s "$LIST" ;;
  *--patch-file=/dev/stdin*) cat >> patches ;;
esac
"""


def test_no_key_is_in_the_arguments(tmp_path: Path) -> None:
    (tmp_path / "bin").mkdir()
    (tmp_path / "bin" / "kubectl").write_text(KUBECTL)
    (tmp_path / "bin" / "kubectl").chmod(0o755)
    (tmp_path / ".venv").symlink_to(sys.prefix)
    (block,) = [
        block
        for block in runbooks.blocks(runbooks.FOLDER / "rotate.md")
        if block.kind == "sh kubernetes"
    ]
    environment = {
        "PATH": f"{tmp_path / 'bin'}{os.pathsep}{os.environ['PATH']}",
        "LIST": base64.b64encode(json.dumps([KEY]).encode()).decode(),
    }
    subprocess.run(
        ["bash", "-euo", "pipefail", "-c", block.text], cwd=tmp_path, env=environment, check=True
    )
    given = [json.loads(line) for line in (tmp_path / "patches").read_text().splitlines()]
    (_, new), (first, second) = [json.loads(one["stringData"]["session-keys"]) for one in given]
    assert (first, second) == (new, KEY)
    arguments = (tmp_path / "arguments").read_text()
    assert "rollout status" in arguments
    assert KEY not in arguments
    assert new not in arguments
    assert sorted(one.name for one in tmp_path.iterdir()) == [
        ".venv",
        "arguments",
        "bin",
        "patches",
    ]
