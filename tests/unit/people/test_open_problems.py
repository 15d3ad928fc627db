"""What keeps mails from people is found, and named with the ids that somebody has to correct."""

from people_service.domain.open_problems import OpenProblem, open_problems


def test_ids_that_differ_in_case_only_are_named_together() -> None:
    found = open_problems({"m-u7": set(), "p-1": set(), "P-1": set(), "M-U7": set()}, {"u7"})
    assert found == [
        OpenProblem("ids-differ-in-case", None, ("M-U7", "m-u7"), 2),
        OpenProblem("ids-differ-in-case", None, ("P-1", "p-1"), 2),
    ]


def test_the_people_of_an_unknown_unit_are_counted_and_the_first_listed() -> None:
    people = {f"p-{number:04}": {"rehab", "heart"} for number in range(30)}
    (found,) = open_problems(people, {"heart"})
    assert (found.kind, found.unit_id, found.count) == ("unit-unknown", "rehab", 30)
    assert found.ids == tuple(f"p-{number:04}" for number in range(20))


def test_nothing_is_wrong_when_all_are_known() -> None:
    assert open_problems({"p-1": {"u7"}, "admin": set()}, {"u7", "u8"}) == []
