"""Refusals: each has a stable code, a kind that maps to an HTTP status, and a detail to act on."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

Kind = Literal["not_found", "conflict", "forbidden", "invalid", "gone"]


@dataclass(frozen=True)
class FieldError:
    """One fault in an input. `pointer` is a path such as /rows/4/email or /url."""

    pointer: str
    detail: str


class DomainError(Exception):
    """A request that the rules refuse. `errors` lists every faulty place, if there are several."""

    code: str
    kind: Kind

    def __init__(self, detail: str, errors: Sequence[FieldError] = ()) -> None:
        super().__init__(detail)
        self.detail = detail
        self.errors = [{"pointer": e.pointer, "detail": e.detail} for e in errors]


class ImportInvalid(DomainError):
    code = "import-invalid"
    kind = "invalid"


class UnknownRecipient(DomainError):
    code = "unknown-recipient"
    kind = "not_found"


class UnknownSubscription(DomainError):
    code = "unknown-subscription"
    kind = "not_found"


class SubscriptionInvalid(DomainError):
    code = "subscription-invalid"
    kind = "invalid"


class SubscriptionIsDisabled(DomainError):
    code = "subscription-disabled"
    kind = "conflict"


class SubscriptionIsActive(DomainError):
    code = "subscription-active"
    kind = "conflict"


class UnknownDelivery(DomainError):
    code = "unknown-delivery"
    kind = "not_found"


class DeliveryIsPending(DomainError):
    code = "delivery-pending"
    kind = "conflict"
