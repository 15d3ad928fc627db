"""What any unit of work does about one-time codes. Run against the fake and PostgreSQL."""

from collections.abc import Awaitable, Callable
from contextlib import AbstractAsyncContextManager
from dataclasses import replace
from datetime import timedelta
from uuid import UUID, uuid4

from people_service.application.code_ports import Code, CodesUnitOfWork, Round, UnitPlace
from people_service.domain.guessing import Failures
from people_service.domain.person import Assignment
from unit.people.builders import NOW, person
from unit.people.port_scenarios import TODAY

OpenUnitOfWork = Callable[[], AbstractAsyncContextManager[CodesUnitOfWork]]
Scenario = Callable[[OpenUnitOfWork], Awaitable[None]]
ROUND = Round(
    UUID("3f2b8c1e-8d0a-4c57-9d0e-5a1f0c6b7e21"), "rehab", NOW + timedelta(days=7), True, NOW
)


def later(days: int, **changes: object) -> Round:
    """The round as reported some days later."""
    return replace(ROUND, as_of=NOW + timedelta(days=days), **changes)  # type: ignore[arg-type]


async def a_round_is_as_it_was_reported_last(uow: OpenUnitOfWork) -> None:
    extended = later(2, closes_at=NOW + timedelta(days=9))
    async with uow() as tx:
        assert await tx.rounds.locked(ROUND.round_id) is None
        for reported in (later(1), extended, ROUND):
            await tx.rounds.remember(reported)
        assert await tx.rounds.locked(ROUND.round_id) == extended


async def a_round_that_has_closed_stays_closed(uow: OpenUnitOfWork) -> None:
    closed = later(3, is_open=False)
    async with uow() as tx:
        await tx.rounds.remember(later(4))
        await tx.rounds.remember(closed)
        await tx.rounds.remember(later(5))
        assert await tx.rounds.locked(ROUND.round_id) == closed


async def codes_are_found_by_their_digest_until_they_are_forgotten(uow: OpenUnitOfWork) -> None:
    one, other = (Code(bytes([n]) * 32, ROUND.round_id, uuid4()) for n in (2, 1))
    async with uow() as tx:
        await tx.rounds.remember(ROUND)
        await tx.codes.add([])
        await tx.codes.add([one, other])
        assert await tx.codes.count(ROUND.round_id) == 2
        assert await tx.codes.find(one.digest) == (one, ROUND)
        assert await tx.codes.find(b"\0" * 32) is None
        await tx.codes.forget(uuid4())
        await tx.codes.forget(ROUND.round_id)
        assert await tx.codes.count(ROUND.round_id) == 0
        assert await tx.codes.find(one.digest) is None


async def failures_are_counted_by_place(uow: OpenUnitOfWork) -> None:
    some, more = Failures(3, NOW), Failures(4, NOW + timedelta(minutes=1))
    async with uow() as tx:
        assert await tx.failed_attempts.locked("192.0.2.1") == Failures()
        for failures in (some, more):
            await tx.failed_attempts.save("192.0.2.1", failures)
        await tx.failed_attempts.save("192.0.2.2", some)
    async with uow() as tx:
        await tx.failed_attempts.forget(NOW)
        seen = await tx.failed_attempts.seen({"192.0.2.1", "192.0.2.2"})
        assert seen == {"192.0.2.1": more, "192.0.2.2": Failures()}


async def units_stand_where_they_were_put_last(uow: OpenUnitOfWork) -> None:
    async with uow() as tx:
        for unit in (
            UnitPlace("rehab", "health", "Rehab", 2),
            UnitPlace("rehab", "elsewhere", "Old", 1),
            UnitPlace("health", "region", "Health", 1),
            UnitPlace("ring", "ring", "Ring", 1),
        ):
            await tx.unit_tree.place(unit)
        assert await tx.unit_tree.path("rehab") == {"rehab", "health", "region"}
        assert await tx.unit_tree.path("unknown") == {"unknown"}
        assert await tx.unit_tree.path("ring") == {"ring"}
        assert await tx.unit_tree.name("rehab") == "Rehab"
        assert await tx.unit_tree.name("unknown") == "unknown"


async def employees_are_those_of_the_day(uow: OpenUnitOfWork) -> None:
    ended = Assignment("employee", "rehab", valid_to=TODAY - timedelta(days=1))
    people = [
        replace(person(1), email=""),
        person(2, ("manager", "rehab")),
        replace(person(3), assignments=frozenset({ended})),
        person(4, ("employee", "rehab"), ("employee", "heart")),
        person(5, ("employee", "heart")),
    ]
    async with uow() as tx:
        await tx.persons.save(people, "import")
        found = await tx.employees.of_unit("rehab", TODAY)
        assert [one.person_id for one in found] == ["p-0001", "p-0004"]
        assert found[0] == people[0]


SCENARIOS: list[Scenario] = [
    a_round_is_as_it_was_reported_last,
    a_round_that_has_closed_stays_closed,
    codes_are_found_by_their_digest_until_they_are_forgotten,
    failures_are_counted_by_place,
    units_stand_where_they_were_put_last,
    employees_are_those_of_the_day,
]
