"""The service's tables. A row is what was accepted; the rules are in the domain.

`rollouts.state` is the whole aggregate; the columns beside it are what lists are sorted and
filtered by. `journeys` are rows of their own, so that a wave can move fifty of them at once.
"""

from datetime import date, datetime
from typing import Any
from uuid import UUID

from sqlalchemy import (
    Column,
    DateTime,
    ForeignKey,
    ForeignKeyConstraint,
    Index,
    UniqueConstraint,
    text,
)
from sqlalchemy.dialects.postgresql import JSONB
from sqlmodel import Field, SQLModel

from servicekit.db import service_registry


class Base(SQLModel, registry=service_registry()):
    """Every table of this service."""


def _moment(*, nullable: bool = False) -> Column[datetime]:
    return Column(DateTime(timezone=True), nullable=nullable)


class RolloutRow(Base, table=True):
    """One rollout. `version` counts its transitions."""

    __tablename__ = "rollouts"

    rollout_id: UUID = Field(primary_key=True)
    name: str
    phase: str
    status: str = Field(index=True)
    version: int
    created_at: datetime = Field(sa_column=_moment())
    state: dict[str, Any] = Field(sa_column=Column(JSONB, nullable=False))


class TransitionRow(Base, table=True):
    """One accepted transition. `request_id` makes the same request have one effect."""

    __tablename__ = "transitions"
    __table_args__ = (UniqueConstraint("rollout_id", "request_id"),)

    rollout_id: UUID = Field(primary_key=True, foreign_key="rollouts.rollout_id")
    version: int = Field(primary_key=True)
    request_id: str
    action: str
    by: str
    at: datetime = Field(sa_column=_moment())
    reason: str | None
    detail: dict[str, Any] = Field(sa_column=Column(JSONB, nullable=False))


class JourneyRow(Base, table=True):
    """One unit's journey in one rollout. `wave` is null until the waves are planned."""

    __tablename__ = "journeys"
    __table_args__ = (Index(None, "rollout_id", "wave"),)

    rollout_id: UUID = Field(primary_key=True, foreign_key="rollouts.rollout_id")
    unit_id: str = Field(primary_key=True)
    wave: int | None
    step: str
    status: str
    step_started_at: datetime | None = Field(sa_column=_moment(nullable=True))
    version: int
    release_id: UUID | None
    asked_at: datetime | None = Field(sa_column=_moment(nullable=True))
    refused: str | None
    refused_detail: str | None
    paused_reason: str | None
    after_care_on: list[str] = Field(
        sa_column=Column(JSONB, nullable=False, server_default=text("'[]'"))
    )
    pauses: list[dict[str, Any]] = Field(
        sa_column=Column(JSONB, nullable=False, server_default=text("'[]'"))
    )


class EvidenceRow(Base, table=True):
    """What another service reported about a unit's journey. It decides; signals are only hints."""

    __tablename__ = "evidence"
    __table_args__ = (
        ForeignKeyConstraint(
            ["rollout_id", "unit_id"], ["journeys.rollout_id", "journeys.unit_id"]
        ),
    )

    rollout_id: UUID = Field(primary_key=True)
    unit_id: str = Field(primary_key=True)
    kind: str = Field(primary_key=True)
    reference: UUID = Field(primary_key=True)
    at: datetime = Field(sa_column=_moment())
    detail: dict[str, Any] = Field(sa_column=Column(JSONB, nullable=False))
    traceparent: str | None
    withdrawn_at: datetime | None = Field(sa_column=_moment(nullable=True))


class RoundTimeRow(Base, table=True):
    """When a unit's round closes, as the assessment service published it last."""

    __tablename__ = "round_times"

    rollout_id: UUID = Field(primary_key=True)
    unit_id: str = Field(primary_key=True)
    occasion: str = Field(primary_key=True)
    closes_at: datetime = Field(sa_column=_moment())
    published_at: datetime = Field(sa_column=_moment())


class PublishedReferenceRow(Base, table=True):
    """An instrument or a module that another service has published."""

    __tablename__ = "published_references"

    kind: str = Field(primary_key=True)
    id: str = Field(primary_key=True)
    version: int = Field(primary_key=True)


class UnitRow(Base, table=True):
    """One organisational unit. `version` counts its events."""

    __tablename__ = "units"

    unit_id: str = Field(primary_key=True)
    name: str
    kind: str
    # Deferred: the rows of one import refer to each other in any order.
    parent_id: str | None = Field(
        sa_column=Column(
            ForeignKey("units.unit_id", deferrable=True, initially="DEFERRED"), index=True
        )
    )
    headcount: int
    version: int
    dissolved_on: date | None
    successor_id: str | None


class UnitChangeRow(Base, table=True):
    """A change of the organisation with its day: `document` is the change itself."""

    __tablename__ = "unit_changes"
    __table_args__ = (
        Index("ix_unit_changes_due", "effective_on", postgresql_where=text("status = 'planned'")),
    )

    change_id: UUID = Field(primary_key=True)
    document: dict[str, Any] = Field(sa_column=Column(JSONB, nullable=False))
    effective_on: date
    reason: str
    by: str
    created_at: datetime = Field(sa_column=_moment())
    status: str
    settled_at: datetime | None = Field(sa_column=_moment(nullable=True))
    refusal: str | None


class ManagementRow(Base, table=True):
    """Whether a unit has a manager. The unit may not be registered yet."""

    __tablename__ = "managements"

    unit_id: str = Field(primary_key=True)
    has_manager: bool
    since: datetime = Field(sa_column=_moment())
    version: int


class TemplateRow(Base, table=True):
    """One version of a rollout template, as the document it was registered with."""

    __tablename__ = "templates"

    template_id: str = Field(primary_key=True)
    version: int = Field(primary_key=True)
    document: dict[str, Any] = Field(sa_column=Column(JSONB, nullable=False))
    registered_at: datetime = Field(sa_column=_moment())


class DifferenceRow(Base, table=True):
    """What services know differently since a restore, and a person has to mend."""

    __tablename__ = "differences"
    __table_args__ = (
        UniqueConstraint(
            *("kind", "subject", "rollout_id", "unit_id", "what", "code"),
            name="uq_differences",
            postgresql_nulls_not_distinct=True,
        ),
    )

    difference_id: UUID = Field(primary_key=True)
    kind: str
    subject: str
    rollout_id: UUID | None
    unit_id: str | None
    what: str
    code: str
    since: datetime = Field(sa_column=_moment())
