"""docs/invariants.md names tests that exist."""

import re
from pathlib import Path

ROOT = Path(__file__).parents[3]


def test_every_test_on_the_page_exists():
    page = (ROOT / "docs" / "invariants.md").read_text(encoding="utf-8")
    named = set(re.findall(r"`(tests/[\w/.]+)`", page))
    assert len(named) > 15
    assert not {name for name in named if not (ROOT / name).exists()}
    for name in re.findall(r"`(test_\w+\.py)` there", page):
        assert (ROOT / "tests" / "integration" / "servicekit" / name).exists()
