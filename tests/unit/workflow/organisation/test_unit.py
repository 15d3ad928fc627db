"""Only some units can have a journey."""

from workflow_service.domain.organisation import unit as units
from workflow_service.domain.organisation.unit import UnitFacts


def test_only_a_peopled_leaf_takes_part() -> None:
    peopled, _ = units.register(UnitFacts("rehab", "Rehab", "unit", "halsa", 3))
    empty, _ = units.register(UnitFacts("tom", "Tom", "unit", "halsa", 0))
    assert units.takes_part(peopled, leaf=True)
    assert not units.takes_part(peopled, leaf=False)
    assert not units.takes_part(empty, leaf=True)
