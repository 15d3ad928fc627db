"""No file changes the caller's own roles for the whole region, and none changes others' unseen."""

from dataclasses import replace
from datetime import date, timedelta

import pytest

from people_service.application.person_import import import_persons
from people_service.domain.person import Assignment
from people_service.domain.person_import import RegionRoleChange
from people_service.domain.roles import RoleName
from unit.people.builders import person, refused
from unit.people.test_person_import import TODAY, file, knowing, roles_of, row, signed_in

TOMORROW = TODAY + timedelta(days=1)
LIMITED = Assignment("administrator", "", None, TOMORROW)
TO_COME = Assignment("approver", "", date(2030, 1, 1), None)


@pytest.mark.parametrize(
    ("first", "last", "role"),
    [("", "", "administrator"), ("2026-03-02", TOMORROW.isoformat(), "approver")],
)
async def test_other_days_of_a_role_are_listed_and_refused_for_oneself(
    first: str, last: str, role: RoleName
) -> None:
    uow = knowing()
    both = frozenset({LIMITED, TO_COME})
    uow.store.people["p-0005"] = replace(person(5), assignments=both)
    first = first or "2030-01-01"
    rows = [
        row(5, role="administrator", unit_id="", valid_to=last),
        row(5, role="approver", unit_id="", valid_from=first),
    ]
    own = signed_in(uow, "p-0005", "p-0005")
    for dry_run in (True, False):
        with refused("own-region-role") as caught:
            await import_persons(file(*rows, account_id=own, dry_run=dry_run), uow)
    assert f"changes the days of your own role {role}" in caught.value.detail
    assert uow.store.people["p-0005"].assignments == both
    other = signed_in(uow, "p-0006", "p-0006")
    done = await import_persons(file(*rows, account_id=other), uow)
    assert done.region_roles == (RegionRoleChange("changed", role, "p-0005"),)


@pytest.mark.parametrize("dry_run", [True, False])
async def test_who_confirms_a_gift_is_shown_it(dry_run: bool) -> None:
    uow = knowing()
    giver = signed_in(uow, None, "p-0009")
    rows = [row(9, role="approver", unit_id=""), row(9)]
    await import_persons(file(*rows, account_id=giver), uow)
    uow.store.audited.clear()
    for unknown in (giver, signed_in(uow, None, "unknown")):
        again = await import_persons(file(*rows, account_id=unknown), uow)
        assert again.region_roles == ()
    other = signed_in(uow, "p-0005", "p-0005")
    uow.store.audited.clear()
    done = await import_persons(file(*rows, account_id=other, dry_run=dry_run), uow)
    assert done.region_roles == (RegionRoleChange("confirmed", "approver", "p-0009"),)
    noted = ("persons.change/import_persons", "person/p-0009")
    assert (noted in uow.store.audited) != dry_run
    counts = await roles_of(uow, "p-0009")
    assert counts == ({"employee"} if dry_run else {"employee", "approver"})
    assert (await import_persons(file(*rows, account_id=other), uow)).region_roles == (
        done.region_roles if dry_run else ()
    )


async def test_nobody_confirms_what_was_given_to_them_or_what_ends() -> None:
    uow = knowing()
    giver = signed_in(uow, None, "p-0009")
    administrator = row(5, role="administrator", unit_id="")
    own_gift = row(5, role="auditor", unit_id="")
    rows = [row(9, role="approver", unit_id=""), administrator, own_gift]
    await import_persons(file(*rows, account_id=giver), uow)
    own = signed_in(uow, "p-0005", "p-0005")
    ended = [row(9), row(9, role="approver", unit_id="", valid_to="2026-03-01")]
    done = await import_persons(file(*ended, administrator, own_gift, account_id=own), uow)
    assert [one.kind for one in done.region_roles] == ["ended"]
    assert await uow.role_gifts.unconfirmed() == {("p-0009", "approver"), ("p-0005", "auditor")}


async def test_who_was_somebody_gives_nothing_to_whom_they_become() -> None:
    """They come back with another account, for example after an erasure."""
    uow = knowing()
    giver = signed_in(uow, None, "p-0009")
    rows = [row(9, role="approver", unit_id=""), row(9)]
    await import_persons(file(*rows, account_id=giver), uow)
    uow.store.accounts.clear()
    assert await roles_of(uow, "p-0009") == {"employee"}


async def test_the_first_administrator_confirms_others_when_they_are_known() -> None:
    """Otherwise nobody could begin: see docs/how-to/connect-an-identity-provider.md."""
    uow = knowing()
    rows = [row(n, role="administrator", unit_id="") for n in (8, 9)]
    await import_persons(file(*rows, account_id=signed_in(uow, None, "p-0009")), uow)
    for number, left in ((9, {("p-0009", "administrator")}), (8, set())):
        known = signed_in(uow, f"p-000{number}", f"p-000{number}")
        await import_persons(file(*rows, account_id=known), uow)
        assert await uow.role_gifts.unconfirmed() == left
