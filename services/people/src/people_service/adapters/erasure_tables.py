"""The table of erasures."""

from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import Column, DateTime, Text
from sqlalchemy.dialects.postgresql import ARRAY, JSONB
from sqlmodel import Field

from people_service.adapters.tables import Base


class ErasureRow(Base, table=True):
    """`person_id` is null, and `words` are none, from the last confirmation on."""

    __tablename__ = "erasures"

    erasure_id: UUID = Field(primary_key=True)
    person_id: str | None = Field(sa_column=Column(Text, nullable=True))
    words: list[str] = Field(sa_column=Column(ARRAY(Text), nullable=False, server_default="{}"))
    awaited: list[str] = Field(
        sa_column=Column(
            ARRAY(Text), nullable=False, server_default="{assessment,content,notification,workflow}"
        )
    )
    asked_at: datetime = Field(
        sa_column=Column(DateTime(timezone=True), nullable=False, index=True)
    )
    confirmations: list[dict[str, Any]] = Field(sa_column=Column(JSONB, nullable=False))
