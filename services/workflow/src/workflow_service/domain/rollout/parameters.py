"""Types of the commands' parameters. The API's limits for each are in action_bodies.py."""

from typing import Annotated

UnitId = Annotated[str, "the region's own code of a unit"]
ReasonText = Annotated[str, "why somebody does this"]
Reference = Annotated[str, "where a document is kept"]
WaveNumber = Annotated[int, "0 is the pilot"]
WaveSize = Annotated[int, "units per wave"]
