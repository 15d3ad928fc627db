"""Callers, by what they may do here."""

from typing import Annotated

from fastapi import Response

from servicekit.access import may
from servicekit.auth import Principal

InstrumentPublisher = Annotated[Principal, may("instruments.publish")]
InstrumentReader = Annotated[Principal, may("instruments.read")]
RoundOpener = Annotated[Principal, may("rounds.open")]
RoundLister = Annotated[Principal, may("rounds.read")]
TO_READ_ROUND = "rounds.read_one"
RoundReader = Annotated[Principal, may(TO_READ_ROUND)]
RoundCloser = Annotated[Principal, may("rounds.close")]
RoundExtender = Annotated[Principal, may("rounds.extend")]
TO_ANSWER = "rounds.answer"
Participant = Annotated[Principal, may(TO_ANSWER)]
ResultReader = Annotated[Principal, may("results.read")]
GroupReader = Annotated[Principal, may("report_groups.read")]
UnitJoiner = Annotated[Principal, may("report_groups.join")]
Custodian = Annotated[Principal, may("custody.hand_in")]
SelfTestReader = Annotated[Principal, may("self_test.read")]
Overseer = Annotated[Principal, may("open_problems.read")]


async def not_cached(response: Response) -> None:
    """FastAPI dependency: personal data and results stay out of every cache.

    Async although it awaits nothing, because FastAPI runs a plain function in a thread.
    """
    response.headers["cache-control"] = "no-store"
