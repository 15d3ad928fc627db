"""The service's own tables. Contact data is in `persons` and `assignments` only."""

from datetime import date
from typing import Any
from uuid import UUID

from sqlalchemy import Column, Date, ForeignKey, Index, Text, UniqueConstraint, text
from sqlmodel import Field, SQLModel

from servicekit.db import service_registry


class Base(SQLModel, registry=service_registry()):
    """Tables of the people service."""


def _text(*, key: bool = False) -> Any:
    return Column(Text, nullable=False, primary_key=key)


def _person(*, null: bool = False) -> Any:
    """Of a person who is deleted, the account stays, with nobody behind it."""
    on_delete = "SET NULL" if null else "CASCADE"
    return Column(Text, ForeignKey("persons.person_id", ondelete=on_delete), nullable=null)


class PersonRow(Base, table=True):
    __tablename__ = "persons"
    __table_args__ = (Index("ix_persons_email", text("lower(email)")),)

    person_id: str = Field(sa_column=_text(key=True))
    name: str = Field(sa_column=_text())
    email: str = Field(sa_column=_text())
    language: str = Field(sa_column=_text())


class AssignmentRow(Base, table=True):
    """A role for a unit, from one day to another; the unit is empty for the whole region."""

    __tablename__ = "assignments"
    __table_args__ = (
        UniqueConstraint(
            *("person_id", "role", "unit_id", "valid_from", "valid_to"),
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


class IdentityRow(Base, table=True):
    """Whose an identity at a provider is, if that is known. A person has one at each."""

    __tablename__ = "identities"
    __table_args__ = (UniqueConstraint("issuer", "person_id", name="uq_identities_person"),)

    issuer: str = Field(sa_column=_text(key=True))
    subject: str = Field(sa_column=_text(key=True))
    account_id: UUID
    person_id: str | None = Field(sa_column=_person(null=True))


class UnitRow(Base, table=True):
    """A unit that the workflow service has."""

    __tablename__ = "units"

    unit_id: str = Field(sa_column=_text(key=True))
    version: int


class UnitManagerRow(Base, table=True):
    """Who manages a unit, as the workflow service last reported it."""

    __tablename__ = "unit_managers"

    unit_id: str = Field(sa_column=_text(key=True))
    manager_id: str = Field(sa_column=_text())
    version: int
