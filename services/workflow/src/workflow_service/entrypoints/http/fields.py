"""Types of fields that several bodies share."""

from typing import Annotated

from pydantic import Field, StringConstraints

from workflow_service.domain.organisation.unit import UNIT_ID

# PostgreSQL stores no larger number in an integer column.
MAX_INT = 2**31 - 1
CODE = r"^[a-z0-9][a-z0-9_-]{0,62}$"

Code = Annotated[str, StringConstraints(pattern=CODE)]
Version = Annotated[int, Field(strict=True, ge=1, le=1_000_000, examples=[1])]
UnitIdField = Annotated[str, StringConstraints(pattern=f"^{UNIT_ID.pattern}$")]
WaveNumberField = Annotated[int, Field(ge=0, le=MAX_INT, description="0 is the pilot.")]


def action_path(rollout_id: object, action: str) -> str:
    """Where an action is sent; paths are in kebab case, names in values are not."""
    return f"/rollouts/{rollout_id}/actions/{action.replace('_', '-')}"
