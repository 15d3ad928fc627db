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
    code, kind = "import-invalid", "invalid"


class UnknownRecipient(DomainError):
    code, kind = "unknown-recipient", "not_found"


class UnknownSubscription(DomainError):
    code, kind = "unknown-subscription", "not_found"


class SubscriptionInvalid(DomainError):
    code, kind = "subscription-invalid", "invalid"


class SubscriptionIsDisabled(DomainError):
    code, kind = "subscription-disabled", "conflict"


class SubscriptionIsActive(DomainError):
    code, kind = "subscription-active", "conflict"


class UnknownDelivery(DomainError):
    code, kind = "unknown-delivery", "not_found"


class DeliveryIsPending(DomainError):
    code, kind = "delivery-pending", "conflict"
