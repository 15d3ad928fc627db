"""What any unit of work of this service must do. Run against the fake and PostgreSQL."""

from collections.abc import Awaitable, Callable
from contextlib import AbstractAsyncContextManager
from dataclasses import replace
from datetime import date

from people_service.application.ports import UnitOfWork
from people_service.domain.person import Assignment
from unit.people.builders import person

OpenUnitOfWork = Callable[[], AbstractAsyncContextManager[UnitOfWork]]
Scenario = Callable[[OpenUnitOfWork], Awaitable[None]]
TODAY = date(2026, 3, 2)


async def persons_are_replaced_with_their_assignments(uow: OpenUnitOfWork) -> None:
    async with uow() as tx:
        await tx.persons.save([person(1), person(2, ("manager", "rehab"))])
    moved = person(1, ("employee", "heart"), ("manager", "rehab"), language="en")
    async with uow() as tx:
        await tx.persons.save([moved])
        known = await tx.persons.all_locked()
        assert known == {"p-0001": moved, "p-0002": person(2, ("manager", "rehab"))}
        assert await tx.persons.of_ids(["p-0001", "nobody"]) == {"p-0001": moved}
        assert await tx.persons.with_address("PERSON0001@example.se") == [moved]


async def a_removed_person_is_gone_and_their_account_stays_theirs(uow: OpenUnitOfWork) -> None:
    async with uow() as tx:
        await tx.persons.save([person(1)])
        account = await tx.accounts.keep("https://idp", "a", "p-0001")
        assert account is not None
        assert await tx.persons.remove("p-0001")
        assert not await tx.persons.remove("p-0001")
        assert await tx.persons.of_unit("rehab", TODAY) == []
        assert await tx.accounts.find("https://idp", "a") == replace(account, person_id=None)
        await tx.persons.save([person(1)])
        assert await tx.accounts.keep("https://idp", "a", "p-0001") == account


async def a_unit_is_its_employees_and_those_who_lead_it(uow: OpenUnitOfWork) -> None:
    people = [
        person(1),
        person(2, ("manager", "rehab"), ("employee", "heart")),
        person(3, ("employee", "heart"), ("deputy", "rehab")),
        person(4, ("administrator", "")),
        person(5, ("administrator", "heart"), ("facilitator", "rehab")),
    ]
    async with uow() as tx:
        await tx.persons.save(people)
        assert await tx.persons.of_unit("rehab", TODAY) == ["p-0001", "p-0002", "p-0003"]
        assert await tx.persons.of_unit("heart", TODAY) == ["p-0002", "p-0003"]
        assert await tx.persons.of_unit("unknown", TODAY) == []
        assert await tx.persons.administrators(TODAY) == ["p-0004"]
        assert await tx.persons.managers(TODAY) == ["p-0002", "p-0003"]


async def an_assignment_holds_from_its_first_day_to_its_last(uow: OpenUnitOfWork) -> None:
    first, last = date(2026, 3, 1), date(2026, 3, 3)
    limited = Assignment("employee", "rehab", first, last)
    later = Assignment("employee", "rehab", date(2026, 9, 1))
    someone = replace(person(1), assignments=frozenset({limited, later}))
    async with uow() as tx:
        await tx.persons.save([someone])
        assert await tx.persons.all_locked() == {"p-0001": someone}
        found = {day: await tx.persons.of_unit("rehab", date(2026, 3, day)) for day in range(1, 5)}
        assert found == {1: ["p-0001"], 2: ["p-0001"], 3: ["p-0001"], 4: []}
        assert await tx.persons.of_unit("rehab", date(2026, 2, 28)) == []
        assert await tx.persons.of_unit("rehab", date(2030, 1, 1)) == ["p-0001"]


async def the_workflows_manager_wins_over_the_imports(uow: OpenUnitOfWork) -> None:
    async with uow() as tx:
        await tx.persons.save([person(1, ("manager", "rehab")), person(2, ("manager", "heart"))])
        await tx.units.assign_manager("rehab", "p-0002", 1)
        assert await tx.persons.managers_of("rehab", TODAY) == ["p-0002"]
        assert await tx.persons.managers(TODAY) == ["p-0002"]
        await tx.units.assign_manager("rehab", "nobody-known", 3)
        await tx.units.assign_manager("rehab", "p-0001", 2)
        assert await tx.persons.managers_of("rehab", TODAY) == []
        assert await tx.units.managers() == {"rehab": "nobody-known"}


async def units_are_known_once_they_are_reported(uow: OpenUnitOfWork) -> None:
    async with uow() as tx:
        for version in (2, 1, 3):
            await tx.units.remember("rehab", version)
        assert await tx.units.known() == {"rehab"}


async def an_account_stays_when_it_is_known_whose_it_is(uow: OpenUnitOfWork) -> None:
    async with uow() as tx:
        await tx.persons.save([person(1), person(2)])
        before = await tx.accounts.keep("https://idp", "a", None)
        assert before is not None
        assert await tx.accounts.keep("https://idp", "a", None) == before
        known = await tx.accounts.keep("https://idp", "a", "p-0001")
        assert known == replace(before, person_id="p-0001")
        assert await tx.accounts.keep("https://idp", "another", "p-0001") is None
        assert await tx.accounts.keep("https://idp", "a", "p-0002") is None
        assert await tx.accounts.keep("https://idp", "a", None) is None
        assert await tx.accounts.find("https://idp", "a") == known
        elsewhere = await tx.accounts.keep("https://other", "b", "p-0001")
        assert elsewhere == known
        assert await tx.accounts.keep("https://other", "c", "p-0002") != known


SCENARIOS: list[Scenario] = [
    persons_are_replaced_with_their_assignments,
    a_removed_person_is_gone_and_their_account_stays_theirs,
    a_unit_is_its_employees_and_those_who_lead_it,
    an_assignment_holds_from_its_first_day_to_its_last,
    the_workflows_manager_wins_over_the_imports,
    units_are_known_once_they_are_reported,
    an_account_stays_when_it_is_known_whose_it_is,
]
