"""Personas: the sample people of the development issuer, and what is answered to an unknown one."""

from pathlib import Path

import pytest

from devstack.personas import Assignment, Directory, Persona, UnknownPersonaError, read_persons

HEAD = "person_id,name,email,language,role,unit_id\n"
ROWS = (
    "person-1,Exempelperson 0001,p1@example.se,sv,employee,north\n"
    "person-1,Exempelperson 0001,p1@example.se,sv,manager,south\n"
    "person-2,Sample person 0002,p2@example.se,en,administrator,\n"
)


def test_the_named_personas_have_the_roles_of_their_names() -> None:
    directory = Directory(None)
    expected = {
        "administrator": {"role": "administrator", "unit": "*", "below": True},
        "second-administrator": {"role": "administrator", "unit": "*", "below": True},
        "manager": {"role": "manager", "unit": "rehabenheten", "below": True},
        "employee": {"role": "employee", "unit": "rehabenheten"},
        "subscriber": {"role": "subscriber"},
    }
    for name, claim in expected.items():
        assert [held.claim() for held in directory.find(name).assignments] == [claim]


@pytest.mark.parametrize(
    "name", ["", "root", "person:", "person:a b", "person:*", f"person:{'x' * 64}", "person-1"]
)
def test_an_unknown_persona_is_told_who_is_known(tmp_path: Path, name: str) -> None:
    path = tmp_path / "persons.csv"
    path.write_text(HEAD + ROWS, encoding="utf-8")
    with pytest.raises(UnknownPersonaError, match=r"administrator, .* for 2 sample persons"):
        Directory(path).find(name)


def test_a_person_has_all_roles_and_units_of_its_rows(tmp_path: Path) -> None:
    path = tmp_path / "persons.csv"
    path.write_text("\ufeff" + HEAD + ROWS, encoding="utf-8")
    persona = Directory(path).find("person:person-1")
    assert persona.subject == "person-1"
    assert persona.assignments == (Assignment("employee", "north"), Assignment("manager", "south"))
    (without_unit,) = Directory(path).find("person:person-2").assignments
    assert without_unit.unit is None


def test_a_person_who_is_not_in_the_file_vouches_for_nothing() -> None:
    assert Directory(None).find("person:Person-9") == Persona("Person-9", "Person-9", ())


def test_each_word_of_a_search_is_in_the_name_or_the_id(tmp_path: Path) -> None:
    path = tmp_path / "persons.csv"
    path.write_text(HEAD + ROWS, encoding="utf-8")
    found = {
        words: [one.subject for one in Directory(path).search(words)]
        for words in ("", "person", "EXEMPEL 0001", "person-2", "sample 0001")
    }
    assert found == {
        "": ["person-1", "person-2"],
        "person": ["person-1", "person-2"],
        "EXEMPEL 0001": ["person-1"],
        "person-2": ["person-2"],
        "sample 0001": [],
    }


def test_a_changed_file_is_read_again(tmp_path: Path) -> None:
    path = tmp_path / "persons.csv"
    directory = Directory(path)
    assert directory.persons() == {}
    path.write_text(HEAD + ROWS, encoding="utf-8")
    assert len(directory.persons()) == 2


def test_missing_columns_are_named(tmp_path: Path) -> None:
    path = tmp_path / "persons.csv"
    path.write_text("person_id,name\n", encoding="utf-8")
    with pytest.raises(ValueError, match="role, unit_id are missing"):
        read_persons(path)
