"""The service's own tables. Contact data is in `persons` and `former_facts` only."""

from datetime import date, datetime
from typing import Any
from uuid import UUID

from sqlalchemy import (
    Boolean,
    CheckConstraint,
    Column,
    Date,
    DateTime,
    ForeignKey,
    Index,
    LargeBinary,
    Text,
    UniqueConstraint,
    column,
    false,
    text,
    true,
)
from sqlalchemy import table as view
from sqlalchemy.dialects.postgresql import ARRAY, JSONB
from sqlmodel import Field, SQLModel

from servicekit.db import service_registry


class Base(SQLModel, registry=service_registry()):
    """Tables of the people service."""


held_assignments = view(
    "held_assignments",
    *map(column, ("person_id", "role", "unit_id", "valid_from", "valid_to", "source")),
    column("standing_for"),
    column("counts"),
)
"""A view: the assignments, and what delegations give. Whoever asks what somebody is on a day has to
leave out what does not count."""


def _text(*, key: bool = False) -> Any:
    return Column(Text, nullable=False, primary_key=key)


def _moment() -> Any:
    return Column(DateTime(timezone=True), nullable=False)


def _person(*, null: bool = False) -> Any:
    """Of a person who is deleted, the account stays, with nobody behind it."""
    on_delete = "SET NULL" if null else "CASCADE"
    reference = ForeignKey("persons.person_id", ondelete=on_delete)
    return Column(Text, reference, nullable=null)


class PersonRow(Base, table=True):
    __tablename__ = "persons"
    __table_args__ = (
        Index("ix_persons_email", text("lower(email)")),
        UniqueConstraint("hsa_id", deferrable=True, initially="DEFERRED"),
    )

    person_id: str = Field(sa_column=_text(key=True))
    name: str = Field(sa_column=_text())
    email: str = Field(sa_column=_text())
    language: str = Field(sa_column=_text())
    phone: str = Field(sa_column=Column(Text, nullable=False, server_default=""))
    hsa_id: str | None = Field(sa_column=Column(Text, nullable=True))


class FormerFactRow(Base, table=True):
    """A name, address, phone number or HSA id that was a person's before: old texts have it."""

    __tablename__ = "former_facts"

    person_id: str = Field(
        sa_column=Column(
            Text, ForeignKey("persons.person_id", ondelete="CASCADE"), primary_key=True
        )
    )
    fact: str = Field(sa_column=_text(key=True))


class AssignmentRow(Base, table=True):
    """A role for a unit, from one day to another; the unit is empty for the whole region.

    `source` says who may change it: the person file, a SCIM client and so on.
    """

    __tablename__ = "assignments"
    __table_args__ = (
        UniqueConstraint(
            *("person_id", "role", "unit_id", "valid_from", "valid_to", "source"),
            name="uq_assignments_period",
            postgresql_nulls_not_distinct=True,
        ),
        Index("ix_assignments_unit_id_role", "unit_id", "role"),
    )

    assignment_id: int | None = Field(primary_key=True)
    person_id: str = Field(sa_column=_person())
    role: str = Field(sa_column=_text())
    unit_id: str = Field(sa_column=_text())
    valid_from: date | None = Field(sa_column=Column(Date, nullable=True))
    valid_to: date | None = Field(sa_column=Column(Date, nullable=True))
    source: str = Field(sa_column=Column(Text, nullable=False, server_default="import"))


class IdentityRow(Base, table=True):
    """Whose an identity at a provider is, if that is known. A person has one at each.

    `former_person_id` is whose it was, until it is somebody's again: an erasure finds it by this.
    """

    __tablename__ = "identities"
    __table_args__ = (
        UniqueConstraint("issuer", "person_id", name="uq_identities_person"),
        Index("ix_identities_account_id", "account_id"),
        UniqueConstraint("identity_id"),
        Index("ix_identities_person_id", "person_id"),
        Index("ix_identities_former_person_id", "former_person_id"),
    )

    issuer: str = Field(sa_column=_text(key=True))
    subject: str = Field(sa_column=_text(key=True))
    identity_id: UUID
    account_id: UUID
    person_id: str | None = Field(sa_column=_person(null=True))
    former_person_id: str | None = Field(sa_column=Column(Text))
    first_seen: date
    last_used: date


class ReleasedIdentityRow(Base, table=True):
    """An identity that was taken from a person, whose account stays theirs.

    It stays taken when the person is deleted: only an erasure removes it.
    """

    __tablename__ = "released_identities"
    __table_args__ = (Index("ix_released_identities_person_id", "person_id"),)

    issuer: str = Field(sa_column=_text(key=True))
    subject: str = Field(sa_column=_text(key=True))
    person_id: str = Field(sa_column=_text(key=True))
    account_id: UUID
    released_at: datetime = Field(sa_column=_moment())
    released_by: str = Field(sa_column=_text())
    reason: str = Field(sa_column=_text())


class RefusedBindingRow(Base, table=True):
    """A sign-in that was refused for whose the identity is; the last one of each identity."""

    __tablename__ = "refused_bindings"
    __table_args__ = (Index("ix_refused_bindings_last", "last"),)

    issuer: str = Field(sa_column=_text(key=True))
    subject: str = Field(sa_column=_text(key=True))
    why: str = Field(sa_column=_text())
    named: str | None = Field(
        sa_column=Column(Text, ForeignKey("persons.person_id", ondelete="CASCADE"))
    )
    since: datetime = Field(sa_column=_moment())
    last: datetime = Field(sa_column=_moment())


class DelegationRow(Base, table=True):
    """That somebody stands in for somebody. `held_assignments` has what it gives."""

    __tablename__ = "delegations"
    __table_args__ = (
        Index("ix_delegations_delegate_id", "delegate_id"),
        Index("ix_delegations_principal_id", "principal_id"),
    )

    delegation_id: UUID = Field(primary_key=True)
    role: str = Field(sa_column=_text())
    unit_id: str = Field(sa_column=_text())
    principal_id: str = Field(sa_column=_person())
    delegate_id: str = Field(sa_column=_person())
    standing_for: UUID
    valid_from: date
    valid_to: date
    on_paper: bool
    ended_on: date | None = Field(sa_column=Column(Date, nullable=True))
    reminded: bool = Field(sa_column=Column(Boolean, nullable=False, server_default=false()))


class RoleGiftRow(Base, table=True):
    """A role for the whole region that an account gave before it was known whose it is."""

    __tablename__ = "role_gifts"

    person_id: str = Field(
        sa_column=Column(
            Text, ForeignKey("persons.person_id", ondelete="CASCADE"), primary_key=True
        )
    )
    role: str = Field(sa_column=_text(key=True))
    account_id: UUID = Field(index=True)


class AnnouncedDayRow(Base, table=True):
    """One row: until which day it was announced who belongs to a unit from a day on."""

    __tablename__ = "announced_day"
    __table_args__ = (CheckConstraint("only_row", name="only_row"),)

    only_row: bool = Field(primary_key=True, sa_column_kwargs={"server_default": true()})
    day: date | None = Field(sa_column=Column(Date, nullable=True))


class UnitRow(Base, table=True):
    """A unit that the workflow service has."""

    __tablename__ = "units"

    unit_id: str = Field(sa_column=_text(key=True))
    version: int
    dissolved_on: date | None = Field(sa_column=Column(Date, nullable=True))
    successor_id: str | None = Field(sa_column=Column(Text, nullable=True))


class ManagementRow(Base, table=True):
    """A unit's managers as they were announced last, and those who came with the last change."""

    __tablename__ = "managements"

    unit_id: str = Field(sa_column=_text(key=True))
    managers: list[str] = Field(sa_column=Column(ARRAY(Text), nullable=False))
    newcomers: list[str] = Field(sa_column=Column(ARRAY(Text), nullable=False))
    version: int


class ScimResourceRow(Base, table=True):
    """A user or a group as a SCIM client sent it; `comparable` is what its filters search."""

    __tablename__ = "scim_resources"
    __table_args__ = (
        UniqueConstraint("person_id", name="uq_scim_resources_person_id"),
        Index(
            "ix_scim_resources_user_name",
            text("(comparable ->> 'user_name')"),
            unique=True,
            postgresql_where=text("kind = 'User'"),
        ),
        Index("ix_scim_resources_created", "kind", "created", "resource_id"),
        Index(
            "ix_scim_resources_comparable",
            "comparable",
            postgresql_using="gin",
            postgresql_ops={"comparable": "jsonb_path_ops"},
        ),
    )

    resource_id: UUID = Field(primary_key=True)
    kind: str = Field(sa_column=_text())
    person_id: str | None = Field(
        sa_column=Column(Text, ForeignKey("persons.person_id", ondelete="CASCADE"), nullable=True)
    )
    version: int
    created: datetime = Field(sa_column=Column(DateTime(timezone=True), nullable=False))
    last_modified: datetime = Field(sa_column=Column(DateTime(timezone=True), nullable=False))
    content: dict[str, Any] = Field(sa_column=Column(JSONB, nullable=False))
    comparable: dict[str, Any] = Field(sa_column=Column(JSONB, nullable=False))


class ImportProgressRow(Base, table=True):
    """How far an import is; `request` is a digest of who sent it under which key."""

    __tablename__ = "import_progress"

    request: bytes = Field(sa_column=Column(LargeBinary, primary_key=True))
    step: str = Field(sa_column=_text())
    done: int
    total: int
    at: datetime = Field(sa_column=_moment())
