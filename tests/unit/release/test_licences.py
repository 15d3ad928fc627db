"""Every locked package has a recorded, accepted licence, which is the one that it states."""

import pytest

from release.licences import IN_THE_IMAGE, IN_TOOLS, RECORD, accepted, faults, recorded, stated
from release.lock import foreign

STATES = {package: stated(package) for package in foreign()}


def test_every_licence_is_recorded_and_accepted() -> None:
    assert list(faults(recorded(), STATES)) == []


def test_the_record_is_sorted() -> None:
    lines = RECORD.read_text(encoding="utf-8").splitlines()[1:]
    assert lines == sorted(lines, key=lambda line: line.partition(" = ")[0])


def test_most_packages_state_a_licence() -> None:
    """So that the comparison compares something."""
    assert sum(1 for says in STATES.values() if says) > 0.8 * len(STATES)


@pytest.mark.parametrize(
    ("change", "fault"),
    [
        ({"fastapi": "AGPL-3.0-only"}, "fastapi is under AGPL-3.0-only"),
        ({"fastapi": "GPL-3.0-only"}, "fastapi is under GPL-3.0-only"),
        ({"fastapi": "Apache-2.0"}, "fastapi says MIT, but Apache-2.0 is recorded"),
        ({"left-pad": "MIT"}, "left-pad is recorded but no longer locked"),
    ],
)
def test_a_wrong_record_is_refused(change: dict[str, str], fault: str) -> None:
    assert any(fault in line for line in faults(recorded() | change, STATES))


def test_a_package_without_a_record_is_refused() -> None:
    record = {name: licence for name, licence in recorded().items() if name != "pytest"}
    assert list(faults(record, STATES)) == ["pytest is not recorded; it says MIT"]


def test_what_a_package_states_is_compared() -> None:
    changed = STATES | {"httpx": "GPL-3.0-only"}
    expected = "httpx says GPL-3.0-only, but BSD-3-Clause is recorded"
    assert list(faults(recorded(), changed)) == [expected]


@pytest.mark.parametrize(
    ("expression", "answer"),
    [
        ("MIT", True),
        ("MIT OR GPL-3.0-only", True),
        ("MIT AND GPL-3.0-only", False),
        ("(MIT OR GPL-3.0-only) AND Apache-2.0", True),
        ("GPL-2.0-only WITH Classpath-exception-2.0", False),
    ],
)
def test_an_expression_is_accepted_when_a_choice_is_free(expression: str, answer: bool) -> None:
    assert accepted(expression, IN_THE_IMAGE) is answer


def test_the_exception_of_the_java_runtime_is_accepted_in_tools() -> None:
    assert accepted("GPL-2.0-only WITH Classpath-exception-2.0", IN_TOOLS)
