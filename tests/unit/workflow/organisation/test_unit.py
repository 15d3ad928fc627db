"""Units change one version at a time, and only some can have a journey."""

import pytest

from workflow_service.domain.errors import DomainError
from workflow_service.domain.organisation import unit as units
from workflow_service.domain.organisation.unit import UnitFacts, UnitManagerAssigned

FACTS = UnitFacts("rehabenheten", "Rehabenheten", "unit", None, 18)


def test_a_new_manager_is_one_version_and_one_event() -> None:
    unit, _ = units.register(FACTS)
    assigned, event = units.assign_manager(unit, "m-0001", expected_version=1)
    assert (assigned.manager_id, assigned.version) == ("m-0001", 2)
    assert event == UnitManagerAssigned("rehabenheten", "m-0001", 2)


def test_the_same_manager_again_is_no_event() -> None:
    unit, _ = units.assign_manager(units.register(FACTS)[0], "m-0001")
    assert units.assign_manager(unit, "m-0001") == (unit, None)


def test_a_stale_version_is_refused_with_what_is_there_now() -> None:
    unit, _ = units.assign_manager(units.register(FACTS)[0], "m-0001")
    with pytest.raises(DomainError) as caught:
        units.assign_manager(unit, "m-0002", expected_version=1)
    assert (caught.value.code, caught.value.kind) == ("stale-version", "conflict")
    assert "version 2" in caught.value.detail
    assert "m-0001" in caught.value.detail


@pytest.mark.parametrize("manager_id", ["", "Eva Ek", "eva@example.se", "x" * 64, "m\n"])
def test_a_manager_is_an_opaque_id(manager_id: str) -> None:
    with pytest.raises(DomainError, match="recipient id"):
        units.assign_manager(units.register(FACTS)[0], manager_id)


def test_only_a_peopled_leaf_takes_part() -> None:
    peopled, _ = units.register(UnitFacts("rehab", "Rehab", "unit", "halsa", 3))
    empty, _ = units.register(UnitFacts("tom", "Tom", "unit", "halsa", 0))
    assert units.takes_part(peopled, leaf=True)
    assert not units.takes_part(peopled, leaf=False)
    assert not units.takes_part(empty, leaf=True)
