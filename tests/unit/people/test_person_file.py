"""The person file: all faults are reported together, by line and column."""

from datetime import date

import pytest

from people_service.domain.fault_text import FaultText
from people_service.domain.person import Assignment, Person
from people_service.domain.person_file import COLUMNS, Fault, persons_of
from people_service.domain.roles import PERSON_ROLES
from unit.people.builders import refused

ROW = "p-1,Exempelperson 0001,person0001@example.se,sv,employee,rehab,,"


def row_of(text: str) -> dict[str, str]:
    """The values by column, without those that the row does not reach."""
    return dict.fromkeys(COLUMNS, "") | dict(zip(COLUMNS, text.split(","), strict=False))


def read(*rows: str, form: tuple[Fault, ...] = ()) -> list[Person]:
    """The people in these rows of comma-separated values; the first is line 2."""
    values = (row_of(row) for row in rows)
    return persons_of(enumerate(values, 2), form)


def faults(*rows: str, form: tuple[Fault, ...] = ()) -> dict[str, str]:
    with refused("import-invalid") as caught:
        read(*rows, form=form)
    return {error["pointer"]: error["detail"] for error in caught.value.errors}


def test_rows_of_one_person_are_assignments() -> None:
    (one,) = read(ROW, ROW.replace("employee,rehab", "manager,heart"))
    assert one.assignments == {Assignment("employee", "rehab"), Assignment("manager", "heart")}


def test_an_administrator_is_for_the_region_or_a_branch() -> None:
    (one,) = read(ROW.replace("employee,rehab", "administrator,"))
    assert one.assignments == {Assignment("administrator", "")}
    (of_a_branch,) = read(ROW.replace("employee", "administrator"))
    assert of_a_branch.assignments == {Assignment("administrator", "rehab")}
    assert "/rows/2/unit_id" in faults(ROW.replace("employee", "auditor"))


def test_an_assignment_has_a_first_and_a_last_day() -> None:
    (one,) = read(ROW.replace(",,", ",2026-03-01,2026-05-31"))
    (held,) = one.assignments
    assert not held.holds_on(date(2026, 2, 28))
    assert held.holds_on(date(2026, 3, 1))
    assert held.holds_on(date(2026, 5, 31))
    assert not held.holds_on(date(2026, 6, 1))


def test_phone_number_and_hsa_id_are_stored_in_one_spelling() -> None:
    (one,) = read(f"{ROW},070-174 06 05,se2321000016-1abc")
    assert (one.phone, one.hsa_id) == ("+46701740605", "SE2321000016-1ABC")
    (none,) = read(f"{ROW},,")
    assert (none.phone, none.hsa_id) == ("", "")
    assert set(faults(f"{ROW},17406,2321000016-1ABC")) == {"/rows/2/phone", "/rows/2/hsa_id"}


def test_a_deputy_stands_in_until_a_day() -> None:
    row = ROW.replace("employee", "deputy")
    assert "/rows/2/valid_to" in faults(row)
    (one,) = read(row.replace(",,", ",,2026-05-31"))
    assert one.assignments == {Assignment("deputy", "rehab", None, date(2026, 5, 31))}


@pytest.mark.parametrize(
    "days", ["2026-3-1,", "2026-W05-6,", ",31/05/2026", "2026-02-30,", "2026-06-01,2026-05-31"]
)
def test_a_day_that_is_none_is_named(days: str) -> None:
    assert any("/valid_" in place for place in faults(ROW.replace(",,", f",{days}")))


@pytest.mark.parametrize(
    ("column", "before", "after"),
    [
        ("person_id", "p-1", "p 1"),
        ("person_id", "p-1", ""),
        ("name", "Exempelperson 0001", ""),
        ("name", "Exempelperson 0001", "Exempel\nBcc: all@example.se"),
        ("name", "Exempelperson 0001", "Exempel\u202eperson"),
        ("email", "person0001@example.se", "person0001"),
        ("email", "person0001@example.se", "a@b@example.se"),
        ("email", "person0001@example.se", "person@example"),
        ("email", "person0001@example.se", "persön@example.se"),
        ("email", "person0001@example.se", "a@example.se\nRCPT TO:<b@example.se>"),
        ("email", "person0001@example.se", "person@example.se>"),
        ("email", "person0001@example.se", "p" * 65 + "@example.se"),
        ("language", "sv", "no"),
        ("language", "sv", "SV"),
        ("role", "employee", "chef"),
        ("unit_id", "rehab", ""),
        ("unit_id", "rehab", "Rehab"),
        *(
            (column, value, word)
            for column, value in (("person_id", "p-1"), ("unit_id", "rehab"))
            for word in ("NULL", "N/A", "-", "none", "null", "saknas", "Saknas", "None")
        ),
    ],
)
def test_a_bad_value_is_named(column: str, before: str, after: str) -> None:
    assert any(p.endswith(f"/{column}") for p in faults(ROW.replace(before, after, 1)))


def test_a_word_for_no_value_is_refused_as_what_it_is() -> None:
    found = faults(ROW.replace("p-1", "NULL").replace("rehab", "saknas"))
    assert found["/rows/2/person_id"].startswith("'NULL' means that there is no value")
    assert found["/rows/2/unit_id"].startswith("'saknas' means that there is no value")


def test_all_faults_are_reported_together() -> None:
    bad = "p-2,,nomail,xx,boss,Unit,,"
    found = faults(
        *(ROW, bad, ROW, ROW.replace("0001@", "0002@")),
        form=((4, "", FaultText("x", "not closed")), (1, "colour", FaultText("y", "unknown"))),
    )
    assert list(found) == [
        "/rows/1/colour",
        "/rows/3/name",
        "/rows/3/email",
        "/rows/3/language",
        "/rows/3/role",
        "/rows/4",
        "/rows/4/person_id",
        "/rows/5/person_id",
        "/rows/5/email",
    ]
    assert "line 2" in found["/rows/4/person_id"]


def test_a_fault_names_the_files_own_heading() -> None:
    row = row_of(ROW.replace("employee", "chef"))
    with refused("import-invalid") as caught:
        persons_of([(2, row | {"language": "no"})], [], {"role": "Befattning"})
    assert [(one["code"], one["parameters"]) for one in caught.value.errors] == [
        ("language-unknown", {"choices": "sv, en"}),
        ("role-unknown", {"choices": ", ".join(PERSON_ROLES), "heading": "Befattning"}),
    ]
    assert {error["pointer"]: error["detail"] for error in caught.value.errors} == {
        "/rows/2/language": "Use one of: sv, en.",
        "/rows/2/role": f"Use one of: {', '.join(PERSON_ROLES)}."
        " In the file, the column is 'Befattning'.",
    }


def test_of_very_many_faults_the_first_are_listed_and_the_others_counted() -> None:
    with refused("import-invalid") as caught:
        read(
            ROW.replace("sv", "no"),
            form=tuple((n, "", FaultText("x", "wrong")) for n in range(3, 1003)),
        )
    listed = caught.value.errors
    assert len(listed) == 201
    assert listed[0]["pointer"] == "/rows/2/language"
    assert (listed[-1]["pointer"], listed[-1]["detail"]) == ("/rows", "801 more are not listed.")
    assert (listed[-1]["code"], listed[-1]["parameters"]) == ("more-not-listed", {"count": "801"})
    assert caught.value.detail.startswith("The person file has 1001 errors")
