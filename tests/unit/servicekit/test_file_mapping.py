"""Another system's file is read as ours by a mapping, and a mapping that cannot fit is refused."""

import re
from typing import Any

import pytest
from pydantic import ValidationError

from servicekit.fault_text import FaultText
from servicekit.file_mapping import FileForm, ImportMapping, read_mapped, wrong_in
from servicekit.file_table import Fault, Table

FORM = FileForm(
    columns=("unit_id", "name", "kind", "parent_id", "manager_id"),
    ids=(("unit_id", "parent_id"), ("manager_id",)),
    choices={"kind": ("region", "unit")},
    shapes={
        "parent_id": (re.compile("[a-z0-9-]*"), "an id has a-z, 0-9 or '-'"),
        "name": (re.compile(".+"), "a unit has a name"),
    },
    no_null_words=("unit_id", "parent_id", "manager_id"),
)
HR = {
    "columns": {"unit_id": "Enhetskod", "name": "Benämning", "kind": "Nivå", "parent_id": "Över"},
    "values": {"kind": {"Vårdenhet": "unit", "Region": "region"}},
    "ids": "lower_case",
    "defaults": {"manager_id": ""},
}
FILE = (
    "Enhetskod;Telefon;Benämning;Nivå;Över\n"
    "SE2321000131-E000000000001;1;Regionen;REGION;\n"
    "SE2321000131-E000000008388;2;Rehab;vårdenhet;SE2321000131-E000000000001\n"
)


def read(content: str, mapping: dict[str, Any]) -> Table:
    return read_mapped(content.encode(), FORM, ImportMapping.model_validate(mapping))


def values(content: str, mapping: dict[str, Any]) -> list[tuple[str, ...]]:
    """The rows of a file without a fault, in the form's order of columns."""
    table = read(content, mapping)
    assert table.faults == []
    return [tuple(row.values[column] for column in FORM.columns) for row in table.rows]


def wrong(mapping: dict[str, Any]) -> dict[str, str]:
    found = wrong_in(ImportMapping.model_validate(mapping), FORM)
    return {"/".join(location): detail for location, detail in found}


def test_headings_values_codes_and_missing_columns_become_ours() -> None:
    assert list(wrong_in(ImportMapping.model_validate(HR), FORM)) == []
    assert values(FILE, HR) == [
        ("se2321000131-e000000000001", "Regionen", "region", "", ""),
        (
            *("se2321000131-e000000008388", "Rehab", "unit"),
            *("se2321000131-e000000000001", ""),
        ),
    ]
    table = read(FILE, HR)
    assert table.ignored == ["Telefon"]
    assert table.headings == HR["columns"]


def test_without_a_mapping_the_file_is_in_our_own_form() -> None:
    content = "unit_id,name,kind,parent_id,manager_id\nREHAB,Rehab,unit,,M-1\n"
    assert values(content, {}) == [("REHAB", "Rehab", "unit", "", "M-1")]
    assert read(content, {}).headings == {}


@pytest.mark.parametrize(
    ("mapped", "in_file"),
    [
        ("benämning", "BENÄMNING"),
        ("Benämning", "Bena\u0308mning"),  # As a Mac decomposes it.
        ("Enhetens namn", "enhetens\u00a0 namn"),
    ],
)
def test_headings_are_compared_by_the_rule_for_texts_and_without_case(
    mapped: str, in_file: str
) -> None:
    content = f"unit_id;{in_file};kind;parent_id;manager_id\na;A;unit;;\n"
    assert values(content, {"columns": {"name": mapped}})[0][1] == "A"


def test_a_heading_of_ours_that_is_mapped_elsewhere_is_not_read() -> None:
    content = "unit_id;Benämning;name;kind;parent_id;manager_id\na;A;other;unit;;\n"
    mapping = {"columns": {"name": "Benämning"}}
    assert values(content, mapping)[0][1] == "A"
    assert read(content, mapping).ignored == ["name"]


def test_a_missing_column_is_reported_by_the_files_heading() -> None:
    (fault,) = read(FILE.replace("Nivå", "Typ"), HR).faults
    assert (fault.line, fault.column) == (1, "kind")
    assert "The header needs: Enhetskod, Benämning, Nivå, Över." in fault.detail


def test_a_default_is_for_a_column_that_the_file_does_not_have() -> None:
    mapping = {"defaults": {"kind": "unit", "parent_id": "region"}}
    without = "unit_id;name;manager_id\na;A;\n"
    assert values(without, mapping) == [("a", "A", "unit", "region", "")]
    with_it = "unit_id;name;manager_id;kind;parent_id\na;A;;region;\n"
    assert values(with_it, mapping) == [("a", "A", "region", "", "")]


def test_a_default_id_is_spelled_as_the_files_ids_and_is_no_value_of_the_file() -> None:
    mapping = {
        "values": {"parent_id": {"TOP": "other"}},
        "ids": "lower_case",
        "defaults": {"parent_id": "TOP", "name": "Alla"},
    }
    assert wrong(mapping) == {}
    assert values("unit_id;kind;manager_id\nA;unit;\n", mapping) == [
        ("a", "Alla", "unit", "top", "")
    ]


def test_values_of_ids_and_of_empty_cells_can_be_named() -> None:
    mapping = {
        "values": {"unit_id": {"1001": "Rehab"}, "manager_id": {"-": ""}, "kind": {"": "unit"}},
        "ids": "lower_case",
    }
    content = "unit_id;name;kind;parent_id;manager_id\n1001;A;;;-\nHEART;B;region;;M-1\n"
    assert values(content, mapping) == [
        ("Rehab", "A", "unit", "", ""),
        ("heart", "B", "region", "", "m-1"),
    ]


def test_different_codes_that_become_the_same_id_are_a_fault_once() -> None:
    content = "unit_id;name;kind;parent_id;manager_id\n" + (
        "SE-A;A;unit;;\nSE-B;B;unit;se-a;X\nSE-C;C;unit;se-a;x\nSE-D;D;unit;SE-A;SE-A\n"
    )
    faults = read(content, {"ids": "lower_case"}).faults
    assert [(fault.line, fault.column) for fault in faults] == [(3, "parent_id"), (4, "manager_id")]
    assert "'se-a' and 'SE-A' on line 2 become the same id" in faults[0].detail
    assert read(content, {}).faults == []


def test_a_word_for_no_value_is_no_id_unless_the_mapping_knows_it() -> None:
    content = "unit_id;name;kind;parent_id;manager_id\na;A;unit;NULL;\n"
    (fault,) = read(content, {}).faults
    assert (fault.line, fault.column) == (2, "parent_id")
    assert values(content, {"values": {"parent_id": {"null": ""}}})[0][3] == ""


def test_a_file_that_cannot_be_read_is_a_fault_as_ever() -> None:
    text = "The file is empty. Its header is {header}."
    header = "Enhetskod,Benämning,Nivå,Över,manager_id"
    detail = FaultText("file-empty", text, header=header)
    assert read("", HR) == Table([], [Fault(1, "", detail)], [], {})


@pytest.mark.parametrize(
    ("mapping", "where", "says"),
    [
        ({"columns": {"colour": "Färg"}}, "columns/colour", "no column 'colour'"),
        ({"values": {"colour": {"a": "b"}}}, "values/colour", "There are: unit_id, name"),
        ({"defaults": {"colour": "red"}}, "defaults/colour", "no column 'colour'"),
        ({"columns": {"name": "X", "kind": "x "}}, "columns/kind", "already read as name"),
        ({"columns": {"name": "Unit_ID"}}, "columns/name", "already read as unit_id"),
        ({"columns": {"name": "N/A"}}, "columns/name", "there is no value"),
        ({"values": {"kind": {"Enhet": "units"}}}, "values/kind/Enhet", "not one of: region, unit"),
        ({"values": {"kind": {"A": "unit", "a": "unit"}}}, "values/kind/a", "same value as 'A'"),
        ({"values": {"kind": {"A\u200b": "unit"}}}, "values/kind/A\u200b", "U+200B"),
        ({"values": {"unit_id": {"A": "NULL"}}}, "values/unit_id/A", "there is no value"),
        ({"defaults": {"kind": ""}}, "defaults/kind", "'' is not one of"),
        ({"defaults": {"parent_id": "TOP"}}, "defaults/parent_id", "'TOP' does not fit: an id has"),
        ({"defaults": {"name": "\u3164"}}, "defaults/name", "a unit has a name"),
        ({"values": {"parent_id": {"A": "b c"}}}, "values/parent_id/A", "an id has a-z"),
        ({"defaults": {"manager_id": "saknas"}}, "defaults/manager_id", "there is no value"),
    ],
)
def test_a_mapping_that_does_not_fit_is_refused(
    mapping: dict[str, Any], where: str, says: str
) -> None:
    assert says in wrong(mapping)[where]


def test_everything_wrong_in_a_mapping_is_told_at_once() -> None:
    assert list(wrong({"columns": {"colour": "a", "name": "-"}, "defaults": {"kind": "x"}})) == [
        "columns/colour",
        "columns/name",
        "defaults/kind",
    ]


@pytest.mark.parametrize(
    "mapping",
    [
        {"colums": {}},
        {"columns": {"name": " "}},
        {"columns": {"name": "Be\u200bnämning"}},
        {"defaults": {"name": 3}},
        {"ids": "upper_case"},
    ],
)
def test_a_mapping_of_the_wrong_shape_is_no_mapping(mapping: dict[str, Any]) -> None:
    with pytest.raises(ValidationError):
        ImportMapping.model_validate(mapping)
