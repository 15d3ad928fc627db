"""What an invitation says to people whose unit is reported together with others."""

from collections.abc import Mapping

from notification_service.domain.contact import Language

_WORDS: dict[Language, tuple[str, str]] = {
    "sv": (
        "Svaren från din enhet redovisas aldrig för sig, bara tillsammans med svaren från {units}.",
        "och",
    ),
    "en": (
        "The answers of your unit are never reported by themselves, only together with those of"
        " {units}.",
        "and",
    ),
}


def together(facts: Mapping[str, str], unit_names: Mapping[str, str], language: Language) -> str:
    """A sentence with the names of the other units; empty if there are none."""
    others = [unit_names.get(unit_id, unit_id) for unit_id in other_units(facts)]
    if not others:
        return ""
    sentence, word = _WORDS[language]
    *first, last = others
    return sentence.format(units=f"{', '.join(first)} {word} {last}" if first else last)


def unit_ids(facts: Mapping[str, str]) -> list[str]:
    """The units that a message names."""
    return [*([facts["unit_id"]] if "unit_id" in facts else []), *other_units(facts)]


def other_units(facts: Mapping[str, str]) -> list[str]:
    """The units that the unit is reported with."""
    return [unit_id for unit_id in facts.get("others", "").split(",") if unit_id]
