"""The portal's tables. What names somebody is encrypted."""

from datetime import datetime

from sqlalchemy import DateTime, Text
from sqlmodel import Field, SQLModel

from servicekit.db import service_registry


class Base(SQLModel, registry=service_registry()):
    """The portal's rows."""


class SessionRow(Base, table=True):
    """A session; `key` is the SHA-256 of what the browser has, `provider_subject` that of the
    provider's `sub`. Until `renewed_until` one process renews it, and others wait."""

    __tablename__ = "sessions"

    key: bytes = Field(primary_key=True)
    provider_session: str | None = Field(default=None, index=True, sa_type=Text)
    provider_subject: bytes | None = Field(default=None, index=True)
    sealed: bytes
    renewed_until: datetime | None = Field(default=None, sa_type=DateTime(timezone=True))
    used_at: datetime = Field(sa_type=DateTime(timezone=True))
    ends_at: datetime = Field(sa_type=DateTime(timezone=True), index=True)
