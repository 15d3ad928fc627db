"""Who has not answered an open round: for reminders that the system sends, and for nothing else.

The caller names subjects; this service cannot list them. Nothing is stored, noted or logged of what
is asked and answered.
"""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Protocol
from uuid import UUID

from assessment_service.application import ports
from assessment_service.application.ports import Scope
from assessment_service.application.scope import covers
from assessment_service.application.sealing_ports import ReleaseKeys
from assessment_service.domain.errors import DomainError
from assessment_service.domain.participation import participation_key
from assessment_service.domain.round import closed_error, unknown_error


@dataclass(frozen=True, slots=True)
class FindWithoutAnswer:
    """Subjects of one issuer, as the tokens of the platform name them."""

    round_id: UUID
    issuer: str
    subjects: Sequence[str]


@dataclass(frozen=True, slots=True)
class WithoutAnswer:
    """Those of the subjects who have not answered the round, and when it closes."""

    subjects: Sequence[str]
    closes_at: datetime


class AnsweredKeys(Protocol):
    async def missing(self, release_id: UUID, keys: Collection[bytes]) -> set[bytes]:
        """Those of these participation keys that have no sheet in the release."""


class RemindingUnitOfWork(ports.UnitOfWork, Protocol):
    """One transaction that can also find out who has answered."""

    answered_keys: AnsweredKeys


async def find_without_answer(
    query: FindWithoutAnswer, scope: Scope, uow: RemindingUnitOfWork, keys: ReleaseKeys
) -> WithoutAnswer:
    """Those who have not answered, in the order in which they were named. Whoever has answered in
    another unit of the same release has answered: a person answers a release once.

    Raises DomainError `round-unknown`, `round-closed`, or `round-held` while a pause holds it,
    UnreadableRoundError if the release's secrets are lost, or KeysUnavailableError.
    """
    found = await uow.rounds.get(query.round_id)
    if found is None or not covers(scope, found.unit.unit_id, found.unit.path):
        raise unknown_error(query.round_id)
    if found.status != "open":
        raise closed_error(query.round_id)
    if found.held_since is not None:
        detail = f"A pause holds round {query.round_id}: nobody is reminded before it goes on."
        raise DomainError("round-held", "conflict", detail)
    if found.closes_at <= await uow.now():
        raise closed_error(query.round_id)
    release_id = found.release.release_id
    secret = await keys.participation(release_id)
    by_key = {participation_key(secret, query.issuer, one): one for one in query.subjects}
    missing = await uow.answered_keys.missing(release_id, by_key)
    return WithoutAnswer([one for key, one in by_key.items() if key in missing], found.closes_at)
