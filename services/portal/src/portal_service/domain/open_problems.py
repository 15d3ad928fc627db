"""What waits for somebody to mend it, as the services list it: what it means, and what to do."""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from itertools import groupby
from typing import Any

from portal_service.domain.marking import N_
from portal_service.domain.reasons import REASONS, UNKNOWN_REASON

LISTS: Mapping[str, str] = {
    "workflow": "open_problems.read",
    "assessment": "open_problems.read",
    "content": "open_problems.read",
    "people": "persons.check",
}
"""The services that have a list, and who may read it."""
_NEWS = N_(
    "It goes away by itself within minutes, when the news of it arrives. If it stays, an event was"
    " lost, or the id is wrong: IT looks at the dead letters."
)
_PUBLISH = N_("Publish it in the library. Until then every unit that comes to this step waits.")
_KNOWN: Mapping[tuple[str, str], tuple[str, str]] = {
    ("workflow", "instrument-unknown"): (
        N_("The rollout's template names an instrument that is not published."),
        _PUBLISH,
    ),
    ("workflow", "module-unknown"): (
        N_("The rollout's template names a module that is not published."),
        _PUBLISH,
    ),
    ("workflow", "unit-in-other-rollout"): (
        N_("The unit's wave should begin, but the unit is under way in another rollout."),
        N_("Wait until that journey has ended, or stop the unit there."),
    ),
    ("workflow", "unit-without-manager"): (
        N_("Nobody manages the unit today: nobody leads its journey or gets its mails."),
        N_("Import who manages it with the persons, in the role manager for the unit."),
    ),
    ("workflow", "round-open-again"): (
        N_("After a restore: a self-assessment is open again whose results are published."),
        N_("Close it, and write it off: nobody shall answer it."),
    ),
    ("workflow", "round-not-needed"): (
        N_("After a restore: a self-assessment is open that no unit's journey needs."),
        N_("Close it, if it does not close by itself soon."),
    ),
    ("workflow", "modules-refused"): (
        N_("After a restore: a unit's modules are lost, and cannot be given to it again."),
        N_("Publish its modules in the library again. Then IT compares the services again."),
    ),
    ("workflow", "results-not-heard"): (
        N_("After a restore: results are published, and the unit's journey does not know of them."),
        N_("IT publishes them again: the command is in the runbook about restoring."),
    ),
    ("workflow", "practice-lost"): (
        N_("After a restore: what the unit did counts for its journey, and the record is lost."),
        N_("Ask the unit's manager to record it again. The journey may wait for a lost action."),
    ),
    ("workflow", "unit-lost"): (
        N_("After a restore: a unit is not registered any more, and other parts still know it."),
        N_("Import the unit again, with the same id."),
    ),
    ("workflow", "instrument-lost"): (
        N_("After a restore: an instrument that was published is lost."),
        N_("Publish it again in the library, as the same version."),
    ),
    ("workflow", "module-lost"): (
        N_("After a restore: a version of a module that was published is lost."),
        N_("Publish it again in the library."),
    ),
    ("assessment", "rollout-unknown"): (
        N_("Self-assessments belong to a rollout that is not known there yet."),
        _NEWS,
    ),
    ("content", "rollout-unknown"): (
        N_("Units have modules in a rollout that is not known there yet."),
        _NEWS,
    ),
    ("content", "unit-unknown"): (
        N_("Modules were given to a unit that is not known there yet."),
        _NEWS,
    ),
    ("people", "ids-differ-in-case"): (
        N_("Ids of persons differ in capital and small letters only: it may be one person twice."),
        N_("Look in the system that the file comes from, and give each person one id."),
    ),
    ("people", "unit-unknown"): (
        N_("Persons have a role for a unit that is not known: they get no mails about it."),
        N_("Import the unit, or correct the unit in the file of persons."),
    ),
    ("people", "address-missing"): (
        N_("Employees of the unit have no mail address: they get no mails."),
        N_("That is no fault. While a self-assessment is open, print one-time codes for them."),
    ),
}
_REFUSED = N_("Another part of the platform refuses what the unit's step begins with:")
_MEND = N_("Mend the cause. The unit then goes on by itself; nothing has to be sent again.")


@dataclass(frozen=True, slots=True)
class Group:
    """Problems of one kind; `why` is a reason of another service, or "". `places` are as listed."""

    code: str
    means: str
    why: str
    todo: str
    places: tuple[Mapping[str, Any], ...]


def grouped(service: str, listed: Iterable[Mapping[str, Any]]) -> Iterator[Group]:
    """In the service's order. People's list calls a code `kind`."""
    for code, places in groupby(listed, key=lambda one: str(one.get("code") or one.get("kind"))):
        means, why, todo = meaning(service, code)
        yield Group(code, means, why, todo, tuple(places))


def meaning(service: str, code: str) -> tuple[str, str, str]:
    """What it means, the reason of another service if that is what it means, and what to do."""
    if known := _KNOWN.get((service, code)):
        return known[0], "", known[1]
    return _REFUSED, REASONS.get(code, UNKNOWN_REASON), _MEND
