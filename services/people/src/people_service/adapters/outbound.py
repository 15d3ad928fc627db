"""Translates domain events to contract events. No person's id is in them."""

from collections.abc import Sequence
from typing import assert_never

from contracts import Event
from contracts import people as contract
from people_service.domain.events import (
    DelegationEndApproached,
    DomainEvent,
    MembersJoined,
    PersonErased,
    UnitManagerChanged,
)

SOURCE = "/um-platform/people"


def translate(event: DomainEvent) -> Sequence[Event]:
    """The contract events that a domain event causes."""
    match event:
        case DelegationEndApproached(delegation_id, ends_on):
            return [contract.DelegationEndApproached(delegation_id=delegation_id, ends_on=ends_on)]
        case MembersJoined(unit_id):
            return [contract.UnitMembersJoined(unit_id=unit_id)]
        case UnitManagerChanged(unit_id, change, version):
            return [contract.UnitManagerChanged(unit_id=unit_id, manager=change, version=version)]
        case PersonErased(erasure_id):
            return [contract.PersonErased(erasure_id=erasure_id)]
        case _:
            assert_never(event)
