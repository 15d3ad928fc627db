"""docs/asvs.md has every requirement of levels 1 and 2, and names tests that exist."""

import re
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[3]
PAGE = (ROOT / "docs" / "asvs.md").read_text(encoding="utf-8")
_LAST = """
    1.1.2 1.2.9 1.3.11 1.4.3 1.5.2
    3.2.2 3.3.4 3.4.6 3.5.5 3.7.2
    6.1.3 6.2.12 6.3.4 6.4.4 6.5.5 6.6.3 6.8.4
    7.1.3 7.2.4 7.3.2 7.4.5 7.5.2 7.6.2
    8.1.2 8.2.3 8.3.1 8.4.1
    9.1.3 9.2.4
    10.1.2 10.2.2 10.3.4 10.4.11 10.5.5 10.6.2 10.7.3
    14.1.2 14.2.4 14.3.3
"""
LAST = {one.rpartition(".")[0]: int(one.rpartition(".")[2]) for one in _LAST.split()}
"""Section > its last requirement of level 1 or 2; those of level 3 follow."""
WANTED = {f"{section}.{n}" for section, last in LAST.items() for n in range(1, last + 1)}
ROW = re.compile(r"^\| (\d+\.\d+)\.(\d+)(?:–\1\.(\d+))?(?: \(3\))? \| (.+) \|$", re.MULTILINE)
VERDICTS = ("met", "partly", "not met", "provider", "none")


def faults(page: str) -> list[str]:
    """What is wrong with the page; empty if nothing is."""
    found, numbers = [], []
    for section, first, last, cells in ROW.findall(page):
        numbers += [f"{section}.{n}" for n in range(int(first), int(last or first) + 1)]
        _, here, test = [cell.strip() for cell in f"{cells} ".split(" | ")]
        verdict = here.removeprefix("**").partition("**")[0]
        if verdict not in VERDICTS:
            found.append(f"{numbers[-1]} has the verdict {verdict}")
        if verdict in ("met", "partly") and "`tests/" not in test:
            found.append(f"{numbers[-1]} is {verdict} and names no test")
    found += [f"{number} is missing" for number in sorted(WANTED - set(numbers))]
    found += [f"{number} is there twice" for number in set(numbers) if numbers.count(number) > 1]
    named = re.findall(r"`(tests/[^`]+)`", page)
    return found + [f"{name} does not exist" for name in named if not (ROOT / name).is_file()]


def test_the_page_is_whole() -> None:
    assert faults(PAGE) == []


@pytest.mark.parametrize(
    ("original", "planted", "fault"),
    [
        ("servicekit/test_auth.py`", "servicekit/test_gone.py`", "test_gone.py does not exist"),
        ("`tests/unit/people/test_settings.py`", "", "6.3.2 is met and names no test"),
        ("| 9.2.3 |", "| 9.2.2 |", "9.2.3 is missing"),
        ("| 9.2.3 |", "| 9.2.2 |", "9.2.2 is there twice"),
        ("6.2.1–6.2.12", "6.2.1–6.2.11", "6.2.12 is missing"),
        ("**none**: no SAML", "**fine**", "6.8.3 has the verdict fine"),
    ],
)
def test_a_planted_fault_is_found(original: str, planted: str, fault: str) -> None:
    assert original in PAGE
    assert fault in "\n".join(faults(PAGE.replace(original, planted)))
