"""Runbooks can be run: every code block is of a known kind, and bash can read it."""

import re
from pathlib import Path

import pytest

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


def test_every_alert_has_a_command_or_another_runbook() -> None:
    text = (runbooks.FOLDER / "alerts.md").read_text(encoding="utf-8")
    sections = re.split(r"^## ", text, flags=re.M)[1:]
    assert [
        one.split()[0] for one in sections if not re.search(r"```sh|\]\([a-z-]+\.md", one)
    ] == []
