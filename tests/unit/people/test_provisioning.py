"""What SCIM's changes to users and groups do to persons."""

from dataclasses import replace
from datetime import date
from typing import Any

from people_service.application import handlers, provisioning
from people_service.application.commands import RememberUnit
from people_service.application.scim_ports import ScimResource
from people_service.domain.person import Assignment
from unit.people.builders import NOW, person, refused
from unit.people.fakes import FakeUnitOfWork, Store
from unit.people.scim_builders import RULES, comparable, group, user

EMPLOYEE = Assignment("employee", "rehab", source="scim")
MANAGER = Assignment("manager", "heart", source="scim")
IMPORTED = person(1, ("manager", "lab"))


class Provider:
    """A provisioning client of its own store."""

    def __init__(self, **people: Any) -> None:
        self.uow = FakeUnitOfWork(Store(**people))

    async def create(self, document: dict[str, Any]) -> ScimResource:
        kind: Any = "User" if "userName" in document else "Group"
        return await provisioning.create(kind, document, comparable(document), self.uow, RULES)

    async def change(self, before: ScimResource, document: dict[str, Any]) -> ScimResource:
        return await provisioning.change(before, document, comparable(document), self.uow, RULES)

    async def delete(self, resource: ScimResource) -> None:
        await provisioning.delete(resource, self.uow, RULES)

    def held(self, person_id: str) -> set[Assignment] | None:
        known = self.uow.store.people.get(person_id)
        return {*known.assignments} if known else None


async def test_a_change_counts_versions_and_follows_the_user() -> None:
    client = Provider()
    made = await client.create(user())
    assert made.version == 1
    changed = await client.change(made, user(unit="heart", displayName="Exempel Ny"))
    assert (changed.version, changed.created) == (2, made.created)
    assert client.uow.store.people["p-0001"].name == "Exempel Ny"
    assert client.held("p-0001") == {Assignment("employee", "heart", source="scim")}


async def test_a_renamed_group_gives_all_members_the_other_role() -> None:
    client = Provider()
    users = [await client.create(user(n)) for n in (1, 2)]
    made = await client.create(group("manager:heart", *users, "not-a-user"))
    assert client.held("p-0001") == client.held("p-0002") == {EMPLOYEE, MANAGER}
    await client.change(made, group("just a group", *users))
    assert client.held("p-0001") == client.held("p-0002") == {EMPLOYEE}


async def test_a_group_leaves_what_was_corrected_by_hand() -> None:
    client = Provider()
    made = await client.create(user())
    people = client.uow.store.people
    people["p-0001"] = corrected = replace(people["p-0001"], name="Exempel Rätt", phone="+46701740")
    await client.create(group("manager:heart", made))
    assert people["p-0001"] == replace(corrected, assignments=frozenset({EMPLOYEE, MANAGER}))
    await client.change(made, user())
    assert people["p-0001"].name == str(made.content["displayName"])


async def test_of_a_user_who_goes_a_group_forgets() -> None:
    client = Provider(people={"p-0001": IMPORTED})
    made = await client.create(user())
    its_group = await client.create(group("manager:heart", made))
    await client.delete(made)
    assert client.held("p-0001") == {*IMPORTED.assignments}
    left = client.uow.store.scim[its_group.resource_id]
    assert (left.version, left.content["members"], left.comparable["members"]) == (2, [], [])


async def test_a_person_is_deleted_with_their_last_source() -> None:
    client = Provider()
    made = await client.create(user())
    off = await client.change(made, user(active=False))
    assert client.held("p-0001") == set()
    await client.delete(off)
    assert client.held("p-0001") is None


async def test_a_user_with_another_id_is_another_person() -> None:
    client = Provider(people={"p-0001": IMPORTED})
    made = await client.create(user())
    await client.create(group("manager:heart", made))
    changed = await client.change(made, user(externalId="p-0009"))
    assert changed.person_id == "p-0009"
    assert client.held("p-0001") == {*IMPORTED.assignments}
    assert client.held("p-0009") == {EMPLOYEE, MANAGER}
    await client.change(changed, user(externalId="p-0010"))
    assert client.held("p-0009") is None


async def test_nobody_is_two_users() -> None:
    client = Provider()
    first = await client.create(user(1))
    second = await client.create(user(2))
    for taken in ({"externalId": "p-0001"}, {"userName": first.content["userName"].upper()}):
        with refused("scim-user-exists"):
            await client.create(user(3, **taken))
        with refused("scim-user-exists"):
            await client.change(second, user(2, **taken))


async def test_an_id_in_upper_case_means_the_person_of_an_import() -> None:
    client = Provider(people={"p-0001": IMPORTED})
    made = await client.create(user(externalId="P-0001"))
    assert made.person_id == "p-0001"
    assert (await client.create(user(2, externalId="P-0002"))).person_id == "P-0002"


async def test_every_change_is_in_the_audit_trail() -> None:
    client = Provider()
    made = await client.create(user())
    team = await client.create(group("manager:heart", made))
    await client.change(team, group("just a group", made))
    await client.delete(made)
    of_user, of_group = f"scim-user/{made.resource_id}", f"scim-group/{team.resource_id}"
    subjects = [subject for action, subject in client.uow.store.audited]
    assert subjects == [of_user, of_group, of_group, of_user]
    assert {action for action, _ in client.uow.store.audited} == {"persons.provision"}


async def test_a_client_that_does_not_know_of_a_merger_does_not_undo_it() -> None:
    client = Provider()
    made = await client.create(user())
    team = await client.create(group("manager:rehab", made))
    await handlers.remember_unit(RememberUnit("rehab", 2, NOW.date(), "heart"), client.uow)
    merged = client.held("p-0001")
    last = date(2026, 3, 1)
    assert merged == {
        Assignment(role, unit_id, first, until, "scim")
        for role in ("employee", "manager")
        for unit_id, first, until in (("rehab", None, last), ("heart", NOW.date(), None))
    }
    await client.change(made, user(displayName="Exempel Ny"))
    assert client.held("p-0001") == merged
    await client.change(team, group("manager:rehab", made))
    assert client.held("p-0001") == merged


def at_work(number: str) -> list[dict[str, str]]:
    return [{"value": "070-174 06 99", "type": "mobile"}, {"value": number, "type": "Work"}]


async def test_a_phone_number_at_work_is_kept_until_scim_or_another_takes_it_away() -> None:
    client = Provider()
    numbers = at_work("tel:+46-70-174-06-05")
    made = await client.create(user(phoneNumbers=numbers))
    people = client.uow.store.people
    assert people["p-0001"].phone == "+46701740605"
    without = await client.change(made, user())
    assert people["p-0001"].phone == ""
    people["p-0001"] = replace(people["p-0001"], phone="+46701740606", hsa_id="SE2321000016-1ABC")
    unreadable = await client.change(without, user(phoneNumbers=at_work("see the intranet")))
    assert people["p-0001"].phone == "+46701740606"
    assert people["p-0001"].hsa_id == "SE2321000016-1ABC"
    await client.change(unreadable, user(phoneNumbers=numbers))
    assert people["p-0001"].phone == "+46701740605"


async def test_what_was_given_by_hand_stays_whatever_scim_does() -> None:
    by_hand = Assignment("employee", "rehab", source="hand")
    client = Provider(people={"p-0001": replace(person(1), assignments=frozenset({by_hand}))})
    made = await client.create(user())
    assert client.held("p-0001") == {EMPLOYEE, by_hand}
    await client.change(made, user(active=False))
    assert client.held("p-0001") == {by_hand}
    await client.delete(made)
    assert client.held("p-0001") == {by_hand}
