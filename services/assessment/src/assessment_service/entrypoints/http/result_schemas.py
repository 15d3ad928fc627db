"""Bodies of released results."""

from collections.abc import Mapping
from typing import Annotated, Literal
from uuid import UUID

from pydantic import BaseModel, Field

from assessment_service.application.ports import ReleasedCell
from assessment_service.application.queries import ReleaseView
from assessment_service.domain.instrument import BEHAVIOURS, Behaviour
from assessment_service.domain.participation_band import Band
from assessment_service.domain.results import HiddenBecause
from assessment_service.domain.round import Occasion
from servicekit.paging import Page, PageRequest

ANY_INDEX = "0-100, or null if it may not be shown."


class BehaviourBody(BaseModel):
    """A group's value for one behaviour."""

    code: Behaviour
    index: Annotated[int, Field(ge=0, le=100, multiple_of=5)] | None = Field(description=ANY_INDEX)


class CellBody(BaseModel):
    """The result of a unit and all units below it."""

    unit_id: str
    occasion: Occasion
    visibility: Literal["shown", "hidden"]
    participation_band: Annotated[
        Band | None,
        Field(description="Share of people who answered, in per cent.", examples=["75-89"]),
    ]
    behaviours: list[BehaviourBody]
    release_id: UUID | None = Field(description="Null if nothing may be shown.")
    hidden_because: HiddenBecause | None = Field(
        default=None,
        description="Only for what follows from dates and units, never from answers:"
        " `published_recently` if another rollout's release has shown a value about the same people"
        " about the same time.",
    )

    together: list[str] = Field(
        description="The units that the value is about if they are reported together, this one"
        " included; otherwise empty."
    )
    together_names: list[str] = Field(description="What those units are called, in the same order.")

    @classmethod
    def of(cls, released: ReleasedCell, names: Mapping[str, str]) -> "CellBody":
        """`names`: by unit."""
        cell = released.cell
        return cls.model_validate(
            {
                "unit_id": cell.unit_id,
                "occasion": released.occasion,
                "visibility": "shown" if cell.shown else "hidden",
                "participation_band": cell.participation_band,
                "behaviours": [{"code": b, "index": cell.indexes[b]} for b in BEHAVIOURS],
                "release_id": released.release_id if cell.shown else None,
                "hidden_because": cell.hidden_because,
                "together": list(cell.together),
                "together_names": [names.get(one, one) for one in cell.together],
            }
        )


class ReleaseBody(Page[CellBody]):
    """A release and its cells. It has none before its results are released."""

    release_id: UUID
    rollout_id: UUID
    occasion: Occasion
    released: bool

    @classmethod
    def of(cls, view: ReleaseView, names: Mapping[str, str], page: PageRequest) -> "ReleaseBody":
        release = view.release
        cells = page.holding([CellBody.of(cell, names) for cell in view.cells], view.total)
        return cls.model_validate(
            {
                **dict(cells),
                "release_id": release.release_id,
                "rollout_id": release.rollout_id,
                "occasion": release.occasion,
                "released": release.released_at is not None,
            }
        )
