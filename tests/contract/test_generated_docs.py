"""The committed generated files are those that today's code gives."""

import subprocess
import sys
from pathlib import Path

import pytest

import generate

ROOT = Path(__file__).parents[2]


def test_generated_files_have_not_drifted() -> None:
    result = subprocess.run(
        [sys.executable, ROOT / "docs" / "generate.py", "--check"],
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )
    assert result.returncode == 0, result.stdout + result.stderr


def test_drift_is_found(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setattr(generate, "ROOT", tmp_path)
    assert tmp_path / "docs" / "generated" / "events.md" in generate.drifted()
