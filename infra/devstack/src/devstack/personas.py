"""The sample people and clients that the development issuer knows, and the claims they get.

Sample data only; these names exist in no production configuration.
"""

import csv
from collections import defaultdict
from dataclasses import dataclass
from pathlib import Path

EVERY_UNIT = "*"
SAMPLE_UNIT = "rehabenheten"
COLUMNS = {"recipient_id", "name", "email", "language", "role", "unit_id"}
RECIPIENT = "recipient:"


@dataclass(frozen=True)
class Assignment:
    """A role and the unit that it is held for, if any."""

    role: str
    unit: str | None = None

    def claim(self) -> dict[str, str]:
        """As a token says it."""
        return {"role": self.role} | ({} if self.unit is None else {"unit": self.unit})


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
        ("service", "Sample service", "service", EVERY_UNIT),
        ("subscriber", "Sample subscribing system", "subscriber", None),
    )
}


class UnknownPersonaError(Exception):
    """No such persona; the text lists those that exist."""

    def __init__(self, wanted: str, recipients: int) -> None:
        known = ", ".join(PERSONAS)
        super().__init__(
            f"unknown persona '{wanted}'; known are: {known}, "
            f"and {RECIPIENT}<recipient_id> for {recipients} sample recipients"
        )


class Directory:
    """The personas and the sample recipients of a CSV file, read again when the file changes."""

    def __init__(self, recipients_file: Path | None) -> None:
        self._file = recipients_file
        self._read_at = 0
        self._recipients: dict[str, Persona] = {}

    def find(self, name: str) -> Persona:
        """Return the persona; raises UnknownPersonaError, or ValueError for a broken file."""
        if name in PERSONAS:
            return PERSONAS[name]
        recipients = self.recipients()
        persona = recipients.get(name.removeprefix(RECIPIENT))
        if not name.startswith(RECIPIENT) or persona is None:
            raise UnknownPersonaError(name, len(recipients))
        return persona

    def recipients(self) -> dict[str, Persona]:
        """Recipient id > persona; empty when there is no file."""
        if self._file is None or not self._file.exists():
            return {}
        changed_at = self._file.stat().st_mtime_ns
        if changed_at != self._read_at:
            self._recipients = read_recipients(self._file)
            self._read_at = changed_at
        return self._recipients


def read_recipients(path: Path) -> dict[str, Persona]:
    """Read one row per assignment; raises ValueError when a column is missing."""
    names: dict[str, str] = {}
    held: defaultdict[str, dict[Assignment, None]] = defaultdict(dict)  # a dict keeps the order
    with path.open(encoding="utf-8-sig", newline="") as file:
        reader = csv.DictReader(file)
        missing = COLUMNS - set(reader.fieldnames or ())
        if missing:
            raise ValueError(f"{path}: the columns {', '.join(sorted(missing))} are missing")
        for row in reader:
            subject = row["recipient_id"]
            names[subject] = row["name"]
            held[subject][Assignment(row["role"], row["unit_id"] or None)] = None
    return {
        subject: Persona(subject, name, tuple(held[subject])) for subject, name in names.items()
    }
