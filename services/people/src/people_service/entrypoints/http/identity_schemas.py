"""Bodies about identities at identity providers."""

from collections.abc import Sequence
from datetime import date, datetime
from typing import Annotated
from uuid import UUID

from pydantic import BaseModel, ConfigDict, Field
from pydantic.config import JsonDict

from people_service.domain.identities import (
    BindingRefusal,
    KnownIdentity,
    RefusedBinding,
    Released,
)
from servicekit.request_body import RequestBody
from servicekit.text import Prose

_IDENTITY: JsonDict = {
    "identity_id": "0b5f2c1e-6a54-4b0c-9f0e-0f3a8f6b7d11",
    "issuer": "https://login.example.se/realms/region",
    "subject": "f:66666666:p0001",
    "first_seen": "2026-03-02",
    "last_used": "2026-03-09",
}


class IdentityBody(BaseModel):
    """An account at an identity provider. Personal data."""

    model_config = ConfigDict(from_attributes=True, json_schema_extra={"examples": [_IDENTITY]})

    identity_id: UUID
    issuer: str = Field(description="The provider.")
    subject: str = Field(description="What the provider calls the account: the claim `sub`.")
    first_seen: date
    last_used: date = Field(description="The last day on which it was used.")

    @classmethod
    def of(cls, identity: KnownIdentity) -> "IdentityBody":
        return cls.model_validate(identity)


class ReleasedBody(BaseModel):
    """An identity that was taken from the person."""

    model_config = ConfigDict(from_attributes=True)

    issuer: str
    subject: str
    released_at: datetime
    released_by: str = Field(description="The administrator's account, as in their token's `sub`.")
    reason: str


class PersonIdentitiesBody(BaseModel):
    """By which accounts a person signs in."""

    model_config = ConfigDict(
        json_schema_extra={"examples": [{"identities": [_IDENTITY], "released": []}]}
    )

    identities: list[IdentityBody]
    released: list[ReleasedBody]

    @classmethod
    def of(
        cls, identities: Sequence[KnownIdentity], released: Sequence[Released]
    ) -> "PersonIdentitiesBody":
        return cls(
            identities=[IdentityBody.of(one) for one in identities],
            released=[ReleasedBody.model_validate(one) for one in released],
        )


class ReleaseBody(RequestBody):
    """Why an identity is released."""

    model_config = ConfigDict(
        json_schema_extra={"examples": [{"reason": "Got a new account at the provider."}]}
    )

    reason: Annotated[Prose, Field(max_length=500)]


class JoinBody(RequestBody):
    """How it is known that the identity is the person's."""

    model_config = ConfigDict(
        json_schema_extra={"examples": [{"reason": "Shown in person, case RV 2026-113."}]}
    )

    reason: Annotated[Prose, Field(max_length=500)]


class RefusedBindingBody(BaseModel):
    """A sign-in that waits for an administrator. Personal data."""

    model_config = ConfigDict(
        from_attributes=True,
        json_schema_extra={
            "examples": [
                {
                    "issuer": "https://login.example.se/realms/region",
                    "subject": "f:66666666:p0001-new",
                    "why": "another-identity",
                    "named": "p-0001",
                    "belongs_to": None,
                    "since": "2026-03-09T08:00:00Z",
                    "last": "2026-03-09T08:05:00Z",
                }
            ]
        },
    )

    issuer: str
    subject: str
    why: BindingRefusal = Field(
        description="The identity is another person's; the person has another identity at this"
        " provider; both have acted by accounts of their own; or the identity was released, from"
        " this person or from another one."
    )
    named: str | None = Field(
        None, description="The person that the token names; null if unknown here."
    )
    belongs_to: str | None = Field(
        None, description="The person whose identity it is; null if nobody's."
    )
    since: datetime
    last: datetime = Field(description="The last attempt.")

    @classmethod
    def of(cls, refused: RefusedBinding) -> "RefusedBindingBody":
        return cls.model_validate(refused)
