"""Events of the assessment service. None carries an answer, a name, or a count."""

from datetime import date
from typing import Annotated
from uuid import UUID

from pydantic import BaseModel, ConfigDict, Field

from contracts.audit import AuditHead
from contracts.envelope import Event
from contracts.vocabulary import Behaviour, Occasion, Timestamp, UnitId


class InstrumentPublished(Event, type="assessment.instrument.published.v1", key="instrument_id"):
    """A version of an instrument can now be used in rounds. Published versions never change."""

    instrument_id: str
    version: int


class RoundOpened(Event, type="assessment.round.opened.v1", key="round_id"):
    """The unit's employees can answer until `closes_at`. Headcount is frozen as of now.

    Small units are reported together: `together` are the ids of those units, this one included.
    """

    round_id: UUID
    release_id: UUID
    rollout_id: UUID
    unit_id: UnitId
    occasion: Occasion
    instrument_id: str
    instrument_version: int
    opens_at: Timestamp
    closes_at: Timestamp
    together: tuple[UnitId, ...] = ()


class RoundExtended(Event, type="assessment.round.extended.v1", key="round_id"):
    """The round's closing time is another one: it was extended, or a pause moved it.

    Does not mean that the round is paused or was paused. Only the latest `closes_at` counts.
    """

    round_id: UUID
    rollout_id: UUID
    unit_id: UnitId
    occasion: Occasion
    closes_at: Timestamp


class RoundClosed(Event, type="assessment.round.closed.v1", key="round_id"):
    """No more answers are taken. Does not mean that results are released."""

    round_id: UUID
    rollout_id: UUID
    unit_id: UnitId
    occasion: Occasion
    closed_on: date


class RoundWrittenOff(Event, type="assessment.round.written_off.v1", key="round_id"):
    """The round's answers cannot be read; it counts as unanswered. Its results come later."""

    round_id: UUID
    release_id: UUID
    rollout_id: UUID
    unit_id: UnitId
    written_off_on: date


class RoundAnonymised(Event, type="assessment.round.anonymised.v1", key="round_id"):
    """The round's secrets are destroyed: no answer can be tied to a person from now on."""

    round_id: UUID
    anonymised_on: date


class BehaviourIndex(BaseModel):
    """A group's coarse index for one behaviour, or null where it may not be shown."""

    model_config = ConfigDict(frozen=True, extra="ignore")

    code: Behaviour
    index: Annotated[int, Field(ge=0, le=100, multiple_of=5)] | None = Field(
        description="0-100 in steps of 5, so that no sum can be recovered from it."
    )


class ResultsReleased(Event, type="assessment.results.released.v1", key="round_id"):
    """The round passed the privacy rule, once and for all; hidden and empty look the same."""

    round_id: UUID
    release_id: UUID
    rollout_id: UUID
    unit_id: UnitId
    occasion: Occasion
    visibility: Annotated[str, Field(description="shown or hidden.", examples=["shown"])]
    participation_band: Annotated[
        str | None,
        Field(description="Share of the headcount that answered, in per cent.", examples=["75-89"]),
    ]
    release_participation_band: Annotated[
        str | None,
        Field(
            description="The same share for all units of the release together; null if it may not"
            " be shown.",
            examples=["75-89"],
        ),
    ] = None
    behaviours: tuple[BehaviourIndex, ...]


class ExternalResultsReleased(Event, type="external.results.released.v1", key="rollout_id"):
    """Region-level results of one release. Never about a single unit."""

    rollout_id: UUID
    release_id: UUID
    occasion: Occasion
    level: Annotated[str, Field(examples=["region"])]
    visibility: Annotated[str, Field(description="shown or hidden.", examples=["shown"])]
    behaviours: tuple[BehaviourIndex, ...]


class AuditHeadSigned(Event, AuditHead, type="assessment.audit.head_signed.v1", key="service"):
    """The end of this service's audit trail was signed. See `contracts.audit`."""
