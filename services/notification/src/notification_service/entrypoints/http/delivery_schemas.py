"""Bodies about deliveries: what was sent, what was answered, and what a reason means."""

from datetime import datetime
from typing import Any
from uuid import UUID

from pydantic import BaseModel, ConfigDict, Field

from notification_service.application.queries import AttemptView, DeliveryView
from notification_service.domain.delivery import CLOCK_SUSPECTED, Exchange, Status
from notification_service.entrypoints.http.messages import AttemptBody

_EXPLANATIONS = {
    "address-refused": "The host has an address that webhooks may not use.",
    "host-unknown": "The name servers do not know the host.",
    "timeout": "The endpoint did not answer in time.",
    "connection-failed": "No connection, or its certificate is not valid for the host.",
    "not-http": "The endpoint closed the connection, or did not answer as a web server does.",
    "redirect-not-followed": "The endpoint answered with a redirect. Register its target instead.",
    "http-error": "The endpoint answered with a status other than 2xx.",
    "gone": "The endpoint answered 410: it wants no more deliveries.",
    "retries-exhausted": "Every attempt failed. The last attempt shows why.",
    "signing-key-missing": "The signing key of the secret is not configured. Ask the operator.",
    "internal-error": "A fault in this service. It tries again.",
    CLOCK_SUSPECTED: "The endpoint refused the time of the request. Its clock is probably wrong, or"
    " this service's: compare both with a time server.",
}
_IDS = {
    "delivery_id": "0d7c1c52-6ad1-5f4e-9d06-3c1f5a7f2b10",
    "subscription_id": "3f2b8c1e-8d0a-4c57-9d0e-5a1f0c6b7e21",
}
_TIME = "2026-09-01T08:00:00Z"
_ATTEMPT: dict[str, Any] = {
    "number": 1,
    "started_at": _TIME,
    "duration_ms": 41,
    "result": "retry",
    "reason": "http-error",
    "status_code": 503,
}
_DELIVERY: dict[str, Any] = {
    **_IDS,
    "event_type": "external.wave.started.v1",
    "status": "pending",
    "reason": "http-error",
    "created_at": _TIME,
    "next_attempt_at": "2026-09-01T08:00:05Z",
}


def explanation(reason: str) -> str:
    """The reason in plain words; empty when there is none."""
    return _EXPLANATIONS.get(reason, "")


class DeliveryBody(BaseModel):
    """The delivery of an event to a subscription."""

    model_config = ConfigDict(from_attributes=True, json_schema_extra={"examples": [_DELIVERY]})

    delivery_id: UUID = Field(description="The webhook-id, the same at every attempt.")
    subscription_id: UUID
    event_type: str
    status: Status
    reason: str = Field(description="A stable code of the last failure; empty if there is none.")
    created_at: datetime
    next_attempt_at: datetime | None


class LoggedDeliveryBody(DeliveryBody):
    """A delivery with its attempts."""

    model_config = ConfigDict(
        from_attributes=True,
        json_schema_extra={
            "examples": [{**_DELIVERY, "settled_at": _TIME, "attempts": [_ATTEMPT]}]
        },
    )

    settled_at: datetime | None
    attempts: list[AttemptBody]


class HeaderBody(BaseModel):
    """One header."""

    name: str
    value: str

    @classmethod
    def all_of(cls, headers: tuple[tuple[str, str], ...]) -> "list[HeaderBody]":
        return [cls(name=name, value=value) for name, value in headers]


class RequestBody(BaseModel):
    """The request of one attempt. Its body is the delivery's."""

    method: str = "POST"
    url: str
    headers: list[HeaderBody] = Field(
        description="As sent. The signature is shown: it is no secret, and valid for this body and"
        " time only."
    )


class ResponseBody(BaseModel):
    """The response of one attempt, if there was one."""

    status_code: int
    headers: list[HeaderBody] = Field(
        description="The first 30, shortened to 300 characters; without cookies and credentials."
    )
    body: str = Field(description="The first 2048 bytes.")


class ExchangeBody(AttemptBody):
    """One attempt with what was sent and answered."""

    explanation: str = Field(description="The reason in plain words.")
    error: str = Field(description="Why there was no response; empty if there was one.")
    request: RequestBody | None = Field(description="Null if it was not kept.")
    response: ResponseBody | None

    @classmethod
    def from_view(cls, view: AttemptView) -> "ExchangeBody":
        sent = view.exchange
        return cls(
            **AttemptBody.model_validate(view).model_dump(),
            explanation=explanation(view.reason),
            error=sent.error if sent else "",
            request=(
                RequestBody(url=sent.url, headers=HeaderBody.all_of(sent.request_headers))
                if sent
                else None
            ),
            response=_response(sent, view.status_code),
        )


def _response(sent: Exchange | None, status_code: int | None) -> ResponseBody | None:
    if sent is None or status_code is None:
        return None
    return ResponseBody(
        status_code=status_code,
        headers=HeaderBody.all_of(sent.response_headers),
        body=sent.response_body,
    )


_EXCHANGE: dict[str, Any] = {
    **_ATTEMPT,
    "explanation": _EXPLANATIONS["http-error"],
    "error": "",
    "request": {
        "method": "POST",
        "url": "https://hr.example.se/um-events",
        "headers": [
            {"name": "webhook-id", "value": _IDS["delivery_id"]},
            {"name": "webhook-timestamp", "value": "1788249600"},
            {
                "name": "webhook-signature",
                "value": "v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE=",
            },
        ],
    },
    "response": {
        "status_code": 503,
        "headers": [{"name": "content-type", "value": "text/plain"}],
        "body": "The database is being upgraded.",
    },
}
_BODY = (
    '{"id": "5f0b2c1e-8d0a-4c57-9d0e-5a1f0c6b7e21", "type": "external.wave.started.v1",'
    ' "timestamp": "2026-09-01T08:00:00+00:00",'
    ' "data": {"rollout_id": "3f2b8c1e-8d0a-4c57-9d0e-5a1f0c6b7e21", "wave": 1}}'
)


class DeliveryDetailBody(DeliveryBody):
    """A delivery with its body, and what each attempt sent and got."""

    model_config = ConfigDict(
        from_attributes=True,
        json_schema_extra={
            "examples": [
                {
                    **_DELIVERY,
                    "explanation": _EXPLANATIONS["http-error"],
                    "settled_at": _TIME,
                    "body": _BODY,
                    "attempts": [_EXCHANGE],
                }
            ]
        },
    )

    explanation: str = Field(description="The reason in plain words.")
    settled_at: datetime | None = Field(description="When it was accepted or given up.")
    body: str = Field(description="The exact text that is signed and sent.")
    attempts: list[ExchangeBody] = Field(
        description="Oldest first. A missing number is an attempt that was interrupted."
    )

    @classmethod
    def of(cls, view: DeliveryView) -> "DeliveryDetailBody":
        return cls(
            **DeliveryBody.model_validate(view).model_dump(),
            explanation=explanation(view.reason),
            settled_at=view.settled_at,
            body=view.body,
            attempts=[ExchangeBody.from_view(attempt) for attempt in view.attempts],
        )
