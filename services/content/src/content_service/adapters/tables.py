"""Tables. Rows contain accepted data; the rules are in the domain.

Documents of module versions are inserted and read, never updated.
"""

from datetime import date, datetime
from typing import Any
from uuid import UUID

from sqlalchemy import (
    ARRAY,
    Boolean,
    Column,
    Computed,
    DateTime,
    ForeignKeyConstraint,
    Index,
    String,
    false,
)
from sqlalchemy.dialects.postgresql import JSONB, TSVECTOR
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
    dissolved_on: date | None


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
    on_paper: bool = Field(sa_column=Column(Boolean, nullable=False, server_default=false()))


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


class ArticleRow(Base, table=True):
    """An article and its draft. `edition` is the latest one published, 0 before the first."""

    __tablename__ = "articles"

    article_id: str = Field(primary_key=True)
    kind: str
    draft: dict[str, Any] = Field(sa_column=_document())
    status: str
    version: int
    edition: int
    is_public: bool


class ArticleEditionRow(Base, table=True):
    """What was published. Never updated."""

    __tablename__ = "article_editions"

    article_id: str = Field(primary_key=True, foreign_key="articles.article_id")
    edition: int = Field(primary_key=True)
    content: dict[str, Any] = Field(sa_column=_document())
    published_at: datetime = Field(sa_column=Column(DateTime(timezone=True), nullable=False))


def _words(configuration: str) -> str:
    """Titles count more than bodies."""
    return (
        f"setweight(to_tsvector('{configuration}', title), 'A')"
        f" || setweight(to_tsvector('{configuration}', body), 'D')"
    )


WORDS = f"case language when 'sv' then {_words('swedish')} else {_words('english')} end"


class PublicTextRow(Base, table=True):
    """A public text in one language, and its words as PostgreSQL finds them."""

    __tablename__ = "public_texts"
    __table_args__ = (Index(None, "words", postgresql_using="gin"),)

    kind: str = Field(primary_key=True)
    id: str = Field(primary_key=True)
    language: str = Field(primary_key=True)
    title: str
    body: str
    words: str = Field(sa_column=Column(TSVECTOR, Computed(WORDS, persisted=True), nullable=False))


class QuestionRow(Base, table=True):
    """A question in the inbox, until it was kept long enough."""

    __tablename__ = "questions"

    question_id: UUID = Field(primary_key=True)
    text: str
    language: str
    asked_by: str = Field(index=True)
    asked_at: datetime = Field(sa_column=Column(DateTime(timezone=True), nullable=False))
    status: str
    article_id: str | None
    reason: str | None
    handled_at: datetime | None = Field(sa_column=_moment())
