"""Bodies about persons."""

from datetime import date

from pydantic import BaseModel, ConfigDict, Field

from people_service.domain.open_problems import OpenProblem, ProblemKind
from people_service.domain.person import Language, Person, Source
from people_service.domain.roles import RoleName

_EXPLANATIONS: dict[ProblemKind, str] = {
    "ids-differ-in-case": "These ids differ in upper and lower case only, and are taken for"
    " different people. Use one spelling everywhere.",
    "unit-unknown": "These people belong to a unit that the workflow service has not"
    " registered: they get no mail about it. Register the unit, or correct the file.",
    "address-missing": "So many employees of the unit have no mail address. This is no fault: print"
    " codes for them when a round is open (POST /rounds/{round_id}/sign-in-codes).",
}


class OpenProblemBody(BaseModel):
    """What keeps mails from people who should get them."""

    model_config = ConfigDict(
        json_schema_extra={
            "examples": [
                {
                    "kind": "unit-unknown",
                    "unit_id": "rehabenheten",
                    "ids": ["p-0001"],
                    "count": 1,
                    "explanation": _EXPLANATIONS["unit-unknown"],
                }
            ]
        }
    )

    kind: ProblemKind
    unit_id: str | None = Field(description="The unit; null if it is not about one.")
    ids: list[str] = Field(description="Ids of the people, the first 20, where they matter.")
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


class AssignmentBody(BaseModel):
    """A role in a unit; `unit_id` is empty for the whole region."""

    model_config = ConfigDict(from_attributes=True)

    role: RoleName
    unit_id: str
    valid_from: date | None = Field(description="The first day; null if there is no limit.")
    valid_to: date | None = Field(description="The last day; null if there is no limit.")
    source: Source = Field(description="Who gave it, and alone may change it.")
    counts: bool = Field(
        description="False for a role for the whole region that nobody known has given: it is in"
        " no token until somebody known imports it too."
    )


class PersonBody(BaseModel):
    """A person and their assignments. Personal data."""

    person_id: str
    name: str
    email: str = Field(description="Empty if there is none.")
    language: Language
    phone: str = Field(description="As +46701740605; empty if there is none.")
    hsa_id: str = Field(description="Empty if there is none.")
    assignments: list[AssignmentBody]

    @classmethod
    def of(cls, person: Person) -> "PersonBody":
        return cls(
            person_id=person.person_id,
            name=person.name,
            email=person.email,
            language=person.language,
            phone=person.phone,
            hsa_id=person.hsa_id,
            assignments=[AssignmentBody.model_validate(a) for a in sorted(person.assignments)],
        )
