"""What the domain refuses, with a stable code; the HTTP layer turns it into a problem document."""

from collections.abc import Mapping, Sequence
from typing import Any, Literal
from uuid import UUID

Kind = Literal["not_found", "conflict", "forbidden", "invalid", "gone"]


class DomainError(Exception):
    """A refusal. `errors` holds one `{"pointer", "detail"}` per wrong place in the input."""

    def __init__(
        self,
        code: str,
        kind: Kind,
        detail: str,
        errors: Sequence[Mapping[str, Any]] = (),
    ) -> None:
        super().__init__(detail)
        self.code, self.kind, self.detail, self.errors = code, kind, detail, list(errors)


def rollout_unknown(rollout_id: UUID) -> DomainError:
    """The refusal of a request about a rollout that does not exist."""
    return DomainError("rollout-unknown", "not_found", f"There is no rollout {rollout_id}.")
