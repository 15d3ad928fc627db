"""What every implementation of content's ports must do. Run on the fake in unit tests and on
PostgreSQL in integration tests; each scenario starts with an empty store."""

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from uuid import UUID, uuid4

from content_service.application.ports import OpenUnitOfWork, PageOf, Scope, UnitOfWork
from content_service.domain import assignment as assignments
from content_service.domain import module as modules
from content_service.domain.assignment import Assignment
from content_service.domain.correction import Change
from content_service.domain.module import Behaviour, Module, Phase
from content_service.domain.practice import Action, Meeting
from content_service.domain.reference import UnknownReference
from content_service.domain.unit import Unit
from servicekit.paging import PageRequest
from support.scopes import only, trees
from unit.content import article_scenarios
from unit.content.article_scenarios import Scenario as Scenario
from unit.content.builders import content

NOW = datetime(2026, 3, 1, 12, 30, tzinfo=UTC)
ROLLOUT, OTHER_ROLLOUT = uuid4(), uuid4()
FIRST_TEN = PageRequest(limit=10)


async def publish(uow: UnitOfWork, module_id: str, **changes: object) -> None:
    module, published, _ = modules.publish(Module(module_id, content(**changes)), NOW)
    assert await uow.modules.add(module)
    await uow.modules.add_version(published)


def assigned(unit_id: str, module_id: str, rollout_id: UUID = ROLLOUT) -> Assignment:
    return assignments.assign(rollout_id, unit_id, module_id, 1, ["read", "kit"])


async def a_module_is_added_once_and_read_as_written(new: OpenUnitOfWork) -> None:
    module = Module("start", content())
    async with new() as uow:
        assert await uow.modules.add(module)
        assert await uow.modules.get("start") == module
        assert await uow.modules.lock("start") == module
        assert await uow.modules.get("gone") is None
    async with new() as uow:
        assert not await uow.modules.add(Module("start", content(length_minutes=9)))
        revised = replace(module, draft=content(length_minutes=9))
        await uow.modules.save(revised)
        assert await uow.modules.get("start") == revised


async def versions_stay_and_the_newest_is_found(new: OpenUnitOfWork) -> None:
    async with new() as uow:
        await publish(uow, "start")
        await uow.modules.add(Module("draft-only", content()))
        first = await uow.modules.get_version("start", 1)
        draft = content(length_minutes=20)
        known = await uow.modules.lock("start")
        assert known
        module, published, _ = modules.publish(replace(known, draft=draft), NOW)
        await uow.modules.save(module)
        await uow.modules.add_version(published)
    async with new() as uow:
        assert await uow.modules.get_version("start", 1) == first
        assert await uow.modules.get_version("start", 3) is None
        newest = await uow.modules.newest(["start", "draft-only", "gone"])
        assert newest == {"start": published}
        assert [one.module_id for one in (await uow.modules.drafts(FIRST_TEN))[0]] == [
            *("draft-only", "start")
        ]
        assert await uow.modules.drafts(PageRequest(limit=1, page=2)) == ([module], 2)


async def the_library_is_filtered_and_paged(new: OpenUnitOfWork) -> None:
    async with new() as uow:
        await publish(uow, "c")
        await publish(uow, "a", behaviours=("creativity", "engagement"), phase="after_care")
        await publish(uow, "b", behaviours=("creativity",))
    async with new() as uow:

        async def ids(
            behaviour: Behaviour | None, phase: Phase | None, page: PageOf
        ) -> tuple[list[str], int]:
            found, total = await uow.modules.page(behaviour, phase, page)
            return [published.module_id for published in found], total

        assert await ids(None, None, FIRST_TEN) == (["a", "b", "c"], 3)
        assert await ids(None, None, PageRequest(limit=1, page=2)) == (["b"], 3)
        assert await ids("creativity", None, FIRST_TEN) == (["a", "b"], 2)
        assert await ids("creativity", "after_care", FIRST_TEN) == (["a"], 1)
        assert await ids("stress_handling", None, FIRST_TEN) == ([], 0)


async def an_assignment_is_added_once(new: OpenUnitOfWork) -> None:
    one, two = assigned("rehab", "start"), assigned("hjarta", "start")
    async with new() as uow:
        await publish(uow, "start")
        assert await uow.assignments.add([]) == set()
        assert await uow.assignments.add([one]) == {one.assignment_id}
        started, _ = assignments.set_item_status(one, "read", "waived", "Done before")
        assert await uow.assignments.lock(one.assignment_id) == one
        await uow.assignments.save(started)
    async with new() as uow:
        assert await uow.assignments.add([one, two]) == {two.assignment_id}
        found = await uow.assignments.find([one.assignment_id, two.assignment_id, uuid4()])
        assert found == {one.assignment_id: started, two.assignment_id: two}
        assert await uow.assignments.lock(uuid4()) is None


async def a_unit_has_modules_in_a_rollout_or_not(new: OpenUnitOfWork) -> None:
    async with new() as uow:
        await publish(uow, "start")
        await publish(uow, "a-talk")
        talk, start = assigned("rehab", "a-talk"), assigned("rehab", "start")
        await uow.assignments.add([start, talk, assigned("hjarta", "start")])
    async with new() as uow:
        assert await uow.assignments.of_unit(ROLLOUT, "rehab") == [talk, start]
        assert await uow.assignments.of_unit(OTHER_ROLLOUT, "rehab") == []
        assert await uow.assignments.exist_for(ROLLOUT, "rehab")
        assert not await uow.assignments.exist_for(OTHER_ROLLOUT, "rehab")
        assert not await uow.assignments.exist_for(ROLLOUT, "gone")


async def assignments_are_listed_within_a_scope(new: OpenUnitOfWork) -> None:
    async with new() as uow:
        for unit_id, parent_id in (("care", "region"), ("rehab", "care")):  # no region yet
            await uow.units.save(Unit(unit_id, parent_id, unit_id, 9, 1))
        await publish(uow, "start")
        await publish(uow, "talk")
        everything = [
            assigned("rehab", "start"),
            assigned("rehab", "talk"),
            assigned("rehab", "talk", OTHER_ROLLOUT),
            assigned("not-known-yet", "start"),
        ]
        await uow.assignments.add(everything)
    async with new() as uow:

        async def found(
            scope: Scope, unit_id: str | None, rollout_id: UUID | None, page: PageOf
        ) -> tuple[list[tuple[str, str]], int]:
            page_of, total = await uow.assignments.page(scope, unit_id, rollout_id, page)
            return [(a.unit_id, a.module_id) for a in page_of], total

        talk = [("rehab", "talk")]
        assert (await found(None, None, None, FIRST_TEN))[1] == 4
        assert (await found(trees("region"), None, None, FIRST_TEN))[1] == 3
        assert (await found(trees(), None, None, FIRST_TEN))[1] == 0
        assert (await found(only("region"), None, None, FIRST_TEN))[1] == 0
        assert (await found(only("rehab"), None, None, FIRST_TEN))[1] == 3
        unknown = await found(trees("not-known-yet"), None, None, FIRST_TEN)
        assert unknown == ([("not-known-yet", "start")], 1)
        assert await found(None, "rehab", OTHER_ROLLOUT, FIRST_TEN) == (talk, 1)
        assert await found(None, "rehab", ROLLOUT, PageRequest(limit=1, page=2)) == (talk, 2)


async def practice_is_read_as_written(new: OpenUnitOfWork) -> None:
    late = Meeting(uuid4(), ROLLOUT, "rehab", None, "30", date(2026, 3, 2), 9)
    early = Meeting(uuid4(), ROLLOUT, "rehab", None, "10", date(2026, 3, 1), 5, on_paper=True)
    other = Meeting(uuid4(), OTHER_ROLLOUT, "rehab", None, "60", date(2026, 3, 1), 7)
    action = Action(uuid4(), ROLLOUT, "rehab", "creativity", "Åtgärd", date(2026, 4, 1))
    looked = replace(action, outcome="adjusted", note="Smaller")
    async with new() as uow:
        for meeting in (late, early, other):
            await uow.practice.add_meeting(meeting)
        await uow.practice.add_action(action)
    async with new() as uow:
        assert await uow.practice.lock_action(uuid4()) is None
        assert await uow.practice.lock_action(action.action_id) == action
        await uow.practice.save_action(looked)
    async with new() as uow:
        assert await uow.practice.of_unit(ROLLOUT, "rehab") == ([early, late], [looked])
        assert await uow.practice.of_unit(ROLLOUT, "hjarta") == ([], [])


async def what_is_withdrawn_is_not_among_what_counts(new: OpenUnitOfWork) -> None:
    meeting = Meeting(uuid4(), ROLLOUT, "rehab", None, "30", date(2026, 3, 2), 9)
    action = Action(uuid4(), ROLLOUT, "rehab", "creativity", "Åtgärd", date(2026, 4, 1))
    async with new() as uow:
        await uow.practice.add_meeting(meeting)
        await uow.practice.add_action(action)
    async with new() as uow:
        assert await uow.practice.lock_meeting(uuid4()) is None
        assert await uow.practice.lock_meeting(meeting.meeting_id) == meeting
        corrected = replace(meeting, headcount=8)
        await uow.practice.save_meeting(corrected)
        assert await uow.practice.of_unit(ROLLOUT, "rehab") == ([corrected], [action])
        withdrawn = replace(corrected, withdrawn_at=NOW)
        await uow.practice.save_meeting(withdrawn)
        await uow.practice.save_action(replace(action, withdrawn_at=NOW))
    async with new() as uow:
        assert await uow.practice.of_unit(ROLLOUT, "rehab") == ([], [])
        assert await uow.practice.lock_meeting(meeting.meeting_id) == withdrawn


async def changes_are_kept_latest_first(new: OpenUnitOfWork) -> None:
    meeting = Meeting(uuid4(), ROLLOUT, "rehab", None, "30", date(2026, 3, 2), 9)
    action = Action(uuid4(), ROLLOUT, "rehab", "creativity", "Åtgärd", date(2026, 4, 1), "kept")
    first = Change(uuid4(), "meeting_corrected", "Förväxlat", meeting, NOW)
    later = NOW + timedelta(hours=1)
    second = Change(uuid4(), "action_withdrawn", "Ångrat", action, later)
    other = replace(first, change_id=uuid4(), before=replace(meeting, unit_id="hjarta"))
    async with new() as uow:
        for change in (first, second, other):
            await uow.practice.add_change(change)
    async with new() as uow:
        found = await uow.practice.changes(ROLLOUT, "rehab", FIRST_TEN)
        assert found == ([second, first], 2)
        second_page = PageRequest(limit=1, page=2)
        assert await uow.practice.changes(ROLLOUT, "rehab", second_page) == ([first], 2)
        assert await uow.practice.changes(OTHER_ROLLOUT, "rehab", FIRST_TEN) == ([], 0)


async def what_is_not_known_is_listed_until_it_is(new: OpenUnitOfWork) -> None:
    rollout = UnknownReference("rollout", str(ROLLOUT))
    unit = UnknownReference("unit", "rehab")
    async with new() as uow:
        await publish(uow, "start")
        await uow.units.save(Unit("hjarta", None, "Hjarta", 9, 1))
        assert await uow.references.open_problems(None, FIRST_TEN) == ([], 0)
        assert await uow.references.unknown(ROLLOUT, ["rehab", "hjarta"]) == [rollout, unit]
        assert not await uow.references.occurs(ROLLOUT)
        await uow.assignments.add([assigned("rehab", "start"), assigned("hjarta", "start")])
    async with new() as uow:
        assert await uow.references.occurs(ROLLOUT)
        found = await uow.references.open_problems(None, FIRST_TEN)
        assert found == ([rollout, unit], 2)
        second_page = PageRequest(limit=1, page=2)
        assert await uow.references.open_problems(None, second_page) == ([unit], 2)
        of_hjarta = await uow.references.open_problems(trees("hjarta"), FIRST_TEN)
        assert of_hjarta == ([rollout], 1)
        await uow.references.add_rollout(ROLLOUT, ["hjarta", "rehab"])
        await uow.references.add_rollout(ROLLOUT, ["hjarta"])
        await uow.references.add_rollout(OTHER_ROLLOUT, [])
        asked = ["north", "rehab", "south"]
        assert await uow.references.outside(ROLLOUT, asked) == ["north", "south"]
        assert await uow.references.outside(OTHER_ROLLOUT, asked) == []
        occurring = (ROLLOUT, OTHER_ROLLOUT, UUID(int=7))
        assert [await uow.references.occurs(id_) for id_ in occurring] == [True, True, False]
        assert await uow.references.outside(UUID(int=7), asked) == []
        assert await uow.references.unknown(ROLLOUT, ["rehab"]) == [unit]
        await uow.units.save(Unit("rehab", None, "Rehab", 9, 1))
        assert await uow.references.open_problems(None, FIRST_TEN) == ([], 0)


async def an_old_event_of_a_unit_never_replaces_newer_data(new: OpenUnitOfWork) -> None:
    newer = Unit("rehab", "care", "Rehab", 18, 3)
    async with new() as uow:
        await uow.units.save(newer)
        await uow.units.save(Unit("rehab", "other", "Old", 4, 2))
        await uow.units.save(Unit("rehab", "other", "Same version", 4, 3))
    async with new() as uow:
        assert await uow.units.get("rehab") == newer
        assert await uow.units.get("gone") is None
        # The parent is not known yet, but is part of the path.
        assert await uow.units.path("rehab") == {"rehab", "care"}
        await uow.units.save(Unit("care", "region", "Care", 0, 1))
        assert await uow.units.path("rehab") == {"rehab", "care", "region"}
        assert await uow.units.path("gone") == {"gone"}


async def a_ring_of_units_ends(new: OpenUnitOfWork) -> None:
    async with new() as uow:
        await uow.units.save(Unit("a", "b", "A", 1, 1))
        await uow.units.save(Unit("b", "a", "B", 1, 1))
        assert await uow.units.path("a") == {"a", "b"}
        _, total = await uow.assignments.page(trees("a"), None, None, FIRST_TEN)
        assert total == 0


SCENARIOS: tuple[Scenario, ...] = (
    a_module_is_added_once_and_read_as_written,
    versions_stay_and_the_newest_is_found,
    the_library_is_filtered_and_paged,
    an_assignment_is_added_once,
    a_unit_has_modules_in_a_rollout_or_not,
    assignments_are_listed_within_a_scope,
    practice_is_read_as_written,
    what_is_withdrawn_is_not_among_what_counts,
    changes_are_kept_latest_first,
    what_is_not_known_is_listed_until_it_is,
    an_old_event_of_a_unit_never_replaces_newer_data,
    a_ring_of_units_ends,
    *article_scenarios.SCENARIOS,
)
