"""Only a one-time code gives the role of those who answer by one."""

import pytest

from people_service.domain.person_file import persons_of
from people_service.domain.roles import PERSON_ROLES
from unit.people.builders import refused
from unit.people.provider_builder import provider, read

ROW = {
    "person_id": "p-0001",
    "name": "Exempelperson 0001",
    "email": "",
    "language": "sv",
    "role": "respondent",
    "unit_id": "rehab",
    "valid_from": "",
    "valid_to": "",
    "phone": "",
    "hsa_id": "",
}


def test_no_file_gives_it() -> None:
    assert "respondent" not in PERSON_ROLES
    with refused("import-invalid"):
        persons_of([(2, ROW)], [])
    (employee,) = persons_of([(2, ROW | {"role": "employee"})], [])
    assert employee.email == "", "an address may be left out"
    with refused("import-invalid"):
        persons_of([(2, ROW | {"role": "employee", "email": "x"})], [])


@pytest.mark.parametrize("unit", ["rehab", "*", None])
def test_no_provider_gives_it(unit: str | None) -> None:
    trusted = provider(assignments_claim="held")
    held = {"role": "respondent", "round": "3f2b8c1e-8d0a-4c57-9d0e-5a1f0c6b7e21"}
    claim = [held | ({"unit": unit} if unit else {})]
    assert read(trusted, {"sub": "p-0001", "held": claim}).roles == frozenset()
