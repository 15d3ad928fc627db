"""The recipient file: all faults are reported together, by line and column."""

import pytest
from notification_service.domain.recipient import Assignment, Recipient, plan_import
from notification_service.domain.recipient_file import COLUMNS, Fault, recipients_of

from unit.notification.builders import person, refused

ROW = "p-1,Exempelperson 0001,person0001@example.se,sv,employee,rehab"


def read(*rows: str, form: tuple[Fault, ...] = ()) -> list[Recipient]:
    """The people in these rows of comma-separated values; the first is line 2."""
    values = (dict(zip(COLUMNS, row.split(","), strict=True)) for row in rows)
    return recipients_of(enumerate(values, 2), form)


def faults(*rows: str, form: tuple[Fault, ...] = ()) -> dict[str, str]:
    with refused("import-invalid") as caught:
        read(*rows, form=form)
    return {error["pointer"]: error["detail"] for error in caught.value.errors}


def test_rows_of_one_person_are_assignments() -> None:
    (one,) = read(ROW, ROW.replace("employee,rehab", "manager,heart"))
    assert one.assignments == {Assignment("employee", "rehab"), Assignment("manager", "heart")}


def test_an_administrator_has_no_unit() -> None:
    row = "p-1,Exempelperson 0001,person0001@example.se,en,administrator,"
    (one,) = read(row)
    assert one.assignments == {Assignment("administrator", "")}
    assert "/rows/2/unit_id" in faults(f"{row}rehab")


@pytest.mark.parametrize(
    ("column", "before", "after"),
    [
        ("recipient_id", "p-1", "p 1"),
        ("recipient_id", "p-1", ""),
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
            for column, value in (("recipient_id", "p-1"), ("unit_id", "rehab"))
            for word in ("NULL", "N/A", "-", "none", "null", "saknas", "Saknas", "None")
        ),
    ],
)
def test_a_bad_value_is_named(column: str, before: str, after: str) -> None:
    assert any(p.endswith(f"/{column}") for p in faults(ROW.replace(before, after, 1)))


def test_a_word_for_no_value_is_refused_as_what_it_is() -> None:
    found = faults(ROW.replace("p-1", "NULL").replace("rehab", "saknas"))
    assert found["/rows/2/recipient_id"].startswith("'NULL' means that there is no value")
    assert found["/rows/2/unit_id"].startswith("'saknas' means that there is no value")


def test_all_faults_are_reported_together() -> None:
    bad = "p-2,,nomail,xx,boss,Unit"
    found = faults(
        *(ROW, bad, ROW, ROW.replace("0001@", "0002@")),
        form=((4, "", "not closed"), (1, "colour", "unknown")),
    )
    assert list(found) == [
        "/rows/1/colour",
        "/rows/3/name",
        "/rows/3/email",
        "/rows/3/language",
        "/rows/3/role",
        "/rows/4",
        "/rows/4/recipient_id",
        "/rows/5/recipient_id",
        "/rows/5/email",
    ]
    assert "line 2" in found["/rows/4/recipient_id"]


def test_a_fault_names_the_files_own_heading() -> None:
    row = dict(zip(COLUMNS, ROW.replace("employee", "chef").split(","), strict=True))
    with refused("import-invalid") as caught:
        recipients_of([(2, row | {"language": "no"})], [], {"role": "Befattning"})
    assert {error["pointer"]: error["detail"] for error in caught.value.errors} == {
        "/rows/2/language": "Use one of: sv, en.",
        "/rows/2/role": "Use one of: administrator, manager, employee."
        " In the file, the column is 'Befattning'.",
    }


def test_of_very_many_faults_the_first_are_listed_and_the_others_counted() -> None:
    with refused("import-invalid") as caught:
        read(ROW.replace("sv", "no"), form=tuple((n, "", "wrong") for n in range(3, 1003)))
    listed = caught.value.errors
    assert len(listed) == 201
    assert listed[0]["pointer"] == "/rows/2/language"
    assert listed[-1] == {"pointer": "/rows", "detail": "801 more are not listed."}
    assert caught.value.detail.startswith("The recipient file has 1001 errors")


def test_the_plan_compares_by_id() -> None:
    known = {p.recipient_id: p for p in (person(1), person(2), person(3))}
    moved = person(2, ("employee", "heart"), language="en")
    plan = plan_import(known, [person(1), moved, person(4)])
    assert plan.added == (person(4),)
    assert plan.changed == ((moved, ("language", "assignments")),)
    assert (plan.unchanged, plan.absent) == (1, ("p-0003",))
