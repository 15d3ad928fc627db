"""Every fault that a service finds in a file has a text of the catalogue."""

import ast
import re
from collections.abc import Iterator
from pathlib import Path

import pytest

from portal_service.domain.file_faults import FILE_FAULTS, OTHER, text_of

ROOT = Path(__file__).parents[3]
SOURCES = ("shared/servicekit/src", "services/people/src", "services/workflow/src")
PLACEHOLDER = re.compile(r"%\((\w+)\)s")


def raised() -> Iterator[tuple[str, frozenset[str]]]:
    """The code and the names of the values of each FaultText that is made."""
    for path in sorted(one for source in SOURCES for one in (ROOT / source).rglob("*.py")):
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if isinstance(node, ast.Call) and getattr(node.func, "id", "") == "FaultText":
                assert isinstance(node.args[0], ast.Constant), f"{path.name}: a code is written out"
                yield str(node.args[0].value), frozenset(str(one.arg) for one in node.keywords)


def test_the_faults_of_files_and_no_others_have_texts() -> None:
    codes = {code for code, _ in raised()}
    assert len(codes) > 60
    assert codes == FILE_FAULTS.keys()


def test_a_text_uses_values_that_its_fault_has() -> None:
    for code, names in raised():
        assert set(PLACEHOLDER.findall(FILE_FAULTS[code])) <= names, code


@pytest.mark.parametrize(
    ("code", "given"), [("of-a-later-version", {}), ("row-repeated", {"other": "1"})]
)
def test_what_is_not_known_has_a_general_text(code: str, given: dict[str, str]) -> None:
    assert text_of(code, given) == OTHER
