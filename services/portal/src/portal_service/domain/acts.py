"""What administrators do on a page of its own, which says first what follows from it."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from portal_service.domain import forms
from portal_service.domain.document_form import faults_of
from portal_service.domain.forms import Field
from portal_service.domain.marking import N_
from portal_service.domain.texts import ROLES

_LONGEST_REASON = 500
_LONGEST_LINE = 300
_LONGEST_TEXT = 2000
_LONGEST_ID = 63
_HELD_BY_HAND = tuple(role for role in ROLES if role not in ("deputy", "respondent"))
"""A deputy is of a delegation, a respondent of a one-time code."""


@dataclass(frozen=True, slots=True)
class Act:
    """`says`: what follows. `is_final`: it cannot be taken back."""

    title: str
    fields: Sequence[Field]
    says: Sequence[str] = ()
    is_final: bool = False


def text(name: str, required: bool = True, longest: int = 200) -> Field:
    return Field(name, "text", required, longest, ())


def day(name: str, required: bool = False) -> Field:
    return Field(name, "date", required, None, ())


_REASON = text("reason", longest=_LONGEST_REASON)
_NO_NAMES = Field("reason_without_names", "area", True, _LONGEST_TEXT, ())
_UNIT = text("unit_id", required=False, longest=_LONGEST_ID)
_ROLE = Field("role", "choice", True, None, _HELD_BY_HAND)
_LANGUAGE = Field("language", "choice", True, None, ("sv", "en"))
_PERSON = text("person_id", longest=_LONGEST_ID)
_FACTS = (
    text("name"),
    text("email", required=False, longest=254),
    _LANGUAGE,
    text("phone", required=False, longest=40),
    text("hsa_id", required=False, longest=40),
    _REASON,
)

# The pages that lead to acts.
CUSTODY = N_("Results that wait for the custodian")
ERASURES = N_("Erasures")
PERSON = N_("The person")
PERSONS = N_("Persons")
ROUNDS = N_("Rounds")
START = N_("To the start page")
UNIT = N_("To the unit")
UNIT_CHANGES = N_("Changes of units")

ROUND_ACTS: Mapping[str, Act] = {
    "close": Act(
        N_("Close the round now"),
        (),
        (
            N_("Nobody can answer after that, and it cannot be opened again."),
            N_("When the last round of its release has closed, the results are released."),
        ),
        is_final=True,
    ),
    "extend": Act(
        N_("Extend the round"),
        (Field("closes_at", "moment", True, None, ()), _NO_NAMES),
        (N_("Everybody who reads the round sees the reason."),),
    ),
    "write-off": Act(
        N_("Write the round off"),
        (_NO_NAMES,),
        (
            N_("Only a closed round whose answers cannot be read any more is written off."),
            N_("It counts then as one that nobody answered, and the results are released."),
        ),
        is_final=True,
    ),
}
HAND_IN = Act(
    N_("Hand in the custodian's share"),
    (text("share", longest=44),),
    (
        N_("The results are released next. The share is destroyed then, and opens no other ones."),
        N_("Hand in what the command printed, never the custodian's own key."),
    ),
    is_final=True,
)
ADD_PERSON = Act(
    N_("Enter a person by hand"),
    (_PERSON, *_FACTS),
    (
        N_("For somebody whom no file brings, or not in time. Give them a role afterwards."),
        N_("The id is the one that files and identity providers have."),
    ),
)
CHANGE_PERSON = Act(
    N_("Change the person"),
    _FACTS,
    (N_("A file that still has what was before brings it back: correct it there too."),),
)
GIVE_ROLE = Act(
    N_("Give a role by hand"),
    (_PERSON, _ROLE, _UNIT, day("valid_from"), day("valid_to"), _REASON),
    (
        N_("Without a unit the role is for the whole region. Without a first day it begins today."),
        N_("What is given by hand is ended by hand alone: no file ends it."),
    ),
)
END_ROLE = Act(
    N_("End a role that was given by hand"),
    (_PERSON, _ROLE, _UNIT, day("last_day"), _REASON),
    (
        N_("Without a last day it ends at once. What has begun stays as history."),
        N_("A role that comes from a file or another system is ended there."),
    ),
)
RELEASE_IDENTITY = Act(
    N_("Take this sign-in from the person"),
    (_REASON,),
    (
        N_("It never signs anybody in as this person again; the next sign-in with another does."),
        N_("Whoever is signed in by it now stays so for ten minutes at most."),
    ),
    is_final=True,
)
ERASE_PERSON = Act(
    N_("Erase a person"),
    (_PERSON, text("person_id_again", longest=_LONGEST_ID), _REASON),
    (
        N_(
            "Everything that names the person is removed from every part of the platform: name,"
            " addresses, roles, deputies, sign-ins, mails, and the name in texts."
        ),
        N_(
            "Results, meetings and that something was done stay, without whom. What was published"
            " stays as it is."
        ),
        N_("Everybody who has the same full name is taken out of texts too."),
        N_("Take the person out of the file first: the next import brings them back otherwise."),
        N_("Somebody who was deleted before is erased by their id as well."),
    ),
    is_final=True,
)
WAIVE_PART = Act(
    N_("Leave a part out"),
    (
        Field("item", "choice", True, None, ()),
        text("reason_without_names", longest=_LONGEST_LINE),
    ),
    (N_("It counts as done then. Everybody who sees the unit's modules sees the reason."),),
)


def body_of(act: Act, typed: Mapping[str, str]) -> tuple[dict[str, Any], list[str]]:
    """What a service is sent, and the fields that cannot be sent as they are."""
    fields = [field for field in act.fields if field.name != "item"]
    body, wrong = forms.body_of(fields, typed)
    if _NO_NAMES.name in body:
        body["reason"] = body.pop(_NO_NAMES.name)
    return body, wrong


def faults_in(act: Act, errors: Iterable[Mapping[str, Any]]) -> list[tuple[str, str]]:
    """The field and the detail of each fault that a service found."""
    names = {field.name for field in act.fields}
    found = []
    for pointer, detail in faults_of(errors):
        name = pointer.removeprefix("/").partition("/")[0]
        if name == "reason" and name not in names:
            name = _NO_NAMES.name
        if name in names:
            found.append((name, detail))
    return found
