"""A unit file is judged whole: every error at once, with its line, or the plan it leads to."""

from collections.abc import Collection

import pytest
from hypothesis import given
from hypothesis import strategies as st

from unit.workflow.organisation.unit_files import importing
from workflow_service.domain.errors import DomainError
from workflow_service.domain.organisation.fault_text import FaultText
from workflow_service.domain.organisation.unit import (
    Unit,
    UnitChanged,
    UnitFacts,
    UnitRegistered,
)
from workflow_service.domain.organisation.unit_import import ChangedUnit, ImportPlan, plan_import

HEADER = "unit_id,name,kind,parent_id,headcount\n"
TREE = HEADER + (
    "region,Region,region,,\n"
    "halsa,Hälsovalet,administration,region,0\n"
    "rehabenheten,Rehabenheten,unit,halsa,18\n"
)


def plan_of(content: bytes, known: dict[str, Unit], under_way: Collection[str] = ()) -> ImportPlan:
    file = importing(content)
    return plan_import(file.records, file.faults, known, under_way)


def plan(text: str, known: dict[str, Unit] | None = None) -> ImportPlan:
    return plan_of(text.encode(), known or {})


def errors_of(content: bytes | str, known: dict[str, Unit] | None = None) -> dict[str, str]:
    if isinstance(content, str):
        content = content.encode()
    with pytest.raises(DomainError) as caught:
        plan_of(content, known or {})
    assert caught.value.code == "unit-file-invalid"
    assert caught.value.kind == "invalid"
    assert len({entry["pointer"] for entry in caught.value.errors}) <= len(caught.value.errors)
    return {entry["pointer"]: entry["detail"] for entry in caught.value.errors}


def known_units(text: str = TREE) -> dict[str, Unit]:
    return {unit.unit_id: unit for unit in plan(text).units}


def test_new_units_are_registered() -> None:
    made = plan(TREE)
    assert made.added == ["region", "halsa", "rehabenheten"]
    assert (made.changed, made.unchanged, made.absent) == ([], 0, [])
    rehab = UnitFacts("rehabenheten", "Rehabenheten", "unit", "halsa", 18)
    assert made.events[-1] == UnitRegistered(rehab, version=1)
    assert made.units[-1] == Unit(rehab, version=1)


def test_the_same_file_again_changes_nothing() -> None:
    again = plan(TREE, known_units())
    assert (again.added, again.changed, again.unchanged, again.events) == ([], [], 3, [])


def test_the_difference_names_the_columns_and_each_version_is_one_event() -> None:
    text = TREE.replace("Rehabenheten,unit,halsa,18", "Rehab,unit,halsa,20")
    changed = plan(text, known_units())
    assert changed.changed == [ChangedUnit("rehabenheten", ("name", "headcount"))]
    assert changed.unchanged == 2
    assert [(type(event), event.version) for event in changed.events] == [(UnitChanged, 2)]


def test_a_unit_missing_from_the_file_is_reported_and_still_a_parent() -> None:
    made = plan(HEADER + "ny,Ny,unit,halsa,7\n", known_units())
    assert made.added == ["ny"]
    assert made.absent == ["halsa", "region", "rehabenheten"]


@pytest.mark.parametrize("line_end", ["\n", "\r\n", "\r"])
@pytest.mark.parametrize("separator", [",", ";"])
@pytest.mark.parametrize("mark", ["", "\ufeff"])
def test_separator_byte_order_mark_and_line_ends_do_not_matter(
    mark: str, separator: str, line_end: str
) -> None:
    text = mark + TREE.replace(",", separator).replace("\n", line_end)
    assert plan(text) == plan(TREE)


def test_quoted_values_may_hold_the_separator_and_blank_lines_are_nothing() -> None:
    text = HEADER + '\n,,,,\na,"Vård, dag och ""kväll""",unit,,3\n'
    assert plan(text).units[0].facts.name == 'Vård, dag och "kväll"'


def test_columns_come_in_any_order_and_case() -> None:
    text = "Name;Unit_ID;headcount;kind;parent_id\nA;a;3;unit;\n"
    assert plan(text).units[0].facts == UnitFacts("a", "A", "unit", None, 3)


def test_all_errors_come_at_once_in_line_order() -> None:
    text = HEADER + (
        "Bad Id,A,unit,,3\n"
        "b,,team,nowhere,0\n"
        "c,C,unit,,-4\n"
        "c,C,unit,,4\n"
        "d,D,unit,,many\n"
        "e,E,unit\n"
        "f,F,unit,e,\n"
        f"g,{'x' * 201},unit,,5\n"
        "h,H,unit,,4294967296000\n"
    )
    errors = errors_of(text)
    assert list(errors) == [
        "/rows/2/unit_id",
        "/rows/3/parent_id",
        "/rows/3/name",
        "/rows/3/kind",
        "/rows/4/headcount",
        "/rows/5/unit_id",
        "/rows/6/headcount",
        "/rows/7",
        "/rows/9/name",
        "/rows/10/headcount",
    ]
    assert "is already on line 4" in errors["/rows/5/unit_id"]
    assert "neither in the file nor known" in errors["/rows/3/parent_id"]
    assert "3 values, but the header has 5 columns" in errors["/rows/7"]


def test_units_without_people_are_imported_and_those_without_units_below_them_are_listed() -> None:
    made = plan(HEADER + "a,A,operation,,0\nb,B,unit,a,0\nc,C,unit,a,\nd,D,unit,a,1\n")
    assert [(unit.unit_id, unit.facts.headcount) for unit in made.units] == [
        *(("a", 0), ("b", 0)),
        *(("c", 0), ("d", 1)),
    ]
    assert made.without_people == ["b", "c"]


def test_an_error_names_the_files_own_heading() -> None:
    file = importing((HEADER + "A,A,unit,,x\n").encode())
    with pytest.raises(DomainError) as caught:
        plan_import(
            file.records, [(2, "", FaultText("odd", "Odd."))], {}, headings={"unit_id": "Enhetskod"}
        )
    assert [(e["pointer"], "'Enhetskod'" in e["detail"]) for e in caught.value.errors] == [
        ("/rows/2", False),
        ("/rows/2/unit_id", True),
        ("/rows/2/headcount", False),
    ]
    second = caught.value.errors[1]
    assert second["detail"].endswith(" In the file, the column is 'Enhetskod'.")
    assert second["code"] == "unit-id-wrong"
    assert second["parameters"] == {"unit": "A", "heading": "Enhetskod"}


def test_each_ring_is_named_once() -> None:
    text = HEADER + ("a,A,unit,c,1\nb,B,unit,a,1\nc,C,unit,b,1\nd,D,unit,d,1\ne,E,unit,a,1\n")
    errors = errors_of(text)
    assert list(errors) == ["/rows/2/parent_id", "/rows/5/parent_id"]
    assert "a > c > b > a" in errors["/rows/2/parent_id"]
    assert "d > d" in errors["/rows/5/parent_id"]


def test_a_ring_through_a_unit_that_is_not_in_the_file_is_found() -> None:
    errors = errors_of(HEADER + "region,Region,region,rehabenheten,\n", known_units())
    assert "region > rehabenheten > halsa > region" in errors["/rows/2/parent_id"]


def test_wrong_encoding_tells_the_line_and_the_byte() -> None:
    content = (HEADER + "a,A,unit,,3\nb,Hälsa,unit,,3\n").encode("cp1252")
    detail = errors_of(content)["/rows/3"]
    position = content.index(b"\xe4") + 1
    assert f"byte 0xE4 at position {position}" in detail
    assert "'ä' in Windows-1252" in detail
    with_mark = errors_of(b"\xef\xbb\xbf" + content)["/rows/3"]
    assert f"byte 0xE4 at position {position + 3}" in with_mark


@pytest.mark.parametrize(
    ("content", "pointer", "says"),
    [
        (b"", "/rows/1", "empty"),
        (b"\xef\xbb\xbf\r\n  \n", "/rows/1", "empty"),
        (HEADER.encode(), "/rows/1", "header but no rows"),
        (TREE.encode("utf-16"), "/rows/1", "UTF-16"),
        (TREE.encode() + b"\0", "/rows/5", "NUL"),
        (b"unit_id|name\nx|y\n", "/rows/1/kind", "separator was taken to be"),
        (b"unit_id,name,kind\na,A,unit\n", "/rows/1/headcount", "missing"),
        ((HEADER.strip() + ",name\na,A,unit,,3,,B\n").encode(), "/rows/1/name", "twice"),
        ((HEADER + 'a,"A,unit,,3\nb,B,unit,,3\n').encode(), "/rows/2", "double quotes"),
        ((HEADER + "a,A" + "x" * 200_000 + ",unit,,3\n").encode(), "/rows/2", "larger than"),
        ((HEADER + 'a,"A\nB",unit,,3\n').encode(), "/rows/2", "does not end on this line"),
        ((HEADER + 'a,"A\nB",unit,,3\nb,B,unit,,x\n').encode(), "/rows/4/headcount", "whole"),
        ((HEADER + "a,A\x07B,unit,,3\n").encode(), "/rows/2/name", "control character"),
        ((HEADER + "a,A,unit,,٣\n").encode(), "/rows/2/headcount", "whole number"),
        ((HEADER + "a,A,unit,,1_0\n").encode(), "/rows/2/headcount", "whole number"),
        ((HEADER + "a,A,unit,,100001\n").encode(), "/rows/2/headcount", "more than"),
        ((HEADER + "a,A,unit,,99999999999\n").encode(), "/rows/2/headcount", "more than"),
        ((HEADER + f"a,A,unit,,{'9' * 5_000}\n").encode(), "/rows/2/headcount", "more than"),
        ((HEADER + "a\n").encode(), "/rows/2", "1 value, but"),
    ],
)
def test_bad_files(content: bytes, pointer: str, says: str) -> None:
    assert says in errors_of(content)[pointer]


def test_the_first_200_errors_are_listed_and_the_others_counted() -> None:
    rows = "".join(f"U {number},U,unit,,x\n" for number in range(500))
    file = importing((HEADER + rows).encode())
    with pytest.raises(DomainError, match="1000 things are wrong") as caught:
        plan_import(file.records, file.faults, {})
    *listed, more = caught.value.errors
    assert (len(listed), listed[-1]["pointer"]) == (200, "/rows/101/headcount")
    assert (more["pointer"], more["detail"]) == ("/rows", "800 more are not listed.")
    assert (more["code"], more["parameters"]) == ("more-not-listed", {"count": "800"})


def test_of_a_long_ring_the_first_units_are_named() -> None:
    rows = "".join(f"u{number},U,unit,u{(number + 1) % 5000},3\n" for number in range(5000))
    detail = errors_of(HEADER + rows)["/rows/2/parent_id"]
    assert "u0 > u1 > u2 > " in detail
    assert "These 5000 units" in detail
    assert len(detail) < 1000


def test_a_file_over_the_limit_is_refused() -> None:
    rows = "".join(f"u-{number},U,unit,,3\n" for number in range(100_000))
    assert "100001 lines" in errors_of(HEADER + rows)["/rows/100001"]


@given(st.binary(max_size=200) | st.text(max_size=200).map(lambda text: (HEADER + text).encode()))
def test_any_bytes_give_a_plan_or_a_clear_refusal(content: bytes) -> None:
    refused = None
    try:
        plan_of(content, {})
    except DomainError as error:
        refused = error
    if refused:
        assert refused.errors
        assert all(entry["pointer"].startswith("/rows/") for entry in refused.errors)


@given(st.lists(st.integers(-1, 7), min_size=1, max_size=8))
def test_rings_are_found_exactly_when_following_parents_never_ends(parents: list[int]) -> None:
    rows = [
        f"u{number},U,unit,{f'u{parent}' if 0 <= parent < len(parents) else ''},3\n"
        for number, parent in enumerate(parents)
    ]

    def ends(number: int) -> bool:
        for _ in parents:
            number = parents[number]
            if not 0 <= number < len(parents):
                return True
        return False

    text = HEADER + "".join(rows)
    if all(ends(number) for number in range(len(parents))):
        assert len(plan(text).units) == len(parents)
    else:
        assert any("own parents" in detail for detail in errors_of(text).values())


def test_a_unit_under_way_keeps_its_people_and_gets_no_units_below_it() -> None:
    text = TREE.replace("halsa,18", "halsa,0") + "team,Team,unit,rehabenheten,5\n"
    assert plan(text, known_units()).added == ["team"]
    with pytest.raises(DomainError) as caught:
        plan_of(text.encode(), known_units(), {"rehabenheten"})

    errors = {entry["pointer"]: entry["detail"] for entry in caught.value.errors}
    assert list(errors) == ["/rows/4/headcount", "/rows/5/parent_id"]
    needed = "A unit with a journey under way needs a headcount of at least 1"
    assert needed in errors["/rows/4/headcount"]
    assert "Unit rehabenheten has a journey under way" in errors["/rows/5/parent_id"]
