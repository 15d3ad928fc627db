"""Tables. Rows contain accepted data; the rules are in the domain.

Documents of module versions are inserted and read, never updated.
"""

from datetime import date, datetime
from typing import Any
from uuid import UUID

from sqlalchemy import ARRAY, Column, DateTime, ForeignKeyConstraint, Index, String
from sqlalchemy.dialects.postgresql import JSONB
from sqlmodel import Field, SQLModel

from servicekit.db import service_registry


class Base(SQLModel, registry=service_registry()):
    """Every table of this service."""


def _document() -> Column[Any]:
    return Column(JSONB, nullable=False)


def _moment() -> Column[datetime]:
    return Column(DateTime(timezone=True), nullable=True)


class UnitRow(Base, table=True):
    """A unit as last published by the workflow service."""

    __tablename__ = "units"

    unit_id: str = Field(primary_key=True)
    parent_id: str | None = Field(index=True)
    name: str
    headcount: int
    version: int


class ModuleRow(Base, table=True):
    """A module and its draft. `version` is the latest one published, 0 before the first."""

    __tablename__ = "modules"

    module_id: str = Field(primary_key=True)
    draft: dict[str, Any] = Field(sa_column=_document())
    version: int
    published_hash: str | None


class ModuleVersionRow(Base, table=True):
    """One published version. Never updated."""

    __tablename__ = "module_versions"

    module_id: str = Field(primary_key=True, foreign_key="modules.module_id")
    version: int = Field(primary_key=True)
    content: dict[str, Any] = Field(sa_column=_document())
    content_hash: str
    published_at: datetime = Field(sa_column=Column(DateTime(timezone=True), nullable=False))


class AssignmentRow(Base, table=True):
    """A module version on a unit's plan. `items` is a list of {item_id, status, reason}."""

    __tablename__ = "assignments"
    __table_args__ = (
        Index(None, "unit_id", "rollout_id"),
        ForeignKeyConstraint(
            ["module_id", "module_version"],
            ["module_versions.module_id", "module_versions.version"],
        ),
    )

    assignment_id: UUID = Field(primary_key=True)
    rollout_id: UUID = Field(index=True)
    unit_id: str
    module_id: str
    module_version: int
    items: list[dict[str, Any]] = Field(sa_column=_document())


class MeetingRow(Base, table=True):
    """A meeting that was held: when, and how many took part, not who."""

    __tablename__ = "meetings"
    __table_args__ = (Index(None, "unit_id", "rollout_id"),)

    meeting_id: UUID = Field(primary_key=True)
    rollout_id: UUID
    unit_id: str
    assignment_id: UUID | None = Field(foreign_key="assignments.assignment_id")
    variant: str
    held_on: date
    headcount: int
    withdrawn_at: datetime | None = Field(sa_column=_moment())


class ActionRow(Base, table=True):
    """A chosen action; `outcome` is null until the unit has looked back."""

    __tablename__ = "actions"
    __table_args__ = (Index(None, "unit_id", "rollout_id"),)

    action_id: UUID = Field(primary_key=True)
    rollout_id: UUID
    unit_id: str
    behaviour: str
    text: str
    check_back_on: date
    outcome: str | None
    note: str | None
    withdrawn_at: datetime | None = Field(sa_column=_moment())


class EvidenceChangeRow(Base, table=True):
    """A correction or withdrawal: why, and the record as it was before. Never updated."""

    __tablename__ = "evidence_changes"
    __table_args__ = (Index(None, "unit_id", "rollout_id"),)

    change_id: UUID = Field(primary_key=True)
    rollout_id: UUID
    unit_id: str
    kind: str
    reason: str
    before: dict[str, Any] = Field(sa_column=_document())
    changed_at: datetime = Field(sa_column=Column(DateTime(timezone=True), nullable=False))


class RolloutRow(Base, table=True):
    """A rollout that the workflow service has published."""

    __tablename__ = "rollouts"

    rollout_id: UUID = Field(primary_key=True)
    unit_ids: list[str] = Field(
        sa_column=Column(ARRAY(String), nullable=False, server_default="{}")
    )
