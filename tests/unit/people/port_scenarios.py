"""What any unit of work of this service must do. Run against the fake and PostgreSQL."""

from collections.abc import Awaitable, Callable
from contextlib import AbstractAsyncContextManager
from dataclasses import dataclass, replace
from datetime import date, timedelta
from uuid import uuid4

from people_service.application.ports import Account, UnitOfWork
from people_service.application.scim_ports import ScimUnitOfWork
from people_service.domain.dissolution import Dissolution
from people_service.domain.management import Management
from people_service.domain.person import Assignment, Person
from people_service.domain.roles import RoleName
from unit.people.builders import deputised, person
from unit.people.scim_builders import group, scim_resource, user

OpenUnitOfWork = Callable[[], AbstractAsyncContextManager[ScimUnitOfWork]]
Scenario = Callable[[OpenUnitOfWork], Awaitable[None]]
TODAY, TOMORROW = date(2026, 3, 2), date(2026, 3, 3)
IDP = "https://idp"


@dataclass(frozen=True)
class Part:
    """A page of a list."""

    offset: int = 0
    limit: int = 20


async def a_delegation_gives_what_the_principal_holds_while_they_hold_it(
    uow: OpenUnitOfWork,
) -> None:
    until_friday = Assignment("manager", "rehab", None, date(2026, 3, 6))
    manager = replace(person(1), assignments=frozenset({until_friday}))
    async with uow() as tx:
        await tx.persons.save([manager, person(2)], "import")
        account = await tx.accounts.of_person("p-0001")
        assert await tx.accounts.of_person("p-0001") == account
        assert await tx.accounts.person_of(str(account)) == "p-0001"
        assert await tx.accounts.person_of("no account") is None
        given = deputised(account)
        await tx.delegations.save(given)
    async with uow() as tx:
        assert await tx.delegations.get(given.delegation_id) == given
        assert await tx.delegations.page("p-0001", Part()) == ([given], 1)
        assert await tx.delegations.page("p-0003", Part()) == ([], 0)
        assert await tx.delegations.page(None, Part(1)) == ([], 1)
        deputy = (await tx.persons.of_ids(["p-0002"]))["p-0002"]
        [held] = deputy.assignments - person(2).assignments
        friday = date(2026, 3, 6)
        assert held == Assignment("deputy", "rehab", TODAY, friday, "delegation", account)
        assert await tx.persons.managers_of("rehab", TODAY) == ["p-0001", "p-0002"]
        assert await tx.persons.managers_of("rehab", date(2026, 3, 7)) == []
        signed_in = await tx.accounts.keep(IDP, "a", "p-0001", TODAY)
        assert isinstance(signed_in, Account)
        assert signed_in.account_id == account


async def a_delegation_that_ended_gives_nothing_from_that_day(uow: OpenUnitOfWork) -> None:
    async with uow() as tx:
        await tx.persons.save([person(1, ("manager", "rehab")), person(2)], "import")
        given = deputised(await tx.accounts.of_person("p-0001"))
        await tx.delegations.save(given)
        await tx.delegations.save(replace(given, ended_on=TODAY))
        assert await tx.persons.managers_of("rehab", TODAY) == ["p-0001"]
        assert await tx.delegations.to_remind_of(TODAY, date(2026, 3, 9)) == []


async def each_delegation_is_reminded_of_once(uow: OpenUnitOfWork) -> None:
    async with uow() as tx:
        await tx.persons.save([person(1, ("manager", "rehab")), person(2)], "import")
        given = deputised(await tx.accounts.of_person("p-0001"))
        await tx.delegations.save(given)
        assert await tx.delegations.to_remind_of(TODAY, date(2026, 3, 8)) == []
        assert await tx.delegations.to_remind_of(TODAY, date(2026, 3, 9)) == [given]
        assert await tx.delegations.to_remind_of(TODAY, date(2026, 3, 9)) == []


async def persons_are_replaced_with_their_assignments(uow: OpenUnitOfWork) -> None:
    async with uow() as tx:
        await tx.persons.save([person(1), person(2, ("manager", "rehab"))], "import")
    moved = person(1, ("employee", "heart"), ("manager", "rehab"), language="en")
    async with uow() as tx:
        await tx.persons.save([moved], "import")
        known = await tx.persons.all_locked()
        assert known == {"p-0001": moved, "p-0002": person(2, ("manager", "rehab"))}
        assert await tx.persons.of_ids(["p-0001", "nobody"]) == {"p-0001": moved}
        assert await tx.persons.with_address("PERSON0001@example.se") == [moved]


async def a_source_changes_its_own_assignments_only(uow: OpenUnitOfWork) -> None:
    imported = person(1, ("manager", "rehab"))
    same_by_scim = Assignment("manager", "rehab", source="scim")
    by_scim = Assignment("employee", "heart", source="scim")
    async with uow() as tx:
        await tx.persons.save([imported], "import")
        await tx.persons.save(
            [replace(imported, assignments=frozenset({same_by_scim, by_scim}))], "scim"
        )
        await tx.persons.save([person(1, ("facilitator", "rehab"), language="en")], "import")
        one = (await tx.persons.of_ids(["p-0001"]))["p-0001"]
        assert one.language == "en"
        facilitator = Assignment("facilitator", "rehab")
        assert one.assignments == {facilitator, same_by_scim, by_scim}
        await tx.persons.save([replace(one, assignments=frozenset())], "scim")
        one = (await tx.persons.of_ids(["p-0001"]))["p-0001"]
        assert one.assignments == {facilitator}


async def a_removed_person_is_gone_and_their_account_stays_theirs(uow: OpenUnitOfWork) -> None:
    async with uow() as tx:
        await tx.persons.save([person(1)], "import")
        account = await keep(tx, "a", "p-0001")
        assert await tx.persons.remove("p-0001")
        assert not await tx.persons.remove("p-0001")
        assert await tx.persons.of_unit("rehab", TODAY) == []
        nobodys = replace(account, person_id=None)
        assert await tx.accounts.find("https://idp", "a", TODAY) == (nobodys, None)
        await tx.persons.save([person(1)], "import")
        assert await keep(tx, "a", "p-0001") == account


async def a_unit_is_its_employees_and_those_who_lead_it(uow: OpenUnitOfWork) -> None:
    people = [
        person(1),
        person(2, ("manager", "rehab"), ("employee", "heart")),
        person(3, ("employee", "heart"), ("deputy", "rehab")),
        person(4, ("administrator", "")),
        person(5, ("administrator", "heart"), ("facilitator", "rehab")),
    ]
    async with uow() as tx:
        await tx.persons.save(people, "import")
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
        await tx.persons.save([someone], "import")
        assert await tx.persons.all_locked() == {"p-0001": someone}
        found = {day: await tx.persons.of_unit("rehab", date(2026, 3, day)) for day in range(1, 5)}
        assert found == {1: ["p-0001"], 2: ["p-0001"], 3: ["p-0001"], 4: []}
        assert await tx.persons.of_unit("rehab", date(2026, 2, 28)) == []
        assert await tx.persons.of_unit("rehab", date(2030, 1, 1)) == ["p-0001"]


async def a_unit_has_the_managers_of_the_day_and_its_deputies_are_none(
    uow: OpenUnitOfWork,
) -> None:
    until = Assignment("manager", "rehab", None, TODAY)
    leaving = replace(person(1), assignments=frozenset({until}))
    async with uow() as tx:
        await tx.persons.save(
            [leaving, person(2, ("manager", "rehab")), person(3, ("deputy", "heart"))], "import"
        )
        assert await tx.persons.managers_by_unit(TODAY) == {"rehab": {"p-0001", "p-0002"}}
        tomorrow = TODAY + timedelta(days=1)
        assert await tx.persons.managers_by_unit(tomorrow) == {"rehab": {"p-0002"}}


async def what_was_announced_of_managers_is_read_as_written(uow: OpenUnitOfWork) -> None:
    first = Management("rehab", frozenset({"p-1", "p-2"}), frozenset({"p-2"}), 1)
    vacant = Management("rehab", frozenset(), frozenset(), 2)
    async with uow() as tx:
        assert await tx.managements.newcomers("rehab") == frozenset()
        await tx.managements.save([])
        await tx.managements.save([first])
        assert await tx.managements.all_locked() == {"rehab": first}
        assert await tx.managements.newcomers("rehab") == {"p-2"}
    async with uow() as tx:
        await tx.managements.save([vacant])
        assert await tx.managements.all_locked() == {"rehab": vacant}


async def units_are_known_once_they_are_reported(uow: OpenUnitOfWork) -> None:
    async with uow() as tx:
        newer = [await tx.units.remember("rehab", version) for version in (2, 1, 2, 3)]
        assert newer == [True, False, False, True]
        assert await tx.units.known() == {"rehab"}


async def units_that_ended_are_known_with_their_people(uow: OpenUnitOfWork) -> None:
    end = Dissolution("rehab", TODAY, "heart")
    async with uow() as tx:
        await tx.units.remember("rehab", 1)
        await tx.units.remember("heart", 1)
        await tx.units.dissolve(end)
        assert await tx.units.dissolved() == {"rehab": end}
        nobody = replace(person(2), assignments=frozenset())
        await tx.persons.save([person(1), person(3, ("manager", "heart"))], "import")
        await tx.persons.save([nobody], "import")
        assert await tx.persons.assigned_locked("rehab") == [person(1)]
        assert await tx.persons.of_ids(["p-0002"]) == {"p-0002": nobody}


async def an_account_stays_when_it_is_known_whose_it_is(uow: OpenUnitOfWork) -> None:
    async with uow() as tx:
        await tx.persons.save(
            [person(1, ("manager", "rehab"), ("employee", "heart")), person(2)], "import"
        )
        assert await tx.accounts.find("https://idp", "a", TODAY) is None
        before = await keep(tx, "a", None)
        assert await keep(tx, "a", None) == before
        known = await keep(tx, "a", "p-0001")
        assert known == replace(before, person_id="p-0001")
        assert await tx.accounts.keep(IDP, "another", "p-0001", TODAY) == "another-identity"
        assert await tx.accounts.keep(IDP, "a", "p-0002", TODAY) == "another-person"
        assert await tx.accounts.keep(IDP, "a", None, TODAY) == "another-person"
        found = await tx.accounts.find(IDP, "a", TODAY)
        assert found == (known, (await tx.persons.of_ids(["p-0001"]))["p-0001"])
        elsewhere = await tx.accounts.keep("https://other", "b", "p-0001", TODAY)
        assert elsewhere == known
        assert await tx.accounts.keep("https://other", "c", "p-0002", TODAY) != known


async def an_identity_is_known_since_a_day_and_used_on_another(uow: OpenUnitOfWork) -> None:
    async with uow() as tx:
        await tx.persons.save([person(1), person(2)], "import")
        await keep(tx, "a", "p-0001")
        for day in (TOMORROW, TODAY):
            await tx.accounts.find(IDP, "a", day)
        ((one,), released) = await tx.identities.of_person("p-0001")
        assert (one.issuer, one.subject, released) == (IDP, "a", [])
        assert (one.first_seen, one.last_used) == (TODAY, TOMORROW)
        assert await tx.identities.of_person("p-0002") == ([], [])


async def a_released_identity_is_never_theirs_again(uow: OpenUnitOfWork) -> None:
    async with uow() as tx:
        await tx.persons.save([person(1), person(2)], "import")
        theirs = await keep(tx, "a", "p-0001")
        ((one,), _) = await tx.identities.of_person("p-0001")
        assert not await tx.identities.release(one.identity_id, "p-0002", "admin", "mistaken")
        assert await tx.identities.release(one.identity_id, "p-0001", "admin", "new account")
        assert not await tx.identities.release(one.identity_id, "p-0001", "admin", "again")
        found = await tx.accounts.find(IDP, "a", TODAY)
        assert found is not None
        assert found[0].person_id is None
        assert found[0].account_id != theirs.account_id
        assert await tx.accounts.keep(IDP, "a", "p-0001", TODAY) == "released"
        known, (released,) = await tx.identities.of_person("p-0001")
        assert (known, released.subject, released.reason) == ([], "a", "new account")
        assert await keep(tx, "new", "p-0001") == theirs
        assert await tx.identities.taken(one.identity_id) == {("p-0001", "admin")}
        assert await tx.accounts.keep(IDP, "a", "p-0002", TODAY) == "released-from-another"
        await tx.identities.refuse(IDP, "a", "released-from-another", "p-0002")
        account = await tx.accounts.of_person("p-0002")
        assert await tx.identities.join(one.identity_id, "p-0002", account) is not None
        assert await keep(tx, "a", "p-0002") == Account(account, "p-0002")


async def accounts_are_found_for_many_and_made_for_none(uow: OpenUnitOfWork) -> None:
    async with uow() as tx:
        await tx.persons.save([person(1), person(2), person(3)], "import")
        first = await keep(tx, "a", "p-0001")
        second = await keep(tx, "b", "p-0002")
        ((one,), _) = await tx.identities.of_person("p-0002")
        assert await tx.identities.release(one.identity_id, "p-0002", "admin", "lost")
        everybody = ["p-0001", "p-0002", "p-0003"]
        expected = {"p-0001": {first.account_id}, "p-0002": {second.account_id}}
        assert await tx.accounts.of_persons(everybody) == expected
        assert await tx.accounts.of_persons(["p-0003"]) == {}


async def a_release_outlives_the_person(uow: OpenUnitOfWork) -> None:
    async with uow() as tx:
        await tx.persons.save([person(1), person(2)], "import")
        theirs = await keep(tx, "a", "p-0001")
        ((one,), _) = await tx.identities.of_person("p-0001")
        await tx.identities.release(one.identity_id, "p-0001", "admin", "stolen")
        assert await tx.persons.remove("p-0001")
        assert await tx.accounts.keep(IDP, "a", "p-0002", TODAY) == "released-from-another"
        assert await tx.identities.taken(one.identity_id) == {("p-0001", "admin")}
        await tx.persons.save([person(1)], "import")
        known, (released,) = await tx.identities.of_person("p-0001")
        assert (known, released.reason) == ([], "stolen")
        assert await tx.accounts.keep(IDP, "a", "p-0001", TODAY) == "released"
        assert await keep(tx, "new", "p-0001") == theirs


async def two_accounts_that_may_have_acted_are_not_made_one(uow: OpenUnitOfWork) -> None:
    async with uow() as tx:
        await tx.persons.save([person(1)], "import")
        await tx.accounts.of_person("p-0001")
        theirs = await keep(tx, "a", "p-0001")
        other = await tx.accounts.keep("https://other", "b", None, TODAY)
        assert isinstance(other, Account)
        refused = await tx.accounts.keep("https://other", "b", "p-0001", TODAY)
        assert refused == "another-account"
        assert await tx.accounts.find("https://other", "b", TODAY) == (other, None)
        assert await tx.accounts.of_person("p-0001") == theirs.account_id

        ((one,), _) = await tx.identities.of_person("p-0001")
        await tx.identities.release(one.identity_id, "p-0001", "admin", "new account")
        refused = await tx.accounts.keep("https://other", "b", "p-0001", TODAY)
        assert refused == "another-account"
        assert await tx.accounts.of_person("p-0001") == theirs.account_id


async def an_identity_with_an_account_of_its_own_is_joined_if_it_waits(uow: OpenUnitOfWork) -> None:
    async with uow() as tx:
        await tx.persons.save([person(1), person(2), person(3)], "import")
        theirs = await keep(tx, "a", "p-0001")
        other = await tx.accounts.keep("https://other", "b", "p-0003", TODAY)
        assert isinstance(other, Account)
        ((one,), _) = await tx.identities.of_person("p-0003")
        await tx.persons.remove("p-0003")
        account, join = theirs.account_id, tx.identities.join
        assert await join(one.identity_id, "p-0001", account) is None
        await tx.identities.refuse("https://other", "b", "another-account", "p-0001")
        assert await join(one.identity_id, "p-0002", account) is None
        assert await join(one.identity_id, "p-0001", account) == other.account_id
        assert await join(one.identity_id, "p-0001", account) is None
        joined = await tx.accounts.keep("https://other", "b", "p-0001", TODAY)
        assert joined == replace(theirs, person_id="p-0001")


async def nobodys_account_is_not_the_one_that_was_released(uow: OpenUnitOfWork) -> None:
    async with uow() as tx:
        await tx.persons.save([person(1)], "import")
        theirs = await keep(tx, "a", "p-0001")
        ((one,), _) = await tx.identities.of_person("p-0001")
        await tx.identities.release(one.identity_id, "p-0001", "admin", "left")
        assert (await keep(tx, "a", None)).account_id != theirs.account_id
        assert await tx.accounts.keep(IDP, "a", "p-0001", TODAY) == "released"


async def keep(tx: UnitOfWork, subject: str, person_id: str | None) -> Account:
    """The account of an identity that may be theirs."""
    kept = await tx.accounts.keep(IDP, subject, person_id, TODAY)
    assert isinstance(kept, Account)
    return kept


async def users_and_groups_of_scim_are_found_again(uow: OpenUnitOfWork) -> None:
    async with uow() as tx:
        await tx.persons.save([person(1)], "scim")
        one = scim_resource("User", user(1), person_id="p-0001")
        team = scim_resource("Group", group("manager:rehab", one))
        other = scim_resource("Group", group("others", str(uuid4())))
        for resource in (one, team, other):
            await tx.scim.add(resource)
    async with uow() as tx:
        await tx.scim.lock()
        assert await tx.scim.get("User", one.resource_id) == one
        assert await tx.scim.get("Group", one.resource_id) is None
        assert await tx.scim.users([one.resource_id, team.resource_id, uuid4()]) == [one]
        assert await tx.scim.user_named("person0001@example.se") == one
        assert await tx.scim.user_named("nobody") is None
        assert await tx.scim.user_of("p-0001") == one
        assert await tx.scim.groups_with(one.resource_id) == [team]
        assert await tx.scim.referring_to(one.resource_id) == [team]
        changed = replace(team, version=2, content={"displayName": "empty"}, comparable={})
        await tx.scim.replace(changed)
        assert await tx.scim.groups_with(one.resource_id) == []
        assert await tx.scim.get("Group", team.resource_id) == changed
        await tx.scim.remove(team.resource_id)
        assert await tx.scim.get("Group", team.resource_id) is None


async def a_removed_person_takes_their_user_along(uow: OpenUnitOfWork) -> None:
    async with uow() as tx:
        await tx.persons.save([person(1)], "scim")
        one = scim_resource("User", user(1), person_id="p-0001")
        await tx.scim.add(one)
        assert await tx.persons.remove("p-0001")
        assert await tx.scim.get("User", one.resource_id) is None


async def an_account_has_the_person_of_any_of_its_identities(uow: OpenUnitOfWork) -> None:
    async with uow() as tx:
        await tx.persons.save([person(1)], "import")
        account = await keep(tx, "a", None)
        assert await tx.accounts.person_of(str(account.account_id)) is None
        await keep(tx, "a", "p-0001")
        assert await tx.accounts.person_of(str(account.account_id)) == "p-0001"
        assert await tx.accounts.person_of(str(uuid4())) is None


async def a_gift_is_forgotten_when_somebody_known_gives_it_too(uow: OpenUnitOfWork) -> None:
    auditor: tuple[str, RoleName] = ("p-0001", "auditor")
    approver: tuple[str, RoleName] = ("p-0001", "approver")
    async with uow() as tx:
        await tx.persons.save([person(1), person(2)], "import")
        await tx.role_gifts.record([auditor, approver, ("p-0002", "auditor")], uuid4())
        await tx.role_gifts.record([approver], uuid4())
        await tx.role_gifts.record([], uuid4())
        await tx.role_gifts.confirm([auditor, ("nobody", "auditor")])
        await tx.role_gifts.confirm([])
        assert await tx.role_gifts.unconfirmed() == {approver, ("p-0002", "auditor")}


async def a_gift_counts_for_nobody_until_it_is_confirmed(uow: OpenUnitOfWork) -> None:
    approver = Assignment("approver", "")
    by_hand = replace(approver, source="hand")
    gift: tuple[str, RoleName] = ("p-0001", "approver")
    gifts: list[tuple[str, RoleName]] = [gift, ("p-0002", "administrator")]
    people = [person(1, ("approver", ""), ("manager", "rehab")), person(2, ("administrator", ""))]

    async def counting(person_id: str) -> set[Assignment]:
        async with uow() as tx:
            one = (await tx.persons.of_ids([person_id]))[person_id]
            return {held for held in one.assignments if held.holds_on(TODAY)}

    async with uow() as tx:
        await tx.persons.save([*people, person(3)], "import")
        await tx.role_gifts.record(gifts, uuid4())
        account = await tx.accounts.of_person("p-0001")
        given = deputised(account, role="approver", unit_id="", delegate_id="p-0003")
        await tx.delegations.save(given)
        assert await tx.persons.administrators(TODAY) == []
        stored = (await tx.persons.all_locked())["p-0001"]
        assert approver in stored.assignments
    assert await counting("p-0001") == {Assignment("manager", "rehab")}
    assert await counting("p-0003") == person(3).assignments
    async with uow() as tx:
        await tx.persons.save([replace(people[0], assignments=frozenset({by_hand}))], "hand")
    assert by_hand in await counting("p-0001")
    standing_in = await counting("p-0003") - person(3).assignments
    assert {one.source for one in standing_in} == {"delegation"}
    async with uow() as tx:
        await tx.role_gifts.confirm(gifts)
        assert await tx.persons.administrators(TODAY) == ["p-0002"]
    assert approver in await counting("p-0001")


async def joiners_are_told_once_when_their_day_has_come(uow: OpenUnitOfWork) -> None:
    def from_day(number: int, role: RoleName, unit: str, first: int) -> Person:
        begins = Assignment(role, unit, date(2026, 3, first))
        return replace(person(number), assignments=frozenset({begins}))

    people = [
        from_day(1, "employee", "rehab", 4),
        from_day(2, "manager", "heart", 5),
        from_day(3, "facilitator", "lab", 5),
        from_day(4, "employee", "late", 7),
        person(5),
    ]
    async with uow() as tx:
        await tx.persons.save(people, "import")
        assert await tx.joiners.day() is None
        assert await tx.joiners.begun(date(2026, 3, 3)) == set()
        assert await tx.joiners.day() == date(2026, 3, 3)
        assert await tx.joiners.begun(date(2026, 3, 5)) == {"rehab", "heart"}
        assert await tx.joiners.begun(date(2026, 3, 5)) == set()
        assert await tx.joiners.begun(date(2026, 3, 6)) == set()


async def whoever_acted_before_they_were_known_keeps_that_account(uow: OpenUnitOfWork) -> None:
    async with uow() as tx:
        before = await tx.accounts.keep("https://idp", "a", None, TODAY)
        assert isinstance(before, Account)
        await tx.persons.save([person(1, ("manager", "rehab")), person(2)], "import")
        known = await tx.accounts.keep("https://idp", "a", "p-0001", TODAY)
        assert known == replace(before, person_id="p-0001")
        assert await tx.accounts.of_person("p-0001") == before.account_id


async def an_account_that_somebody_stands_for_is_never_replaced(uow: OpenUnitOfWork) -> None:
    async with uow() as tx:
        nobodys = await keep(tx, "a", None)
        await tx.persons.save([person(1, ("manager", "rehab")), person(2)], "import")
        given = deputised(await tx.accounts.of_person("p-0001"))
        await tx.delegations.save(given)
        assert await tx.persons.remove("p-0002")
        assert await tx.accounts.keep(IDP, "a", "p-0001", TODAY) == "another-account"
        assert await tx.accounts.of_person("p-0001") == given.standing_for
        assert await tx.accounts.find(IDP, "a", TODAY) == (nobodys, None)
        assert (await keep(tx, "new", "p-0001")).account_id == given.standing_for


async def whoever_comes_back_has_the_account_that_they_had(uow: OpenUnitOfWork) -> None:
    other = "https://other"
    async with uow() as tx:
        await tx.persons.save([person(1), person(2)], "import")
        theirs = await keep(tx, "a", "p-0001")
        assert await tx.persons.remove("p-0001")
        await tx.persons.save([person(1)], "import")
        assert await tx.accounts.of_person("p-0001") == theirs.account_id
        assert await tx.accounts.keep(other, "b", "p-0001", TODAY) == theirs
        assert await tx.accounts.keep(IDP, "a", "p-0002", TODAY) == "another-account"
        assert await keep(tx, "a", "p-0001") == theirs
        assert await tx.persons.remove("p-0001")
        taken = await keep(tx, "a", "p-0002")
        assert taken.account_id == theirs.account_id
        await tx.persons.save([person(1)], "import")
        assert await tx.accounts.of_person("p-0001") != theirs.account_id


async def a_released_identity_brings_nobody_back(uow: OpenUnitOfWork) -> None:
    async with uow() as tx:
        await tx.persons.save([person(1)], "import")
        theirs = await keep(tx, "stolen", "p-0001")
        ((one,), _) = await tx.identities.of_person("p-0001")
        await tx.identities.release(one.identity_id, "p-0001", "admin", "stolen")
        assert await tx.persons.remove("p-0001")
        await tx.persons.save([person(1)], "import")
        assert await tx.accounts.of_person("p-0001") == theirs.account_id


async def a_person_is_found_by_their_hsa_id_which_two_may_exchange(uow: OpenUnitOfWork) -> None:
    one = replace(person(1), hsa_id="SE2321000016-1ABC", phone="+46701740605")
    other = replace(person(2), hsa_id="SE2321000016-2ABC")
    async with uow() as tx:
        await tx.persons.save([one, other, person(3), person(4)], "import")
    async with uow() as tx:
        assert await tx.persons.one_locked("p-0001") == one
        assert await tx.persons.one_locked("nobody") is None
        assert await tx.persons.with_hsa_id("SE2321000016-2ABC") == other
        assert await tx.persons.with_hsa_id("SE2321000016-3ABC") is None
        exchanged = [replace(one, hsa_id=other.hsa_id), replace(other, hsa_id=one.hsa_id)]
        await tx.persons.save(exchanged, "hand")
    async with uow() as tx:
        found = await tx.persons.with_hsa_id("SE2321000016-1ABC")
        assert found == exchanged[1]
        await tx.persons.save([replace(one, hsa_id="", phone="")], "hand")
        assert (await tx.persons.of_ids(["p-0001"]))["p-0001"] == person(1)


SCENARIOS: list[Scenario] = [
    a_person_is_found_by_their_hsa_id_which_two_may_exchange,
    whoever_acted_before_they_were_known_keeps_that_account,
    an_account_that_somebody_stands_for_is_never_replaced,
    whoever_comes_back_has_the_account_that_they_had,
    a_released_identity_brings_nobody_back,
    an_account_has_the_person_of_any_of_its_identities,
    a_gift_is_forgotten_when_somebody_known_gives_it_too,
    a_gift_counts_for_nobody_until_it_is_confirmed,
    joiners_are_told_once_when_their_day_has_come,
    persons_are_replaced_with_their_assignments,
    a_source_changes_its_own_assignments_only,
    a_removed_person_is_gone_and_their_account_stays_theirs,
    a_unit_is_its_employees_and_those_who_lead_it,
    an_assignment_holds_from_its_first_day_to_its_last,
    a_unit_has_the_managers_of_the_day_and_its_deputies_are_none,
    what_was_announced_of_managers_is_read_as_written,
    units_are_known_once_they_are_reported,
    units_that_ended_are_known_with_their_people,
    an_account_stays_when_it_is_known_whose_it_is,
    a_delegation_gives_what_the_principal_holds_while_they_hold_it,
    a_delegation_that_ended_gives_nothing_from_that_day,
    each_delegation_is_reminded_of_once,
    users_and_groups_of_scim_are_found_again,
    a_removed_person_takes_their_user_along,
    an_identity_is_known_since_a_day_and_used_on_another,
    a_released_identity_is_never_theirs_again,
    accounts_are_found_for_many_and_made_for_none,
    a_release_outlives_the_person,
    nobodys_account_is_not_the_one_that_was_released,
]
