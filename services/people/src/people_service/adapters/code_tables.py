"""Tables of one-time codes: no row says who has a code, or that it was used."""

from datetime import datetime
from uuid import UUID

from sqlalchemy import Column, DateTime, ForeignKey, LargeBinary, Text
from sqlmodel import Field

from people_service.adapters.tables import Base


def _moment() -> Column[datetime]:
    return Column(DateTime(timezone=True), nullable=False)


class RoundRow(Base, table=True):
    """A round as the assessment service last reported it. That it has closed is remembered."""

    __tablename__ = "rounds"

    round_id: UUID = Field(primary_key=True)
    unit_id: str = Field(sa_column=Column(Text, nullable=False))
    closes_at: datetime = Field(sa_column=_moment())
    is_open: bool
    as_of: datetime = Field(sa_column=_moment())


class SignInCodeRow(Base, table=True):
    """A code of an open round. `subject` is what its tokens say."""

    __tablename__ = "sign_in_codes"

    digest: bytes = Field(sa_column=Column(LargeBinary, primary_key=True))
    round_id: UUID = Field(
        sa_column=Column(ForeignKey("rounds.round_id"), nullable=False, index=True)
    )
    subject: UUID


class FailedAttemptsRow(Base, table=True):
    """Wrong codes from one address in the last minutes."""

    __tablename__ = "failed_attempts"

    place: str = Field(sa_column=Column(Text, primary_key=True))
    failures: int
    since: datetime = Field(sa_column=_moment())


class UnitPlaceRow(Base, table=True):
    """Where a unit stands. Filled by a consumer group of its own, from the topic's beginning."""

    __tablename__ = "unit_places"

    unit_id: str = Field(sa_column=Column(Text, primary_key=True))
    parent_id: str | None = Field(sa_column=Column(Text, nullable=True))
    name: str = Field(sa_column=Column(Text, nullable=False))
    version: int
