"""docs/invariants.md has a section for each invariant, and names tests and modules that exist."""

import re
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[3]
PAGE = (ROOT / "docs" / "invariants.md").read_text(encoding="utf-8")
COUNT = 41


def faults(page: str) -> list[str]:
    """What is wrong with the page; empty if nothing is."""
    _, *sections = re.split(r"^## ", page, flags=re.MULTILINE)
    found = []
    numbers = [section.partition(".")[0] for section in sections]
    if numbers != [str(number) for number in range(1, COUNT + 1)]:
        found.append(f"the sections are not numbered 1 to {COUNT}: {numbers}")
    for number, section in zip(numbers, sections, strict=True):
        if not re.search(r"`tests/(?:\w+/)+test_\w+\.py`", section):
            found.append(f"{number} names no test")
        found += [
            f"{number} has no line **{label}:**"
            for label in ("Enforced by", "Tests", "Not covered")
            if f"- **{label}:**" not in section
        ]
    named = re.findall(r"`((?:tests|infra)/[^`]+)`", page)
    for package, module in re.findall(r"`(servicekit|contracts)/([^`]+)`", page):
        named.append(f"shared/{package}/src/{package}/{module}")
    return found + [f"{name} does not exist" for name in named if not (ROOT / name).is_file()]


def test_the_page_is_whole() -> None:
    assert faults(PAGE) == []


@pytest.mark.parametrize(
    ("original", "planted", "fault"),
    [
        ("servicekit/test_auth.py`", "servicekit/test_gone.py`", "test_gone.py does not exist"),
        ("`tests/integration/servicekit/test_outbox_never_skips.py`", "a test", "2 names no test"),
        ("`servicekit/inbox.py`", "`servicekit/gone.py`", "servicekit/gone.py does not exist"),
        ("## 12. ", "## 13. ", "not numbered"),
        ("- **Not covered:** a value", "- a value", "20 has no line **Not covered:**"),
    ],
)
def test_a_planted_fault_is_found(original: str, planted: str, fault: str) -> None:
    assert original in PAGE
    assert fault in "\n".join(faults(PAGE.replace(original, planted)))
