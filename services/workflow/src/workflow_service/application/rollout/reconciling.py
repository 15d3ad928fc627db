"""Compares this service with the others, after a restore to different times."""

from collections.abc import Mapping
from typing import Protocol

from workflow_service.application.journey.reconciling import Others, reconcile_journeys
from workflow_service.application.organisation.reconciling import Copies, reconcile_units
from workflow_service.application.ports import Difference, Engine, OpenUnitOfWork, Peers
from workflow_service.application.template.reconciling import Library, reconcile_references

TODOS: Mapping[str, str] = {
    "round-open-again": "Its results are published: close round {what}, or write it off.",
    "round-not-needed": "No journey needs it: close round {what} if nobody does.",
    "modules-refused": "Content has lost them, and refuses to give them again: {what}.",
    "results-not-heard": "Publish again: python -m assessment_service replay --since {what}",
    "practice-lost": "Content has lost what the unit did ({what}): let the unit record it again.",
    "unit-lost": "It is known to {what}, and not registered: import it again.",
    "instrument-lost": "Assessment has lost {what}: publish it again.",
    "module-lost": "Content has lost {what}: publish it again.",
}
"""What a person does, by the code of a difference."""
NOTES: Mapping[str, str] = {
    "round-lost": "Its results are published, and assessment has lost it: nobody is asked again.",
    "modules-not-given": "No journey has come so far: the unit has modules that it was not given.",
}
"""What is to know, by the code of a difference that nobody can do anything about."""


class AllOthers(Others, Copies, Library, Protocol):
    """Everything that the other services are asked."""


async def reconcile(
    open_uow: OpenUnitOfWork, others: AllOthers, engine: Engine, peers: Peers
) -> list[Difference]:
    """Mend what one side knows, and return every difference. Those that are left for a person are
    open problems until a later comparison does not find them.

    Raises PeerUnavailable or EngineUnavailable; the command may be given again.
    """
    found = [
        *await reconcile_units(open_uow, others),
        *await reconcile_references(open_uow, others),
        *await reconcile_journeys(open_uow, others, engine, peers),
    ]
    async with open_uow() as uow:
        await uow.differences.replace([one for one in found if todo(one)])
    return found


def todo(one: Difference) -> str:
    """What a person does about it; empty if it was mended, or nothing can be done."""
    return TODOS.get(one.code, "").format(what=one.what)


def note(one: Difference) -> str:
    """What is to know about it if nothing can be done; else empty."""
    return NOTES.get(one.code, "")
