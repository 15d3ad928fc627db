"""Bodies about erasures. None but the one for other services says who was erased."""

from datetime import datetime
from typing import Annotated, Any
from uuid import UUID

from pydantic import BaseModel, ConfigDict, Field
from pydantic.config import JsonDict

from people_service.domain.erasure import Erasure
from servicekit.request_body import RequestBody
from servicekit.text import Prose

_ERASURE_ID = "5d2f1e52-6c7e-4f6b-9b60-2f4f0c1f7a10"
_ERASED: JsonDict = {
    "person_id": "p-0001",
    "words": ["Exempelperson 0001", "p-0001", "person0001@example.se"],
}
_ROWS: JsonDict = {"messages": 3, "attempts": 2}
_EXAMPLE: dict[str, Any] = {
    "erasure_id": _ERASURE_ID,
    "asked_at": "2026-03-09T08:00:00Z",
    "complete": True,
    "awaited": [],
    "confirmations": [
        {
            "service": "people",
            "rows": {"persons": 1, "assignments": 2, "audit_lines": 4},
            "confirmed_at": "2026-03-09T08:00:00Z",
        },
        {"service": "notification", "rows": _ROWS, "confirmed_at": "2026-03-09T08:00:05Z"},
        {"service": "assessment", "rows": {"rounds": 1}, "confirmed_at": "2026-03-09T08:00:05Z"},
        {"service": "content", "rows": {"actions": 1}, "confirmed_at": "2026-03-09T08:00:06Z"},
        {"service": "workflow", "rows": {"rollouts": 0}, "confirmed_at": "2026-03-09T08:00:06Z"},
    ],
}
_Rows = Annotated[
    dict[Annotated[str, Field(pattern=r"^[a-z_]{1,63}$")], Annotated[int, Field(ge=0)]],
    Field(max_length=100, description="How many rows were removed or blanked, by table."),
]


class EraseBody(RequestBody):
    """Why somebody is erased."""

    model_config = ConfigDict(
        json_schema_extra={"examples": [{"reason": "Asked for it, case RV 2026-112."}]}
    )

    reason: Annotated[
        Prose, Field(max_length=500, description="It is kept: without id, name and address.")
    ]


class ConfirmationBody(BaseModel):
    """What a service has removed."""

    model_config = ConfigDict(from_attributes=True)

    service: str
    rows: _Rows
    confirmed_at: datetime


class ErasureBody(BaseModel):
    """What was removed of somebody, where and when; not of whom."""

    model_config = ConfigDict(json_schema_extra={"examples": [_EXAMPLE]})

    erasure_id: UUID
    asked_at: datetime
    complete: bool = Field(description="Whether every service has confirmed.")
    awaited: list[str] = Field(description="The services that have not confirmed yet.")
    confirmations: list[ConfirmationBody]

    @classmethod
    def of(cls, erasure: Erasure) -> "ErasureBody":
        return cls(
            erasure_id=erasure.erasure_id,
            asked_at=erasure.asked_at,
            complete=not erasure.awaited,
            awaited=list(erasure.awaited),
            confirmations=[ConfirmationBody.model_validate(one) for one in erasure.confirmations],
        )


class ErasedPersonBody(BaseModel):
    """Who is to be forgotten. Personal data."""

    model_config = ConfigDict(json_schema_extra={"examples": [_ERASED]})

    person_id: str | None = Field(description="Null once every service has confirmed.")
    words: list[str] = Field(
        description="By which words free texts name them; none once every service has confirmed."
    )


class ConfirmBody(RequestBody):
    """What a service has removed."""

    model_config = ConfigDict(
        json_schema_extra={"examples": [{"service": "notification", "rows": _ROWS}]}
    )

    service: Annotated[str, Field(pattern=r"^[a-z]{1,63}$")]
    rows: _Rows
