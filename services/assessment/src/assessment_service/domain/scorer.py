"""Scores of many stored sheets. A behaviour's few items have few combinations of answers, so most
scores are known already."""

from collections.abc import Callable, Sequence
from dataclasses import replace
from functools import lru_cache
from operator import itemgetter
from typing import Any

from assessment_service.domain.instrument import Behaviour, Instrument
from assessment_service.domain.scoring import profile
from assessment_service.domain.sheet import decode

Scores = Sequence[int | None]
"""A profile without names: one score for each of the instrument's `behaviours`."""

_REMEMBERED = 10_000  # combinations, per behaviour


def scorer(instrument: Instrument) -> Callable[[bytes], Scores]:
    """What scores a stored sheet of this instrument (sheet.py), as `profile` does."""
    parts = [(_places(instrument, b), _scorer(instrument, b)) for b in instrument.behaviours]

    def scores(stored: bytes) -> Scores:
        return tuple([score(places(stored)) for places, score in parts])

    return scores


def _places(instrument: Instrument, behaviour: Behaviour) -> Callable[[bytes], Any]:
    """What takes the behaviour's bytes out of a stored sheet."""
    places = [n for n, item in enumerate(instrument.items) if item.behaviour == behaviour]
    return itemgetter(*places) if len(places) > 1 else itemgetter(slice(places[0], places[0] + 1))


def _scorer(instrument: Instrument, behaviour: Behaviour) -> Callable[[Any], int | None]:
    part = replace(instrument, items=tuple(instrument.items_of(behaviour)))

    @lru_cache(_REMEMBERED)
    def score(stored: Sequence[int]) -> int | None:
        return profile(part, decode(part, bytes(stored)))[behaviour]

    return score
