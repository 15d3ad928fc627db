"""Bodies about persons."""

from collections.abc import Sequence
from datetime import date

from pydantic import BaseModel, ConfigDict, Field

from people_service.application.handlers import ImportResult
from people_service.domain.open_problems import OpenProblem, ProblemKind
from people_service.domain.person import Language, Person
from people_service.domain.roles import RoleName

_LISTED = 200
_EXPLANATIONS: dict[ProblemKind, str] = {
    "manager-unknown": "The workflow service names this person as the unit's manager, but nobody"
    " here has this id: they get no mail. Import them, or correct the manager there.",
    "ids-differ-in-case": "These ids differ in upper and lower case only, and are taken for"
    " different people. Use one spelling everywhere.",
    "unit-unknown": "These people belong to a unit that the workflow service has not"
    " registered: they get no mail about it. Register the unit, or correct the file.",
}


class OpenProblemBody(BaseModel):
    """What keeps mails from people who should get them."""

    model_config = ConfigDict(
        json_schema_extra={
            "examples": [
                {
                    "kind": "manager-unknown",
                    "unit_id": "rehabenheten",
                    "ids": ["M-U7"],
                    "count": 1,
                    "explanation": _EXPLANATIONS["manager-unknown"],
                }
            ]
        }
    )

    kind: ProblemKind
    unit_id: str | None = Field(description="The unit; null if it is not about one.")
    ids: list[str] = Field(description="Ids of the people, the first 20.")
    count: int = Field(description="How many people it is about.")
    explanation: str = Field(description="What it means, and what to do.")

    @classmethod
    def of(cls, problem: OpenProblem) -> "OpenProblemBody":
        return cls(
            kind=problem.kind,
            unit_id=problem.unit_id,
            ids=list(problem.ids),
            count=problem.count,
            explanation=_EXPLANATIONS[problem.kind],
        )


class ChangedPersonBody(BaseModel):
    """A known person that differs from the file."""

    person_id: str
    fields: list[str] = Field(description="Columns that differ; `assignments` for role and unit.")


class ImportBody(BaseModel):
    """What the import changed, or in a dry run would change."""

    model_config = ConfigDict(
        json_schema_extra={
            "examples": [
                {
                    "dry_run": True,
                    "added": ["p-0001"],
                    "changed": [{"person_id": "p-0002", "fields": ["language"]}],
                    "unchanged": 8,
                    "absent": ["p-0010"],
                    "unknown_units": [],
                    "ignored_columns": [],
                    "warnings": [],
                    "warnings_total": 0,
                }
            ]
        }
    )

    dry_run: bool
    added: list[str] = Field(description="Ids of the new persons.")
    changed: list[ChangedPersonBody]
    unchanged: int = Field(description="How many persons of the file are as in it already.")
    absent: list[str] = Field(description="Persons that are not in the file; they are kept.")
    unknown_units: list[str] = Field(
        description="Units in the file that are not known here yet: not an error, but check them."
    )
    ignored_columns: list[str] = Field(description="Columns of the file that are not read.")
    warnings: list[OpenProblemBody] = Field(
        description="What `GET /open-problems` has after the import, the first 200."
    )
    warnings_total: int = Field(description="How many there are.")

    @classmethod
    def of(cls, result: ImportResult, dry_run: bool, ignored: Sequence[str]) -> "ImportBody":
        plan = result.plan
        return cls(
            dry_run=dry_run,
            added=[person.person_id for person in plan.added],
            changed=[
                ChangedPersonBody(person_id=person.person_id, fields=list(fields))
                for person, fields in plan.changed
            ],
            unchanged=plan.unchanged,
            absent=list(plan.absent),
            unknown_units=list(result.unknown_units),
            ignored_columns=list(ignored),
            warnings=[OpenProblemBody.of(problem) for problem in result.problems[:_LISTED]],
            warnings_total=len(result.problems),
        )


class AssignmentBody(BaseModel):
    """A role in a unit; `unit_id` is empty for the whole region."""

    model_config = ConfigDict(from_attributes=True)

    role: RoleName
    unit_id: str
    valid_from: date | None = Field(description="The first day; null if there is no limit.")
    valid_to: date | None = Field(description="The last day; null if there is no limit.")


class PersonBody(BaseModel):
    """A person and their assignments. Personal data."""

    person_id: str
    name: str
    email: str
    language: Language
    assignments: list[AssignmentBody]

    @classmethod
    def of(cls, person: Person) -> "PersonBody":
        return cls(
            person_id=person.person_id,
            name=person.name,
            email=person.email,
            language=person.language,
            assignments=[AssignmentBody.model_validate(a) for a in sorted(person.assignments)],
        )
