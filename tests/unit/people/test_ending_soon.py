"""A last day soon counts as an end, so that it is no way around being asked twice."""

from datetime import timedelta

import pytest

from people_service.application.person_import import import_persons
from unit.people.builders import NOW, refused
from unit.people.test_person_import import TODAY, file, many, row


def days_from_today(days: int) -> str:
    return (TODAY + timedelta(days=days)).isoformat()


@pytest.mark.parametrize(("last", "counts"), [(0, True), (29, True), (30, False)])
async def test_who_will_hold_nothing_within_30_days_counts_as_ended(
    last: int, counts: bool
) -> None:
    uow = many(10)
    rows = [row(number, unit_id="rehab", valid_to=days_from_today(last)) for number in (1, 2)]
    plan = (await import_persons(file(*rows, dry_run=True), uow)).plan
    assert (len(plan.ended), plan.ends_many) == ((2, True) if counts else (0, False))


async def test_a_move_within_30_days_ends_nothing_and_a_gap_does() -> None:
    uow = many(2)
    rows = [
        *(row(n, unit_id="rehab", valid_to=days_from_today(9)) for n in (1, 2)),
        row(1, valid_from=days_from_today(10)),
        row(2, valid_from=days_from_today(11)),
    ]
    plan = (await import_persons(file(*rows, dry_run=True), uow)).plan
    assert plan.ended == ["p-0002"]


async def test_who_ends_anyway_counts_only_when_a_file_makes_it_earlier() -> None:
    uow = many(10)
    ending = {"unit_id": "rehab", "valid_to": days_from_today(31)}
    await import_persons(file(*(row(number, **ending) for number in range(1, 11))), uow)
    uow.store.now = NOW + timedelta(days=5)
    same = [row(number, **ending, language="en") for number in range(1, 11)]
    assert not (await import_persons(file(*same), uow)).plan.ended
    ending["valid_to"] = days_from_today(30)
    with refused("import-ends-many"):
        await import_persons(file(*(row(number, **ending) for number in range(1, 11))), uow)
