"""Unit events as contract events. Other systems learn of units through their journeys only."""

from typing import assert_never

from contracts import Event
from contracts import workflow as contract
from workflow_service.domain.unit import (
    UnitChanged,
    UnitEvent,
    UnitManagerAssigned,
    UnitRegistered,
)


def translate_unit(event: UnitEvent) -> list[Event]:
    """The contract event of a unit event."""
    match event:
        case UnitRegistered(facts, version):
            return [
                contract.UnitRegistered(
                    unit_id=facts.unit_id,
                    parent_id=facts.parent_id,
                    name=facts.name,
                    kind=facts.kind,
                    headcount=facts.headcount,
                    version=version,
                )
            ]
        case UnitChanged(facts, version):
            return [
                contract.UnitChanged(
                    unit_id=facts.unit_id,
                    parent_id=facts.parent_id,
                    name=facts.name,
                    kind=facts.kind,
                    headcount=facts.headcount,
                    version=version,
                )
            ]
        case UnitManagerAssigned(unit_id, manager_id, version):
            return [
                contract.UnitManagerAssigned(
                    unit_id=unit_id, manager_id=manager_id, version=version
                )
            ]
        case _:
            assert_never(event)
