"""What the auditor reports."""

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from typing import Any, Literal

Check = Literal["groups", "numbers", "extremes", "agreement", "not checked"]


@dataclass(frozen=True, slots=True)
class Finding:
    """Something that can be worked out about people who were promised that it cannot."""

    check: Check
    releases: tuple[str, ...]
    units: tuple[str, ...]
    words: str


@dataclass(frozen=True, slots=True)
class Report:
    """`findings` break a promise; `notices` are limits that the documentation states.

    `checked` is how many things each check looked at: shown values of units (`groups`), asked units
    (`numbers`), and values of behaviours (`extremes`).
    """

    releases: int
    cells: int
    checked: Mapping[Check, int]
    findings: tuple[Finding, ...]
    notices: tuple[Finding, ...]

    def as_json(self) -> dict[str, Any]:
        """The same for other programs."""
        return asdict(self)

    def as_text(self) -> str:
        """The same for people."""
        lines = [f"{self.cells} shown values of {self.releases} releases were checked."]
        for title, found in (("Findings", self.findings), ("Known limits", self.notices)):
            lines.append(f"{title}: {len(found) or 'none'}")
            lines += [f"- {one.check}: {one.words}" for one in found]
        return "\n".join(lines)


def named(units: Sequence[str]) -> str:
    """A few units by id, and how many others."""
    first = ", ".join(units[:3])
    return f"{first} and {len(units) - 3} more" if len(units) > 3 else first
