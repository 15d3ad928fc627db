"""References to what other services own: a rollout or a unit that this service has not heard of."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from typing import Literal

from content_service.domain.errors import DomainError

Kind = Literal["rollout", "unit"]


@dataclass(frozen=True, slots=True)
class UnknownReference:
    """It may not exist, or the event that announces it has not arrived yet."""

    kind: Kind
    reference: str

    @property
    def code(self) -> str:
        return f"{self.kind}-unknown"

    @property
    def detail(self) -> str:
        return f"There is no {self.kind} {self.reference}, or this service does not know it yet."


def refuse(unknown: list[UnknownReference], pointers: Mapping[str, str]) -> None:
    """`pointers` shows where the request names each reference.

    Raises DomainError `rollout-unknown` or `unit-unknown` if any is unknown.
    """
    if not unknown:
        return
    errors = [{"pointer": pointers[one.reference], "detail": one.detail} for one in unknown]
    if unknown[0].kind == "rollout":
        raise DomainError("rollout-unknown", "invalid", unknown[0].detail, errors)
    raise DomainError("unit-unknown", "invalid", unknown[0].detail, errors)


def refuse_outside(outside: Collection[str], pointers: Mapping[str, str]) -> None:
    """Raises DomainError `unit-not-in-rollout` if any unit does not take part in the rollout."""
    if outside:
        detail = "Nothing was assigned: not every unit takes part in the rollout."
        errors = [
            {"pointer": pointers[unit_id], "detail": f"Unit {unit_id} does not take part in it."}
            for unit_id in outside
        ]
        raise DomainError("unit-not-in-rollout", "invalid", detail, errors)
