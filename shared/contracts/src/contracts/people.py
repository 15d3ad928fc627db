"""Events of the people service. None says who somebody is, not even by an id, or how many."""

from datetime import date
from typing import Annotated
from uuid import UUID

from pydantic import Field

from contracts.audit import AuditHead
from contracts.envelope import Event
from contracts.vocabulary import UnitId


class UnitManagerChanged(Event, type="people.unit.manager_changed.v1", key="unit_id"):
    """The unit got a manager, has another one or others than before, or has none any more.

    Says that, and never who. A deputy is no manager. The unit may be one that the workflow service
    has not registered yet.
    """

    unit_id: UnitId
    manager: Annotated[
        str, Field(description="appointed, changed or vacant.", examples=["appointed"])
    ]
    version: Annotated[
        int, Field(ge=1, description="Counts these changes of the unit; never goes back.")
    ]


class AuditHeadSigned(Event, AuditHead, type="people.audit.head_signed.v1", key="service"):
    """The end of this service's audit trail was signed. See `contracts.audit`."""


class DelegationEndApproached(
    Event, type="people.delegation.end_approached.v1", key="delegation_id"
):
    """The last day of a delegation is near. Says neither who stands in nor for whom, or where.

    Recorded once for each delegation. It may have been ended before that day when this is read.
    """

    delegation_id: UUID
    ends_on: Annotated[date, Field(description="The last day on which it holds, in Sweden.")]


class PersonErased(Event, type="people.person.erased.v1", key="erasure_id"):
    """Somebody is to be forgotten. Says that, and never who.

    A service that stores ids of persons, or free texts, asks `GET /erasures/{erasure_id}/person`
    whom, removes what it has of them, and confirms.
    """

    erasure_id: UUID


class UnitMembersJoined(Event, type="people.unit.members_joined.v1", key="unit_id"):
    """Somebody works in the unit or leads it who did not before. Says neither who nor how many."""

    unit_id: UnitId
