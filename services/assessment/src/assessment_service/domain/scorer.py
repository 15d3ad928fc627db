"""Scores of many stored sheets. A behaviour's few items have few combinations of answers, so most
scores are known already."""

from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import replace
from functools import lru_cache
from operator import itemgetter
from typing import Any

from assessment_service.domain.crowd import Crowd
from assessment_service.domain.instrument import Behaviour, Instrument
from assessment_service.domain.scoring import profile
from assessment_service.domain.sheet import decode

MISSING = 255
_REMEMBERED = 10_000  # combinations, per behaviour


def scorer(instrument: Instrument) -> Callable[[bytes], bytes]:
    """What scores a stored sheet of this instrument (sheet.py), as `profile` does: a byte for each
    of the instrument's `behaviours`, MISSING if it has no score."""
    parts = [(_places(instrument, b), _scorer(instrument, b)) for b in instrument.behaviours]

    def scores(stored: bytes) -> bytes:
        return bytes([score(places(stored)) for places, score in parts])

    return scores


def crowd(scores: bytes | bytearray, behaviours: Sequence[Behaviour]) -> Crowd:
    """The people with these scores, as `scorer` writes them one after another."""
    size = len(behaviours)
    groups = {b: Counter(scores[place::size]) for place, b in enumerate(behaviours)}
    for group in groups.values():
        del group[MISSING]
    return Crowd(len(scores) // size, groups)


def _places(instrument: Instrument, behaviour: Behaviour) -> Callable[[bytes], Any]:
    """What takes the behaviour's bytes out of a stored sheet."""
    places = [n for n, item in enumerate(instrument.items) if item.behaviour == behaviour]
    return itemgetter(*places) if len(places) > 1 else itemgetter(slice(places[0], places[0] + 1))


def _scorer(instrument: Instrument, behaviour: Behaviour) -> Callable[[Any], int]:
    part = replace(instrument, items=tuple(instrument.items_of(behaviour)))

    @lru_cache(_REMEMBERED)
    def score(stored: Sequence[int]) -> int:
        found = profile(part, decode(part, bytes(stored)))[behaviour]
        return MISSING if found is None else found

    return score
