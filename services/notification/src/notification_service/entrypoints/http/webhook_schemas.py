"""Bodies about webhook subscriptions. A secret is in no body but the one that makes it."""

from datetime import datetime
from typing import Any, Literal, Self
from uuid import UUID

from pydantic import BaseModel, ConfigDict, Field, model_validator

from notification_service.domain.subscription import DisabledReason, Subscription
from servicekit.request_body import RequestBody

_TYPES = "Published event types; `external.wave.*` means all that begin with `external.wave.`."
_URL = "https, or http for allow-listed hosts."
_SUBSCRIPTION: dict[str, Any] = {
    "subscription_id": "3f2b8c1e-8d0a-4c57-9d0e-5a1f0c6b7e21",
    "url": "https://hr.example.se/um-events",
    "event_types": ["external.decision.published.v1", "external.wave.*"],
    "status": "disabled",
    "disabled_reason": "retries-exhausted",
    "created_at": "2026-09-01T08:00:00Z",
    "last_success_at": "2026-09-02T08:00:03Z",
    "secret_generation": 2,
    "previous_secret_until": "2026-09-02T09:30:00Z",
    "retired_secrets": [{"generation": 1, "until": "2026-09-02T09:30:00Z"}],
}
_WARNING = "hr.example.se is not known to the name servers. Check its spelling."
_SECRET = "whsec_C2FVsBQIhrscChlQIMV+b5sSYspob7oD"  # noqa: S105 - an example


def _example(**values: Any) -> ConfigDict:
    return ConfigDict(json_schema_extra={"examples": [values]})


class SubscribeBody(RequestBody):
    """Which events to deliver where."""

    model_config = ConfigDict(
        json_schema_extra={
            "examples": [{name: _SUBSCRIPTION[name] for name in ("url", "event_types")}]
        },
    )

    url: str = Field(max_length=2000, description=_URL)
    event_types: list[str] = Field(min_length=1, max_length=50, description=_TYPES)


class ChangeSubscriptionBody(RequestBody):
    """What to change. What is left out stays as it is."""

    model_config = ConfigDict(
        json_schema_extra={"examples": [{"event_types": ["external.wave.*"]}]},
    )

    url: str = Field(default="", max_length=2000, description=_URL)
    event_types: list[str] = Field(default=[], min_length=1, max_length=50, description=_TYPES)

    @model_validator(mode="after")
    def _changes_something(self) -> Self:
        if not self.model_fields_set:
            raise ValueError("Give url, event_types or both.")
        return self


class TestBody(RequestBody):
    """Which published event to send a sample of."""

    __test__ = False  # Not a test of pytest.
    model_config = ConfigDict(
        json_schema_extra={"examples": [{"event_type": "external.decision.published.v1"}]},
    )

    event_type: str = Field(max_length=200, description="One that the subscription is to.")


class RetiredSecretBody(BaseModel):
    """A secret that was replaced and still signs."""

    generation: int = Field(description="Which of the subscription's secrets, from 1.")
    until: datetime = Field(description="It signs every delivery until then, as was promised.")


class SubscriptionBody(BaseModel):
    """A subscription. Its secret is only shown when it is created or rotated."""

    model_config = _example(**_SUBSCRIPTION)

    subscription_id: UUID
    url: str
    event_types: list[str]
    status: Literal["active", "disabled"]
    disabled_reason: DisabledReason | None
    created_at: datetime
    last_success_at: datetime | None = Field(description="When a delivery was last accepted.")
    secret_generation: int = Field(description="Starts at 1 and increases with each rotation.")
    previous_secret_until: datetime | None = Field(
        description="Until then the secret before the current one signs too; null if none does."
    )
    retired_secrets: list[RetiredSecretBody] = Field(
        description="All earlier secrets that may still sign, the latest first."
    )

    @classmethod
    def of(cls, subscription: Subscription) -> "SubscriptionBody":
        retired = subscription.retired
        return cls(
            subscription_id=subscription.subscription_id,
            url=subscription.url,
            event_types=list(subscription.event_types),
            status=subscription.status,
            disabled_reason=subscription.disabled_reason,
            created_at=subscription.created_at,
            last_success_at=subscription.last_success_at,
            secret_generation=subscription.secret.generation,
            previous_secret_until=retired[0].until if retired else None,
            retired_secrets=[
                RetiredSecretBody(generation=one.version.generation, until=one.until)
                for one in retired
            ],
        )


class CheckedSubscriptionBody(SubscriptionBody):
    """A subscription, and what was found when its address was looked up."""

    model_config = _example(**_SUBSCRIPTION, warnings=[_WARNING])

    warnings: list[str] = Field(
        default=[],
        description="Why deliveries would not arrive as things are now. The subscription is made"
        " all the same: the host may be known later.",
    )


class SubscriptionWithSecretBody(CheckedSubscriptionBody):
    """A subscription with its new secret. Store it: it is not shown again."""

    model_config = _example(**_SUBSCRIPTION, warnings=[], secret=_SECRET)

    secret: str = Field(
        examples=[_SECRET],
        description="Only this answer, and a repetition with the same Idempotency-Key, has it.",
    )


class EventTypeBody(BaseModel):
    """A type of event that webhooks deliver."""

    model_config = _example(
        event_type="external.wave.started.v1",
        description="A wave of the wide introduction (or the pilot, wave 0) began.",
        json_schema={"type": "object"},
        sample={"rollout_id": "3f2b8c1e-8d0a-4c57-9d0e-5a1f0c6b7e21", "wave": 1},
    )

    event_type: str
    description: str
    json_schema: dict[str, Any] = Field(description="JSON Schema of the body's `data`.")
    sample: dict[str, Any] = Field(description="The `data` of a test delivery.")
