"""Tables of units and rollout templates. A row is what was accepted; the domain has the rules."""

from datetime import datetime
from typing import Any

from sqlalchemy import Column, DateTime, ForeignKey
from sqlalchemy.dialects.postgresql import JSONB
from sqlmodel import Field

from workflow_service.adapters.postgres.tables import Base


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
    manager_id: str | None
    version: int


class TemplateRow(Base, table=True):
    """One version of a rollout template, as the document it was registered with."""

    __tablename__ = "templates"

    template_id: str = Field(primary_key=True)
    version: int = Field(primary_key=True)
    document: dict[str, Any] = Field(sa_column=Column(JSONB, nullable=False))
    registered_at: datetime = Field(sa_column=Column(DateTime(timezone=True), nullable=False))
