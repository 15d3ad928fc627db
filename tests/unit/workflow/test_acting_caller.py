"""For four eyes a caller is everybody in whose place they could decide."""

from servicekit.auth import EVERY_UNIT, Assignment, Principal
from workflow_service.domain.rollout.eyes import same_person
from workflow_service.entrypoints.http.rollouts import acting_caller


def caller(subject: str, *assignments: Assignment) -> Principal:
    return Principal(subject, "https://people.example.se", frozenset(assignments))


ADMINISTRATOR = Assignment("administrator", EVERY_UNIT, below=True)
APPROVER = Assignment("approver", EVERY_UNIT, below=True)
FOR_P = Assignment("approver", EVERY_UNIT, below=True, standing_for="p")


async def test_who_proposes_as_administrator_is_also_whom_they_approve_for() -> None:
    """Proposing needs the role administrator, which D has themselves: that is no other person."""
    proposed = await acting_caller(caller("d", ADMINISTRATOR, FOR_P))
    assert same_person(proposed, await acting_caller(caller("p", APPROVER)))
    assert same_person(proposed, await acting_caller(caller("e", FOR_P)))
    assert not same_person(proposed, await acting_caller(caller("q", APPROVER)))


async def test_standing_in_where_nothing_is_decided_makes_nobody_the_same() -> None:
    of_unit = Assignment("deputy", "rehab", below=True, standing_for="m")
    proposed = await acting_caller(caller("d", ADMINISTRATOR, of_unit))
    assert not same_person(proposed, await acting_caller(caller("m", APPROVER)))
