"""The answer to an import of persons: numbers first, then the first of each kind."""

from collections import Counter
from collections.abc import Sequence
from datetime import datetime
from typing import Any

from pydantic import BaseModel, ConfigDict, Field

from people_service.application.import_progress import ImportStep
from people_service.application.person_import import ImportResult
from people_service.domain.person import Language, Person
from people_service.domain.person_import import (
    ChangeKind,
    ImportPlan,
    PersonChange,
    RegionRoleKind,
)
from people_service.domain.roles import RoleName
from people_service.entrypoints.http.person_schemas import AssignmentBody, OpenProblemBody

_LISTED = 200
_FIRST = f"The first {_LISTED}; `numbers` has how many there are."


class ImportProgressBody(BaseModel):
    """How far an import is: `done` of `total` persons are stored, 0 of 0 until it is compared."""

    step: ImportStep
    done: int
    total: int
    at: datetime


class ImportNumbersBody(BaseModel):
    """How many persons. Each person of the file is one of the first six."""

    added: int = Field(description="Not known before.")
    changed: int = Field(description="Another fact about them, or assignment.")
    moved: int = Field(description="An employee or manager of another unit than before.")
    returned: int = Field(description="Hold something again; what they held before had ended.")
    ended: int = Field(description="Hold nothing by files, from a day within 30 days on.")
    unchanged: int = Field(description="Of the file, as they are already.")
    absent: int = Field(description="Not in the file, and keep what they hold by earlier files.")
    holding: int = Field(description="Hold something today by earlier files.")
    region_roles_given: int = Field(description="Roles for the whole region that somebody gets.")
    region_roles_confirmed: int = Field(
        description="Roles for the whole region that only one other account gave before."
    )
    region_roles_changed: int = Field(description="Roles for the whole region with other days.")
    region_roles_ended: int = Field(description="Roles for the whole region that somebody loses.")
    unknown_units: int = Field(description="Units of the file that are not known here.")
    warnings: int = Field(description="What `GET /open-problems` has after the import.")


class RegionRoleBody(BaseModel):
    """What the import does to somebody's role for the whole region."""

    person_id: str
    role: RoleName
    kind: RegionRoleKind = Field(
        description="`confirmed`: until now, it did not count, for nobody knew who gave it; this"
        " import gives it too. `changed`: it has other days."
    )


class PersonFactsBody(BaseModel):
    """What differs; null is what does not. Personal data."""

    name: str | None = None
    email: str | None = None
    language: Language | None = None
    phone: str | None = None
    hsa_id: str | None = None
    assignments: list[AssignmentBody] | None = None

    @classmethod
    def of(cls, person: Person, fields: Sequence[str]) -> "PersonFactsBody":
        held = [AssignmentBody.model_validate(one) for one in sorted(person.assignments)]
        return cls(
            name=person.name if "name" in fields else None,
            email=person.email if "email" in fields else None,
            language=person.language if "language" in fields else None,
            phone=person.phone if "phone" in fields else None,
            hsa_id=person.hsa_id if "hsa_id" in fields else None,
            assignments=held if "assignments" in fields else None,
        )


class ChangedPersonBody(BaseModel):
    """A known person, before and after."""

    person_id: str
    fields: list[str] = Field(description="What differs; `assignments` for role, unit and days.")
    before: PersonFactsBody
    after: PersonFactsBody

    @classmethod
    def of(cls, change: PersonChange) -> "ChangedPersonBody":
        before = change.before or change.after
        fields = before.changed_fields(change.after)
        return cls(
            person_id=change.after.person_id,
            fields=fields,
            before=PersonFactsBody.of(before, fields),
            after=PersonFactsBody.of(change.after, fields),
        )


_SAME = dict.fromkeys(("name", "email", "phone", "hsa_id", "assignments"))
_EXAMPLE: dict[str, Any] = {
    "dry_run": True,
    "complete": False,
    "numbers": {
        "added": 1,
        "changed": 1,
        "moved": 0,
        "returned": 0,
        "ended": 0,
        "unchanged": 8,
        "absent": 1,
        "holding": 10,
        "region_roles_given": 1,
        "region_roles_confirmed": 0,
        "region_roles_changed": 0,
        "region_roles_ended": 0,
        "unknown_units": 0,
        "warnings": 0,
    },
    "region_roles": [{"person_id": "p-0001", "role": "auditor", "kind": "given"}],
    "confirm": None,
    "added": ["p-0001"],
    "changed": [
        {
            "person_id": "p-0002",
            "fields": ["language"],
            "before": {**_SAME, "language": "sv"},
            "after": {**_SAME, "language": "en"},
        }
    ],
    "moved": [],
    "returned": [],
    "ended": [],
    "absent": ["p-0010"],
    "unknown_units": [],
    "ignored_columns": [],
    "warnings": [],
}


class ImportBody(BaseModel):
    """What the import changed, or in a dry run would change."""

    model_config = ConfigDict(json_schema_extra={"examples": [_EXAMPLE]})

    dry_run: bool
    complete: bool
    numbers: ImportNumbersBody
    region_roles: list[RegionRoleBody] = Field(
        description="Who gets a role for the whole region, or loses one, or has it on other days;"
        " and what another account gave that this file confirms. The first 200."
    )
    confirm: str | None = Field(
        None,
        description="If the file ends more than 10 % of those who hold something today: what the"
        " import must repeat. It is for this file and these persons only.",
    )
    added: list[str] = Field(description=f"Ids. {_FIRST}")
    changed: list[ChangedPersonBody] = Field(description=_FIRST)
    moved: list[ChangedPersonBody] = Field(description=_FIRST)
    returned: list[ChangedPersonBody] = Field(description=_FIRST)
    ended: list[ChangedPersonBody] = Field(description=_FIRST)
    absent: list[str] = Field(description=f"Ids. {_FIRST}")
    unknown_units: list[str] = Field(
        description="Units in the file that are not known here yet: not an error, but check them."
        f" {_FIRST}"
    )
    ignored_columns: list[str] = Field(description="Columns of the file that are not read.")
    warnings: list[OpenProblemBody] = Field(
        description=f"What `GET /open-problems` has after the import. {_FIRST}"
    )

    @classmethod
    def of(
        cls, result: ImportResult, dry_run: bool, complete: bool, ignored: Sequence[str]
    ) -> "ImportBody":
        plan = result.plan
        return cls(
            dry_run=dry_run,
            complete=complete,
            numbers=_numbers(result),
            region_roles=[
                RegionRoleBody(person_id=one.person_id, role=one.role, kind=one.kind)
                for one in result.region_roles[:_LISTED]
            ],
            confirm=result.confirm,
            added=[change.after.person_id for change in _first(plan, "added")],
            changed=[ChangedPersonBody.of(change) for change in _first(plan, "changed")],
            moved=[ChangedPersonBody.of(change) for change in _first(plan, "moved")],
            returned=[ChangedPersonBody.of(change) for change in _first(plan, "returned")],
            ended=[ChangedPersonBody.of(change) for change in _first(plan, "ended")],
            absent=list(plan.absent[:_LISTED]),
            unknown_units=list(result.unknown_units[:_LISTED]),
            ignored_columns=list(ignored),
            warnings=[OpenProblemBody.of(problem) for problem in result.problems[:_LISTED]],
        )


def _first(plan: ImportPlan, kind: ChangeKind) -> list[PersonChange]:
    return [change for change in plan.changes if change.kind == kind][:_LISTED]


def _numbers(result: ImportResult) -> ImportNumbersBody:
    plan = result.plan
    roles = Counter(one.kind for one in result.region_roles)
    return ImportNumbersBody(
        **plan.numbers,
        unchanged=plan.unchanged,
        absent=len(plan.absent),
        holding=plan.holding,
        region_roles_given=roles["given"],
        region_roles_confirmed=roles["confirmed"],
        region_roles_changed=roles["changed"],
        region_roles_ended=roles["ended"],
        unknown_units=len(result.unknown_units),
        warnings=len(result.problems),
    )
