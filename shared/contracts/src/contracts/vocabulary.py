"""Words that several events share. Enumerations are open: a consumer keeps unknown values."""

from typing import Annotated

from pydantic import AwareDatetime, Field, StringConstraints

UnitId = Annotated[
    str,
    StringConstraints(pattern=r"^[a-z0-9][a-z0-9-]{0,62}$"),
    Field(
        description="The region's own code of an organisational unit.", examples=["rehabenheten"]
    ),
]
Timestamp = AwareDatetime
Behaviour = Annotated[
    str,
    Field(
        description="Code of one of the seven behaviours.",
        examples=["engagement", "constructive_confrontation"],
    ),
]
Occasion = Annotated[
    str,
    Field(description="baseline, follow_up or long_term.", examples=["baseline"]),
]
Step = Annotated[
    str,
    Field(
        description="preparation, baseline, modules, follow_up or after_care: a step of a journey.",
        examples=["modules"],
    ),
]
GateOutcome = Annotated[
    str, Field(description="pass, fail or inconclusive.", examples=["inconclusive"])
]
DecisionOutcome = Annotated[
    str,
    Field(
        description="broad_introduction, adjusted_pilot or stop.",
        examples=["broad_introduction"],
    ),
]
WaveNumber = Annotated[
    int, Field(ge=0, description="0 is the pilot; waves of the wide introduction count from 1.")
]
