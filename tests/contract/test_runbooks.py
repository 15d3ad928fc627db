"""Runbooks can be run: every code block is of a known kind, and bash can read it."""

import json
import os
import re
import subprocess
import sys
from pathlib import Path

import pytest

from contract.test_alerts import rules
from support import runbooks

DOCUMENTS = sorted(runbooks.FOLDER.glob("*.md"))


@pytest.mark.parametrize("path", DOCUMENTS, ids=lambda path: path.stem)
def test_every_block_can_be_run_or_read(path: Path) -> None:
    assert list(runbooks.faults(path)) == []


@pytest.mark.parametrize("path", DOCUMENTS, ids=lambda path: path.stem)
def test_every_document_does_something_that_is_run(path: Path) -> None:
    assert {runbooks.RUN, runbooks.DRILLED} & {block.kind for block in runbooks.blocks(path)}


@pytest.mark.parametrize(
    ("block", "fault"),
    [
        ("```\nmake up\n```", ":3: '' is no kind of block; there are 'sh', 'sh drill', "),
        ("- a\n\n  ```bash\n  make up\n  ```", ":5: 'bash' is no kind of block; there are "),
        ("```sh\nif true\n```", ":3: bash: line 2: syntax error"),
    ],
)
def test_another_block_is_found(block: str, fault: str, tmp_path: Path, monkeypatch) -> None:
    monkeypatch.setattr(runbooks, "CHECKOUT", tmp_path)
    path = tmp_path / "sample.md"
    path.write_text(f"# Sample\n{block}\n")
    (found,) = runbooks.faults(path)
    assert found.startswith(f"sample.md{fault}")


def test_every_document_is_in_the_index() -> None:
    index = (runbooks.FOLDER / "README.md").read_text(encoding="utf-8")
    missing = {path.name for path in DOCUMENTS if f"({path.name}" not in index} - {"README.md"}
    assert missing == set()


PARTS = ("Meaning", "Impact", "Check", "Act", "Verify", "Escalate")


def sections(text: str) -> dict[str, str]:
    """Of a document: each section's text by its title."""
    parts = re.split(r"^## (.+)\n", text, flags=re.M)
    return dict(zip(parts[1::2], parts[2::2], strict=True))


def missing(alert: str, section: str) -> list[str]:
    """What an operator does not find in an alert's section. *Check, act* may be one part."""
    titles = ", ".join(re.findall(r"^- \*\*(.+?)\.\*\*", section, flags=re.M)).lower().split(", ")
    found = [part for part in PARTS if part.lower() not in titles]
    verify = section.partition("**Verify.**")[2]
    return found if f"soon quiet {alert}\n" in verify else [*found, "a command that verifies"]


def test_every_alert_has_every_part() -> None:
    text = (runbooks.FOLDER / "alerts.md").read_text(encoding="utf-8")
    assert {alert: missing(alert, section) for alert, section in sections(text).items()} == {
        alert: [] for alert in rules()
    }


def function(document: str, name: str) -> str:
    """A function of the shell, as a document defines it."""
    text = (runbooks.FOLDER / f"{document}.md").read_text(encoding="utf-8")
    (found,) = re.findall(rf"^{name}\(\) .*?\}}$", text, flags=re.M | re.S)
    return str(found)


@pytest.mark.parametrize(
    ("alert", "is_quiet"),
    [("Ended", True), ("AboutToBeRaised", False), ("Raised", False), ("Unknown", False)],
)
def test_a_verification_fails_while_the_trouble_lasts(
    alert: str, is_quiet: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    """By the functions of the documents, against answers as Prometheus gives them."""
    states = {"Ended": "inactive", "AboutToBeRaised": "pending", "Raised": "firing"}
    rules = [{"name": name, "state": state} for name, state in states.items()]
    answer = json.dumps({"status": "success", "data": {"groups": [{"rules": rules}]}})
    known = (function("README", "json"), function("alerts", "quiet"))
    program = "\n".join([f"curl() {{ echo '{answer}'; }}", *known, f"quiet {alert}"])
    monkeypatch.setenv("PATH", f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}")
    monkeypatch.setenv("PROMETHEUS_URL", "http://prometheus")
    asked = subprocess.run(["bash", "-euo", "pipefail", "-c", program], check=False)
    assert (asked.returncode == 0) == is_quiet


def test_a_part_that_is_missing_is_found() -> None:
    section = "- **Meaning.** x\n- **Impact.** x\n- **Check, act.** x\n- **Verify.** soon quiet B\n"
    assert missing("A", section) == ["Escalate", "a command that verifies"]
