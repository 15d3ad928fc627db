"""Instruments: versioned data that define what is asked and how it is scored. A published version
never changes, so that two rounds with the same version can be compared."""

import unicodedata
from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import Literal, get_args

from assessment_service.domain.errors import DomainError

Behaviour = Literal[
    "engagement",
    "consideration",
    "constructive_confrontation",
    "supports_manager",
    "positive_attitude",
    "creativity",
    "stress_handling",
]
BEHAVIOURS: tuple[Behaviour, ...] = get_args(Behaviour)

NEEDED_LANGUAGES = ("sv", "en")
"""Every text can be read in these; an instrument may have more."""

Text = Mapping[str, str]
"""One text in several languages: language code > text."""


@dataclass(frozen=True, slots=True)
class Scale:
    """Whole numbers from `low` to `high`, each with a label; optionally also "not applicable"."""

    low: int
    high: int
    labels: tuple[Text, ...]
    not_applicable: bool

    @property
    def steps(self) -> int:
        """How many steps lie between the lowest and the highest answer."""
        return self.high - self.low


@dataclass(frozen=True, slots=True)
class Item:
    """One statement. In a published instrument, `behaviour` is one of BEHAVIOURS."""

    item_id: str
    behaviour: str
    text: Text


@dataclass(frozen=True)
class Instrument:
    """One version of an instrument.

    `min_answered` is the rule for missing items: with fewer answered items than this, a behaviour
    has no score for that person. An item that does not apply counts as not answered.
    """

    instrument_id: str
    version: int
    languages: tuple[str, ...]
    scale: Scale
    items: tuple[Item, ...]
    source: str
    licence_note: str
    min_answered: int

    @cached_property
    def behaviours(self) -> list[Behaviour]:
        """The behaviours that are asked about."""
        return [behaviour for behaviour in BEHAVIOURS if self.items_of(behaviour)]

    @cached_property
    def item_ids(self) -> frozenset[str]:
        return frozenset(item.item_id for item in self.items)

    def items_of(self, behaviour: str) -> list[Item]:
        return self._by_behaviour.get(behaviour, [])

    @cached_property
    def _by_behaviour(self) -> dict[str, list[Item]]:
        found: dict[str, list[Item]] = {}
        for item in self.items:
            found.setdefault(item.behaviour, []).append(item)
        return found


@dataclass(frozen=True, slots=True)
class InstrumentPublished:
    """This version can now be used in rounds."""

    instrument_id: str
    version: int


def publish(instrument: Instrument) -> InstrumentPublished:
    """Accept a new version.

    Raises DomainError `instrument-invalid`, which lists everything that is wrong.
    """
    wrong = [
        *_wrong_in_languages(instrument.languages),
        *_wrong_in_scale(instrument),
        *_wrong_in_items(instrument),
    ]
    if wrong:
        errors = [{"pointer": pointer, "detail": detail} for pointer, detail in wrong]
        raise DomainError("instrument-invalid", "invalid", "The instrument has errors.", errors)
    return InstrumentPublished(instrument.instrument_id, instrument.version)


def check_version(instrument: Instrument, newest: int) -> None:
    """`newest` is the highest published version, 0 before the first.

    Raises DomainError `instrument-version-gap` if a version between them is missing.
    """
    if instrument.version > newest + 1:
        detail = (
            f"The newest version of {instrument.instrument_id} is {newest or 'none yet'}."
            f" Publish version {newest + 1} next, not {instrument.version}."
        )
        raise DomainError("instrument-version-gap", "conflict", detail)


def _wrong_in_languages(languages: tuple[str, ...]) -> list[tuple[str, str]]:
    wrong = [
        (f"/languages/{index}", f"{language} is listed more than once. Remove one.")
        for index, language in enumerate(languages)
        if language in languages[:index]
    ]
    missing = [language for language in NEEDED_LANGUAGES if language not in languages]
    if missing:
        wrong.append(("/languages", f"Add {' and '.join(missing)}."))
    return wrong


def _wrong_in_scale(instrument: Instrument) -> list[tuple[str, str]]:
    scale = instrument.scale
    if scale.steps < 1 or scale.steps > 100:
        return [("/scale/max", "max must be greater than min by 1 to 100.")]
    wrong = []
    if len(scale.labels) != scale.steps + 1:
        wrong.append(("/scale/labels", f"Give {scale.steps + 1} labels, one for each answer."))
    for index, label in enumerate(scale.labels):
        wrong += _untranslated(f"/scale/labels/{index}", label, instrument.languages)
    return wrong


def _wrong_in_items(instrument: Instrument) -> list[tuple[str, str]]:
    wrong = []
    seen = Counter(item.item_id for item in instrument.items)
    for index, item in enumerate(instrument.items):
        place = f"/items/{index}"
        if seen[item.item_id] > 1:
            wrong.append((f"{place}/item_id", f"{item.item_id} is used more than once."))
        if item.behaviour not in BEHAVIOURS:
            wrong.append((f"{place}/behaviour", f"Use one of: {', '.join(BEHAVIOURS)}."))
        wrong += _untranslated(f"{place}/text", item.text, instrument.languages)
    fewest = min(Counter(item.behaviour for item in instrument.items).values(), default=0)
    if not 1 <= instrument.min_answered <= fewest:
        detail = f"Use 1 to {fewest}: no behaviour may have fewer items than that."
        wrong.append(("/missing_rule/min_answered", detail))
    return wrong


def _untranslated(place: str, text: Text, languages: tuple[str, ...]) -> list[tuple[str, str]]:
    needed = dict.fromkeys((*NEEDED_LANGUAGES, *languages))
    missing = [language for language in needed if _is_blank(text.get(language, ""))]
    return [(f"{place}/{language}", "The text is missing.") for language in missing]


def _is_blank(text: str) -> bool:
    """Whether nobody can see anything of it: spaces, control and format characters only."""
    return all(unicodedata.category(character)[0] in "ZC" for character in text)
