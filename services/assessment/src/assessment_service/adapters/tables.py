"""Tables. No column shows when, or from where, a person answered."""

from datetime import date, datetime, timedelta
from typing import Any
from uuid import UUID

from sqlalchemy import Column, DateTime, Index, Interval, LargeBinary, Text, text
from sqlalchemy.dialects.postgresql import ARRAY, JSONB
from sqlmodel import Field, SQLModel

from servicekit.db import service_registry


class Base(SQLModel, registry=service_registry()):
    """Every table of this service."""


def _moment(*, nullable: bool = False) -> Column[datetime]:
    return Column(DateTime(timezone=True), nullable=nullable)


def _texts() -> Column[Any]:
    return Column(ARRAY(Text), nullable=False)


class UnitRow(Base, table=True):
    """A unit as last published by the workflow service."""

    __tablename__ = "units"

    unit_id: str = Field(primary_key=True)
    parent_id: str | None = Field(index=True)
    name: str
    headcount: int
    version: int
    dissolved_on: date | None


class InstrumentRow(Base, table=True):
    """One version of an instrument, as the document it was published with. Never updated."""

    __tablename__ = "instruments"

    instrument_id: str = Field(primary_key=True)
    version: int = Field(primary_key=True)
    document: dict[str, Any] = Field(sa_column=Column(JSONB, nullable=False))


class ReleaseRow(Base, table=True):
    """Rounds that are released together, and the public key that their sheets are sealed to.

    With a custodian, also that one's share of the private key, sealed (`envelope`), and whether it
    was handed in. It waits for the rounds of `awaited_units`, until `waits_until`.
    """

    __tablename__ = "releases"

    release_id: UUID = Field(primary_key=True)
    rollout_id: UUID
    occasion: str
    instrument_id: str
    instrument_version: int
    released_at: datetime | None = Field(sa_column=_moment(nullable=True))
    sheets_dropped: bool = Field(default=False)
    public_key: bytes | None = Field(sa_column=Column(LargeBinary))
    envelope: bytes | None = Field(sa_column=Column(LargeBinary))
    has_share: bool = Field(default=False)
    awaited_units: list[str] | None = Field(sa_column=Column(ARRAY(Text)))
    waits_since: datetime | None = Field(sa_column=_moment(nullable=True))
    waits_until: datetime | None = Field(sa_column=_moment(nullable=True))


class DisposalRow(Base, table=True):
    """The record of disposal: how many answers were counted and how many sheets destroyed.

    Per rollout and occasion: the number of a small unit must not outlive its sheets.
    """

    __tablename__ = "disposals"

    rollout_id: UUID = Field(primary_key=True)
    occasion: str = Field(primary_key=True)
    answers_counted: int
    sheets_destroyed: int


class RoundRow(Base, table=True):
    """One unit's round, with the unit as it was at opening."""

    __tablename__ = "rounds"
    __table_args__ = (Index(None, "status", "closes_at"),)

    round_id: UUID = Field(primary_key=True)
    release_id: UUID = Field(foreign_key="releases.release_id", index=True)
    unit_id: str = Field(index=True)
    unit_name: str
    unit_path: list[str] = Field(sa_column=_texts())
    headcount: int
    status: str
    opens_at: datetime = Field(sa_column=_moment())
    closes_at: datetime = Field(sa_column=_moment())
    closed_at: datetime | None = Field(sa_column=_moment(nullable=True))
    write_off_reason: str | None
    held_since: datetime | None = Field(sa_column=_moment(nullable=True))
    moved_by: timedelta | None = Field(sa_column=Column(Interval))
    extended_at: datetime | None = Field(sa_column=_moment(nullable=True))
    extension_reason: str | None


class PauseRow(Base, table=True):
    """A unit's journey, or without a unit the whole rollout, was paused or resumed. Never updated.

    The key is the id of the event that reported it, or made from the mark if the workflow service
    was asked before the event came.
    """

    __tablename__ = "pauses"

    event_id: UUID = Field(primary_key=True)
    rollout_id: UUID = Field(index=True)
    unit_id: str | None
    at: datetime = Field(sa_column=_moment())
    paused: bool


class RolloutRow(Base, table=True):
    """A rollout that the workflow service has published, with the units that were to take part."""

    __tablename__ = "rollouts"

    rollout_id: UUID = Field(primary_key=True)
    unit_ids: list[str] = Field(
        sa_column=Column(ARRAY(Text), nullable=False, server_default=text("'{}'"))
    )


class ReportGroupRow(Base, table=True):
    """A unit that is reported together with the other units of its group."""

    __tablename__ = "report_groups"

    rollout_id: UUID = Field(primary_key=True)
    unit_id: str = Field(primary_key=True)
    group_id: UUID


class KeyedSheetRow(Base, table=True):
    """A sealed sheet, one per person and release, until the results are out.

    Partitioned by release (keyed_sheets.py). Without a foreign key: its check would cost every
    answer a second lock on the round.
    """

    __tablename__ = "keyed_sheets"
    __table_args__ = ({"postgresql_partition_by": "LIST (release_id)"},)

    release_id: UUID = Field(primary_key=True)
    participation_key: bytes = Field(sa_column=Column(LargeBinary, primary_key=True))
    round_id: UUID
    sealed: bytes = Field(sa_column=Column(LargeBinary, nullable=False))


class ReleasedCellRow(Base, table=True):
    """The released result of a unit and all units below it. Never updated."""

    __tablename__ = "released_cells"
    __table_args__ = (Index(None, "rollout_id", "unit_id"),)

    release_id: UUID = Field(primary_key=True, foreign_key="releases.release_id")
    unit_id: str = Field(primary_key=True)
    rollout_id: UUID
    occasion: str
    unit_path: list[str] = Field(sa_column=_texts())
    shown: bool
    participation_band: str | None
    indexes: dict[str, int | None] = Field(sa_column=Column(JSONB, nullable=False))
    hidden_because: str | None
    together: list[str] | None = Field(sa_column=Column(ARRAY(Text)))


class PublicationRow(Base, table=True):
    """A shown cell, and the asked units whose people are in it. Never updated."""

    __tablename__ = "publications"
    __table_args__ = (Index(None, "last_closed_at"),)

    release_id: UUID = Field(primary_key=True, foreign_key="releases.release_id")
    unit_id: str = Field(primary_key=True)
    rollout_id: UUID
    first_closed_at: datetime = Field(sa_column=_moment())
    last_closed_at: datetime = Field(sa_column=_moment())
    asked_units: list[str] = Field(sa_column=_texts())


class SelfTestRow(Base, table=True):
    """What the auditor found in everything published at a moment. Never updated."""

    __tablename__ = "self_tests"

    checked_at: datetime = Field(sa_column=Column(DateTime(timezone=True), primary_key=True))
    releases: int
    rounds: int
    shown_cells: int
    is_finished: bool
    checks: list[dict[str, Any]] = Field(sa_column=Column(JSONB, nullable=False))


class KeyDestructionRow(Base, table=True):
    """The permanent record that a round's secrets were destroyed."""

    __tablename__ = "key_destructions"

    round_id: UUID = Field(primary_key=True)
    destroyed_on: date
