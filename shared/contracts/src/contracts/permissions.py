"""What each role may do: one table.

The services' checks, their API documents and docs/generated/permissions.md come from it. Whoever is
not listed may not.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import Literal

Role = Literal[
    "employee",
    "manager",
    "deputy",
    "facilitator",
    "safety_representative",
    "strategist",
    "administrator",
    "approver",
    "auditor",
    "operator",
    "service",
    "subscriber",
    "provisioner",
    "respondent",
]
Reach = Literal["units", "anywhere", "region", "own"]
"""How the units of a role limit a permission.

- `units`: to those that the role is held for. A list has these only; one of another unit looks
  unknown (404), or is refused (403).
- `anywhere`: not at all, because it concerns no unit.
- `region`: the role has to be held for the whole region (else 403).
- `own`: to what the caller made; with the role for the whole region, to everybody's.
"""


@dataclass(frozen=True, slots=True)
class Permission:
    """Something that these roles may do. `what` completes the sentence "They may ..."."""

    name: str
    what: str
    roles: tuple[Role, ...]
    reach: Reach = "units"


_LEADING: tuple[Role, ...] = ("manager", "deputy")
_TAKING_PART: tuple[Role, ...] = ("employee", *_LEADING)
_OF_A_UNIT: tuple[Role, ...] = (*_TAKING_PART, "facilitator", "safety_representative")
_OVERSEEING: tuple[Role, ...] = ("administrator", "approver", "auditor", "strategist")
_READING: tuple[Role, ...] = (*_OF_A_UNIT, *_OVERSEEING, "service")
_PERSONS: tuple[Role, ...] = (*_OF_A_UNIT, *_OVERSEEING, "operator")
"""Whatever a person can hold: who will stand in for somebody may hold nothing else yet."""
_RUNNING: tuple[Role, ...] = ("administrator", "auditor", "operator", "service")

_ASSESSMENT = (
    Permission("instruments.read", "read instruments", _READING, "anywhere"),
    Permission("instruments.publish", "publish an instrument", ("administrator",), "region"),
    Permission("rounds.read", "read rounds", _READING),
    Permission("rounds.read_one", "read a round with its questions", (*_READING, "respondent")),
    Permission(
        "rounds.answer",
        "answer an open round of their unit",
        ("employee", "manager", "respondent"),
    ),
    Permission(
        "rounds.remind", "ask who has not answered a round, to remind them", ("service",), "region"
    ),
    Permission("rounds.open", "open rounds", ("service",), "region"),
    Permission("rounds.close", "close a round before its time", ("administrator", "service")),
    Permission("rounds.extend", "extend a round, or write it off", ("administrator",)),
    Permission("results.read", "read released results", _READING),
    Permission(
        "report_groups.read", "read which units are reported together", _OVERSEEING, "region"
    ),
    Permission(
        "report_groups.join",
        "decide which units are reported together",
        ("administrator",),
        "region",
    ),
    Permission(
        "self_test.read",
        "read what the self-test found in everything published",
        (*_PERSONS, "respondent"),
        "anywhere",
    ),
    Permission(
        "custody.hand_in",
        "hand in the custodian's share of a release's key",
        ("administrator", "safety_representative"),
        "region",
    ),
)
_CONTENT = (
    Permission(
        "articles.edit",
        "write, review, publish and withdraw what everybody may read",
        ("administrator",),
        "region",
    ),
    Permission(
        "questions.ask",
        "ask a question, and read what became of it",
        (*_OF_A_UNIT, *_OVERSEEING),
        "anywhere",
    ),
    Permission(
        "questions.handle",
        "read the questions that wait, answer and close them",
        ("administrator",),
        "region",
    ),
    Permission("modules.read", "read published modules", _READING, "anywhere"),
    Permission("modules.edit", "write and publish modules", ("administrator",), "region"),
    Permission("assignments.make", "give units their modules", ("administrator", "service")),
    Permission("practice.read", "read a unit's modules, meetings and actions", _READING),
    Permission(
        "practice.record",
        "record a unit's meetings, actions, and items done",
        (*_LEADING, "facilitator"),
    ),
    Permission(
        "practice.record_on_paper",
        "record a meeting that a unit's manager noted on paper",
        ("administrator",),
    ),
    Permission(
        "practice.correct",
        "correct or withdraw what was recorded",
        (*_LEADING, "administrator"),
    ),
)
_NOTIFICATION = (
    Permission(
        "messages.read",
        "read the log of messages",
        ("administrator", "auditor", "operator"),
        "region",
    ),
    Permission(
        "quarantine.lift",
        "send mails and webhooks again after a restore",
        ("operator",),
        "region",
    ),
    Permission(
        "subscriptions.read",
        "read event types, subscriptions and deliveries",
        ("administrator", "auditor", "operator", "subscriber"),
        "own",
    ),
    Permission(
        "subscriptions.change",
        "subscribe and change subscriptions",
        ("administrator", "subscriber"),
        "own",
    ),
    Permission(
        "deliveries.resume",
        "enable a disabled subscription, and send a delivery again",
        ("administrator", "operator", "subscriber"),
        "own",
    ),
)
_PEOPLE = (
    Permission("persons.read", "read persons with their addresses", ("administrator",), "region"),
    Permission(
        "persons.change",
        "import, add, change, delete and erase persons",
        ("administrator",),
        "region",
    ),
    Permission("persons.assign", "give and end roles by hand for their units", ("administrator",)),
    Permission("persons.provision", "keep persons by SCIM", ("provisioner",), "region"),
    Permission(
        "persons.check",
        "read what keeps mails from people",
        ("administrator", "auditor", "operator"),
        "region",
    ),
    Permission(
        "delegations.make", "let somebody stand in for them", ("manager", "approver"), "anywhere"
    ),
    Permission(
        "delegations.record",
        "record who stands in for somebody, and end it",
        ("administrator",),
        "region",
    ),
    Permission(
        "delegations.read",
        "read in whose place they stand, and who in theirs",
        _PERSONS,
        "anywhere",
    ),
    Permission(
        "delegations.oversee",
        "read who stands in for whom",
        ("administrator", "auditor"),
        "region",
    ),
    Permission(
        "delegations.end",
        "end what they gave or have",
        _PERSONS,
        "anywhere",
    ),
    Permission(
        "erasures.read",
        "read what was removed of somebody who was erased",
        ("administrator", "auditor"),
        "region",
    ),
    Permission("erasures.confirm", "ask who was erased, and confirm it", ("service",), "region"),
    Permission("contacts.ask", "ask whom to write to, and where", ("service",), "region"),
    Permission(
        "codes.issue",
        "print one-time codes for a round of their units",
        ("administrator",),
    ),
)
_WORKFLOW = (
    Permission("units.read", "read units", (*_READING, "operator")),
    Permission("units.change", "import units and change them", ("administrator",), "region"),
    Permission(
        "templates.read", "read templates of rollouts", (*_OVERSEEING, "service"), "anywhere"
    ),
    Permission("templates.publish", "publish a template", ("administrator",), "region"),
    Permission(
        "rollouts.read",
        "read rollouts and their history",
        (*_OVERSEEING, "operator", "service"),
        "anywhere",
    ),
    Permission("rollouts.act", "create a rollout and advance it", ("administrator",), "region"),
    Permission(
        "decisions.approve",
        "approve or reject a decision that somebody else proposed",
        ("administrator", "approver"),
        "region",
    ),
    Permission("decisions.read", "read an approved decision", _READING, "anywhere"),
    Permission("journeys.read", "read where units stand", _READING),
    Permission(
        "journeys.explain",
        "read why a unit's journey was paused or stopped",
        (*_LEADING, *_OVERSEEING),
    ),
    Permission("pauses.read", "read which units are paused", ("service",), "region"),
)
_EVERY_SERVICE = (
    Permission("audit.read", "read who changed what", ("auditor", "operator"), "region"),
    Permission(
        "operation.read",
        "read how processes and servers are, and what waits",
        ("administrator", "operator"),
        "region",
    ),
    Permission(
        "dead_letters.read",
        "read which events could not be taken",
        ("administrator", "auditor", "operator"),
        "region",
    ),
    Permission(
        "dead_letters.handle",
        "send dead letters again, and discard them",
        ("operator",),
        "region",
    ),
    Permission("open_problems.read", "read what waits for somebody to mend it", _RUNNING),
    Permission(
        "operation.read",
        "read how processes and servers are, and what waits",
        ("administrator", "operator"),
        "region",
    ),
    Permission(
        "units.compare",
        "read which units a service knows, to compare services after a restore",
        ("operator", "service"),
        "region",
    ),
    Permission(
        "import_mappings.change",
        "save how other systems' files are read",
        ("administrator",),
        "region",
    ),
)

PERMISSIONS: Mapping[str, Permission] = MappingProxyType(
    {
        permission.name: permission
        for permission in (
            *_ASSESSMENT,
            *_CONTENT,
            *_NOTIFICATION,
            *_PEOPLE,
            *_WORKFLOW,
            *_EVERY_SERVICE,
        )
    }
)
"""Every permission, by name."""
