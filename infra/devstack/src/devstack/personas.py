"""The sample people and clients that the development issuer knows, and the claims they get.

Sample data only; these names exist in no production configuration.
"""

import csv
import re
from collections import defaultdict
from dataclasses import dataclass
from pathlib import Path

EVERY_UNIT = "*"
SAMPLE_UNIT = "rehabenheten"
COLUMNS = {"person_id", "name", "role", "unit_id"}
PERSON = "person:"
PERSON_ID = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{0,62}")  # as the people service has it


@dataclass(frozen=True)
class Assignment:
    """A role and the unit that it is held for, if any."""

    role: str
    unit: str | None = None

    def claim(self) -> dict[str, str | bool]:
        """As a token says it: an employee's does not hold for the units below."""
        if self.unit is None:
            return {"role": self.role}
        below = {"below": True} if self.role != "employee" else {}
        return {"role": self.role, "unit": self.unit, **below}


@dataclass(frozen=True)
class Persona:
    """Who a token is for, and as what."""

    subject: str
    name: str
    assignments: tuple[Assignment, ...]


PERSONAS = {
    name: Persona(name, title, (Assignment(role, unit),))
    for name, title, role, unit in (
        ("administrator", "Sample administrator 1", "administrator", EVERY_UNIT),
        ("second-administrator", "Sample administrator 2", "administrator", EVERY_UNIT),
        ("manager", "Sample manager", "manager", SAMPLE_UNIT),
        ("employee", "Sample employee", "employee", SAMPLE_UNIT),
        ("auditor", "Sample auditor", "auditor", EVERY_UNIT),
        ("operator", "Sample operator", "operator", EVERY_UNIT),
        ("service", "Sample service", "service", EVERY_UNIT),
        ("subscriber", "Sample subscribing system", "subscriber", None),
    )
}


class UnknownPersonaError(Exception):
    """No such persona; the text lists those that exist."""

    def __init__(self, wanted: str, persons: int) -> None:
        known = ", ".join(PERSONAS)
        super().__init__(
            f"unknown persona '{wanted}'; known are: {known}, "
            f"and {PERSON}<person_id> for {persons} sample persons and whoever else was imported"
        )


class Directory:
    """The personas and the sample persons of a CSV file, read again when the file changes."""

    def __init__(self, persons_file: Path | None) -> None:
        self._file = persons_file
        self._read_at = 0
        self._persons: dict[str, Persona] = {}

    def find(self, name: str) -> Persona:
        """Return the persona; raises UnknownPersonaError, or ValueError for a broken file.

        A person who is not in the file may have been imported into the people service since: they
        get no assignments here, and it decides whether it knows them.
        """
        if name in PERSONAS:
            return PERSONAS[name]
        persons = self.persons()
        person_id = name.removeprefix(PERSON)
        if not name.startswith(PERSON) or not PERSON_ID.fullmatch(person_id):
            raise UnknownPersonaError(name, len(persons))
        return persons.get(person_id) or Persona(person_id, person_id, ())

    def search(self, words: str) -> list[Persona]:
        """The persons of the file whose name or id has each of the words; raises as `find`."""
        wanted = words.casefold().split()
        return [
            person
            for person in self.persons().values()
            if all(word in f"{person.subject} {person.name}".casefold() for word in wanted)
        ]

    def persons(self) -> dict[str, Persona]:
        """Person id > persona; empty when there is no file."""
        if self._file is None or not self._file.exists():
            return {}
        changed_at = self._file.stat().st_mtime_ns
        if changed_at != self._read_at:
            self._persons = read_persons(self._file)
            self._read_at = changed_at
        return self._persons


def read_persons(path: Path) -> dict[str, Persona]:
    """Read one row per assignment; raises ValueError when a column is missing."""
    names: dict[str, str] = {}
    held: defaultdict[str, dict[Assignment, None]] = defaultdict(dict)  # a dict keeps the order
    with path.open(encoding="utf-8-sig", newline="") as file:
        reader = csv.DictReader(file)
        missing = COLUMNS - set(reader.fieldnames or ())
        if missing:
            raise ValueError(f"{path}: the columns {', '.join(sorted(missing))} are missing")
        for row in reader:
            subject = row["person_id"]
            names[subject] = row["name"]
            held[subject][Assignment(row["role"], row["unit_id"] or None)] = None
    return {
        subject: Persona(subject, name, tuple(held[subject])) for subject, name in names.items()
    }
