"""The recipient file: every fault at once, told by line and column."""

import pytest

from notification_service.domain.errors import ImportInvalid
from notification_service.domain.recipient import Assignment, plan_import
from notification_service.domain.recipient_file import read_recipients
from unit.notification.builders import person

HEADER = "recipient_id,name,email,language,role,unit_id\n"
ROW = "p-1,Exempelperson 0001,person0001@example.se,sv,employee,rehab\n"


def faults(content: str | bytes) -> dict[str, str]:
    data = content.encode() if isinstance(content, str) else content
    with pytest.raises(ImportInvalid) as caught:
        read_recipients(data)
    return {error["pointer"]: error["detail"] for error in caught.value.errors}


def test_rows_of_one_person_are_assignments() -> None:
    content = HEADER + ROW + ROW.replace("employee,rehab", "manager,heart")
    (one,) = read_recipients(content.encode())
    assert one.assignments == {Assignment("employee", "rehab"), Assignment("manager", "heart")}


@pytest.mark.parametrize(
    "content",
    [
        (HEADER + ROW).encode("utf-8-sig"),
        (HEADER + ROW).replace(",", ";").encode(),
        (HEADER + ROW).replace("\n", "\r\n").encode(),
        (HEADER + "\n\n" + ROW + "\n , , \n").encode(),
        b"Unit_ID;role;LANGUAGE;email;name;recipient_id\n"
        b'rehab;employee;sv;person0001@example.se;"Exempelperson 0001";p-1\n',
    ],
    ids=["bom", "semicolons", "crlf", "blank lines", "other order, quotes"],
)
def test_harmless_differences_are_accepted(content: bytes) -> None:
    (one,) = read_recipients(content)
    assert (one.recipient_id, one.name) == ("p-1", "Exempelperson 0001")


def test_an_administrator_has_no_unit() -> None:
    row = "p-1,Exempelperson 0001,person0001@example.se,en,administrator,\n"
    (one,) = read_recipients((HEADER + row).encode())
    assert one.assignments == {Assignment("administrator", "")}
    assert "/rows/2/unit_id" in faults(HEADER + row.replace(",\n", ",rehab\n"))


@pytest.mark.parametrize(
    ("column", "before", "after"),
    [
        ("recipient_id", "p-1", "p 1"),
        ("recipient_id", "p-1", ""),
        ("name", "Exempelperson 0001", ""),
        ("name", "Exempelperson 0001", '"Exempel\nBcc: all@example.se"'),
        ("name", "Exempelperson 0001", "Exempel\u202eperson"),
        ("email", "person0001@example.se", "person0001"),
        ("email", "person0001@example.se", "a@b@example.se"),
        ("email", "person0001@example.se", "person@example"),
        ("email", "person0001@example.se", "persön@example.se"),
        ("email", "person0001@example.se", '"a@example.se\nRCPT TO:<b@example.se>"'),
        ("email", "person0001@example.se", "person@example.se>"),
        ("email", "person0001@example.se", "p" * 65 + "@example.se"),
        ("language", "sv", "no"),
        ("language", "sv", "SV"),
        ("role", "employee", "chef"),
        ("unit_id", "rehab", ""),
        ("unit_id", "rehab", "Rehab"),
    ],
)
def test_a_bad_value_is_named(column: str, before: str, after: str) -> None:
    assert any(p.endswith(f"/{column}") for p in faults(HEADER + ROW.replace(before, after, 1)))


def test_everything_wrong_is_told_at_once() -> None:
    bad = "p-2,,nomail,xx,boss,Unit\n"
    found = faults(HEADER + ROW + bad + ROW + "p-3,short\n" + ROW.replace("0001@", "0002@"))
    assert set(found) == {
        "/rows/3/name",
        "/rows/3/email",
        "/rows/3/language",
        "/rows/3/role",
        "/rows/4/recipient_id",
        "/rows/5",
        "/rows/6/email",
        "/rows/6/recipient_id",
    }
    assert "line 2" in found["/rows/4/recipient_id"]


@pytest.mark.parametrize(
    ("content", "pointer", "said"),
    [
        (b"", "/rows/1", "empty"),
        (HEADER.encode(), "/rows/1", "no recipients"),
        ((HEADER + ROW).encode("utf-16"), "/rows/1", "UTF-16"),
        (HEADER.encode() + b"p-1,\xc5ke,x@example.se,sv,employee,rehab\n", "/rows/2", "0xC5"),
        (HEADER.encode() + b"p-1,\0", "/rows/2", "NUL"),
        (b"recipient_id,name\np-1,x\n", "/rows/1/email", "missing"),
        ((HEADER.strip() + ",extra\n" + ROW.strip() + ",x\n").encode(), "/rows/1/extra", "Unknown"),
        ((HEADER.strip() + ",name\n" + ROW.strip() + ",x\n").encode(), "/rows/1/name", "twice"),
        ((HEADER + '"p-1,unfinished\n').encode(), "/rows/2", "quote"),
        (b"\x89PNG\r\n\x1a\n\xff", "/rows/1", "UTF-8"),
    ],
)
def test_an_unreadable_file_says_why(content: bytes, pointer: str, said: str) -> None:
    found = faults(content)
    assert said in found[pointer]


def test_the_plan_compares_by_id() -> None:
    known = {p.recipient_id: p for p in (person(1), person(2), person(3))}
    moved = person(2, ("employee", "heart"), language="en")
    plan = plan_import(known, [person(1), moved, person(4)])
    assert plan.added == (person(4),)
    assert plan.changed == ((moved, ("language", "assignments")),)
    assert (plan.unchanged, plan.absent) == (1, ("p-0003",))
