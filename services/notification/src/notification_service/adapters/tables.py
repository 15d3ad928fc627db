"""The service's own tables. None holds a name or an address."""

from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import Boolean, CheckConstraint, Column, DateTime, Index, Text, Uuid, text
from sqlalchemy.dialects.postgresql import ARRAY, JSONB
from sqlmodel import Field, SQLModel

from servicekit.db import service_registry


class Base(SQLModel, registry=service_registry()):
    """Tables of the notification service."""


def _moment(*, null: bool = False) -> Any:
    return Column(DateTime(timezone=True), nullable=null)


def _text(*, null: bool = False) -> Any:
    return Column(Text, nullable=null)


class UnitRow(Base, table=True):
    """Projection of workflow.unit.*, for the unit names in messages."""

    __tablename__ = "units"

    unit_id: str = Field(sa_column=Column(Text, primary_key=True))
    name: str = Field(sa_column=_text())
    version: int


class OpenRoundRow(Base, table=True):
    """Projection of assessment.round.*: the rounds that take answers."""

    __tablename__ = "open_rounds"

    round_id: UUID = Field(primary_key=True)
    release_id: UUID = Field(
        sa_column=Column(Uuid, nullable=False, server_default=text("gen_random_uuid()"))
    )
    unit_id: str = Field(sa_column=Column(Text, nullable=False, index=True))
    occasion: str = Field(sa_column=_text())
    opens_at: datetime = Field(
        sa_column=Column(DateTime(timezone=True), nullable=False, server_default=text("now()"))
    )
    closes_at: datetime = Field(sa_column=_moment())
    over_cap: int = Field(sa_column_kwargs={"server_default": "0"})
    together: list[str] = Field(
        sa_column=Column(ARRAY(Text), nullable=False, server_default=text("'{}'"))
    )


class InvitationRow(Base, table=True):
    """That somebody was invited to a round, for as long as it counts. Not whether they answered."""

    __tablename__ = "invitations"

    recipient_id: str = Field(sa_column=Column(Text, primary_key=True))
    round_id: UUID = Field(primary_key=True, index=True)
    release_id: UUID
    invited_at: datetime = Field(
        sa_column=Column(DateTime(timezone=True), nullable=False, index=True)
    )


class ReminderRow(Base, table=True):
    """When those who have not answered a round are reminded next. Who that is, is never stored.

    `reminded` counts the reminders that are over, `tries` those of the next one.
    """

    __tablename__ = "reminders"

    round_id: UUID = Field(primary_key=True, foreign_key="open_rounds.round_id", ondelete="CASCADE")
    due_at: datetime | None = Field(
        sa_column=Column(DateTime(timezone=True), nullable=True, index=True)
    )
    reminded: int
    tries: int
    claimed_until: datetime | None = Field(sa_column=_moment(null=True))


class MessageRow(Base, table=True):
    """A claimed row's `next_attempt_at` is the end of its lease; `attempt` identifies the claim."""

    __tablename__ = "messages"
    __table_args__ = (
        CheckConstraint("status in ('pending', 'sent', 'failed')", name="status"),
        Index("ix_messages_due", "next_attempt_at", postgresql_where=text("status = 'pending'")),
        Index(None, "created_at"),
        Index(None, "settled_at"),
    )

    message_id: UUID = Field(primary_key=True)
    reference: UUID = Field(
        sa_column=Column(Uuid, nullable=False, server_default=text("gen_random_uuid()"))
    )
    template: str = Field(sa_column=_text())
    recipient_id: str = Field(sa_column=_text())
    facts: dict[str, str] = Field(sa_column=Column(JSONB, nullable=False))
    traceparent: str | None = Field(sa_column=_text(null=True))
    status: str = Field(sa_column=_text())
    reason: str = Field(sa_column=_text())
    attempt: int
    step: int
    created_at: datetime = Field(sa_column=_moment())
    next_attempt_at: datetime | None = Field(sa_column=_moment(null=True))
    settled_at: datetime | None = Field(sa_column=_moment(null=True))


class ErasureRow(Base, table=True):
    """What was removed of a person for this erasure, until the people service knows it."""

    __tablename__ = "erasures"

    erasure_id: UUID = Field(primary_key=True)
    rows: dict[str, int] = Field(sa_column=Column(JSONB, nullable=False))


class QuarantineRow(Base, table=True):
    """There while nothing is sent until an operator has looked: at most one row."""

    __tablename__ = "quarantine"
    __table_args__ = (CheckConstraint("single", name="single"),)

    single: bool = Field(sa_column=Column(Boolean, primary_key=True, server_default=text("true")))
    since: datetime = Field(sa_column=_moment())
    reason: str = Field(sa_column=_text())


class SubscriptionRow(Base, table=True):
    """Identifies the secrets that sign by generation and key id; contains no secret.

    `previous_*` repeat the newest of `retired_secrets`, for processes that do not know these.
    """

    __tablename__ = "subscriptions"

    subscription_id: UUID = Field(primary_key=True)
    owner: str = Field(sa_column=Column(Text, nullable=False, index=True))
    url: str = Field(sa_column=_text())
    event_types: list[str] = Field(sa_column=Column(ARRAY(Text), nullable=False))
    created_at: datetime = Field(sa_column=_moment())
    secret_generation: int
    secret_key_id: str = Field(sa_column=_text())
    previous_generation: int | None
    previous_key_id: str | None = Field(sa_column=_text(null=True))
    previous_until: datetime | None = Field(sa_column=_moment(null=True))
    retired_secrets: list[dict[str, Any]] | None = Field(sa_column=Column(JSONB(none_as_null=True)))
    disabled_reason: str | None = Field(sa_column=_text(null=True))
    last_success_at: datetime | None = Field(sa_column=_moment(null=True))


class DeliveryRow(Base, table=True):
    """A row is under way while `claimed_until` is in the future."""

    __tablename__ = "deliveries"
    __table_args__ = (
        CheckConstraint("status in ('pending', 'sent', 'failed')", name="status"),
        Index(
            "ix_deliveries_due",
            "subscription_id",
            "next_attempt_at",
            postgresql_where=text("status = 'pending'"),
        ),
        Index(None, "created_at"),
        Index(None, "settled_at"),
    )

    delivery_id: UUID = Field(primary_key=True)
    subscription_id: UUID = Field(foreign_key="subscriptions.subscription_id", ondelete="CASCADE")
    event_type: str = Field(sa_column=_text())
    body: str = Field(sa_column=_text())
    traceparent: str | None = Field(sa_column=_text(null=True))
    status: str = Field(sa_column=_text())
    reason: str = Field(sa_column=_text())
    attempt: int
    step: int
    created_at: datetime = Field(sa_column=_moment())
    next_attempt_at: datetime | None = Field(sa_column=_moment(null=True))
    claimed_until: datetime | None = Field(sa_column=_moment(null=True))
    settled_at: datetime | None = Field(sa_column=_moment(null=True))


class AttemptRow(Base, table=True):
    """One attempt at a message or delivery. A missing number: an attempt interrupted by a crash.

    `exchange` is what was sent and answered, without secrets; for deliveries only.
    """

    __tablename__ = "attempts"

    item_id: UUID = Field(primary_key=True)
    number: int = Field(primary_key=True)
    started_at: datetime = Field(sa_column=_moment())
    duration_ms: int
    result: str = Field(sa_column=_text())
    reason: str = Field(sa_column=_text())
    status_code: int | None
    exchange: dict[str, Any] | None = Field(sa_column=Column(JSONB(none_as_null=True)))
