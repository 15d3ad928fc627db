"""What must be there against what is there, by id: "lost", "twice" and "from nowhere" have names.

Pure functions over what was read; they know the architecture's names and no code of the services.
"""

import json
from collections import Counter, defaultdict
from collections.abc import Iterable

from chaos.final_read import SERVICES, Everything
from demo.ledger import OK, UNKNOWN
from support.checker import Difference, compare

# Consumer group > the event types that it takes, as the architecture says.
GROUPS = {
    **{
        f"{service}.units": ("workflow.unit.registered.v1", "workflow.unit.changed.v1")
        for service in ("assessment", "content", "notification", "people")
    },
    "assessment.rollouts": ("workflow.rollout.created.v1",),
    "assessment.stopped-journeys": ("workflow.journey.stopped.v1",),
    "assessment.pauses": (
        "workflow.journey.paused.v1",
        "workflow.journey.resumed.v1",
        "workflow.rollout.paused.v1",
        "workflow.rollout.resumed.v1",
    ),
    "content.rollouts": ("workflow.rollout.created.v1",),
    **{
        f"{service}.erasures": ("people.person.erased.v1",)
        for service in ("assessment", "content", "notification", "workflow")
    },
    "notification.round-invitations": (
        "assessment.round.opened.v1",
        "assessment.round.extended.v1",
        "assessment.round.closed.v1",
        "people.unit.members_joined.v1",
    ),
    "notification.results": ("assessment.results.released.v1",),
    "notification.unit-messages": (
        "content.assignment.created.v1",
        "people.unit.manager_changed.v1",
        "workflow.rollout.gate_evaluated.v1",
        "workflow.rollout.decision_approved.v1",
        "workflow.journey.stuck.v1",
    ),
    "notification.delegations": ("people.delegation.end_approached.v1",),
    "people.rounds": (
        "assessment.round.opened.v1",
        "assessment.round.extended.v1",
        "assessment.round.closed.v1",
    ),
    "people.unit-tree": ("workflow.unit.registered.v1", "workflow.unit.changed.v1"),
    "workflow.evidence": (
        "assessment.results.released.v1",
        "content.assignment.completed.v1",
        "content.meeting.held.v1",
        "content.action.chosen.v1",
        "content.action.checked_back.v1",
        "people.unit.manager_changed.v1",
    ),
    "workflow.corrections": (
        "content.meeting.withdrawn.v1",
        "content.action.withdrawn.v1",
        "content.action.check_back_withdrawn.v1",
    ),
    "workflow.references": (
        "assessment.instrument.published.v1",
        "content.module.published.v1",
        "assessment.round.opened.v1",
        "assessment.round.extended.v1",
        "assessment.round.closed.v1",
    ),
}
EXTERNAL = "notification.webhooks"
# Nothing is expected here in a good run; the story stops no journey, withdraws nothing, erases
# nobody, and nobody stands in for anybody.
EMPTY = {
    *("waiting in the outboxes", "unsent messages", "dead letters", "taken by others"),
    *("taken by assessment.stopped-journeys", "taken by workflow.corrections"),
    "taken by notification.delegations",
    *(f"taken by {group}" for group in GROUPS if group.endswith(".erasures")),
}
# Ledger kind > the event that an accepted attempt causes once, and where its id is.
CAUSED = {
    "meeting": ("content.meeting.held.v1", "meeting_id"),
    "action": ("content.action.chosen.v1", "action_id"),
    "check_back": ("content.action.checked_back.v1", "action_id"),
    "trickle-unit": ("workflow.unit.registered.v1", "unit_id"),
    "trickle-publish": ("content.module.published.v1", "module_id"),
    "trickle-instrument": ("assessment.instrument.published.v1", "instrument_id"),
}


def differences(all_: Everything) -> dict[str, Difference]:
    """Every comparison by name. A clean system has only clean ones."""
    return {
        **_published(all_),
        **_consumed(all_),
        **_caused(all_),
        **_units(all_),
        **_messages(all_),
        **_journeys(all_),
        "answers counted": _answers(all_, "answers_counted"),
        "answers destroyed": _answers(all_, "sheets_destroyed"),
        "evidence": _evidence(all_),
        "dead letters": compare([], all_.dead_letters),
    }


def _published(all_: Everything) -> dict[str, Difference]:
    """Kafka may hold copies of a record; consumers know them by their id. So: the set of ids."""
    recorded = [r["id"] for service in SERVICES for r in all_.tables[f"{service}.outbox"]]
    pending = [f"{s}/{r['id']}" for s in SERVICES for r in all_.tables[f"{s}.pending"]]
    return {
        "published": compare(recorded, {event.id for event in all_.events}),
        "waiting in the outboxes": compare([], pending),
    }


def _consumed(all_: Everything) -> dict[str, Difference]:
    since = min((r["created_at"] for r in all_.tables["notification.subscribed"]), default=None)
    found: dict[str, list[str]] = defaultdict(list)
    for service in SERVICES:
        for row in all_.tables[f"{service}.inbox"]:
            found[row["consumer"]].append(row["id"])
    result = {
        f"taken by {group}": compare({e.id for e in all_.of(*types)}, found[group])
        for group, types in GROUPS.items()
    }
    result["taken by others"] = compare([], found.keys() - GROUPS.keys() - {EXTERNAL})
    external = [e for e in all_.events if e.topic.startswith("external.")]
    result[f"taken by {EXTERNAL}"] = compare({e.id for e in external}, found[EXTERNAL])
    wanted = {e.id for e in external if since and e.time >= since}
    sent = [r["id"] for r in all_.tables["notification.deliveries"] if r["status"] == "sent"]
    result["webhook deliveries"] = compare(range_(len(wanted)), range_(len(sent)))
    verified = {str(w["webhook_id"]) for w in all_.webhooks if w["verified"]}
    result["webhooks received"] = compare(sent, verified)
    return result


def range_(count: int) -> list[str]:
    """Ids for things that can only be counted."""
    return [f"number {n}" for n in range(count)]


def _caused(all_: Everything) -> dict[str, Difference]:
    """Each accepted attempt has caused its event once; one without an answer at most once."""
    result = {}
    for kind, (type_, field) in CAUSED.items():
        attempts = [a for a in all_.ledger if a.kind == kind]
        accepted = {str(a.answer.get(field, a.key)) for a in attempts if a.outcome == OK}
        unsure = any(a.outcome == UNKNOWN for a in attempts)
        events = {e.id: str(e.data[field]) for e in all_.of(type_)}
        ids = [i for i in events.values() if "trickle" not in kind or i.startswith("trickle")]
        there = compare(accepted, ids)
        forgiven = frozenset() if not unsure else there.unexpected
        result[f"asked: {kind}"] = Difference(
            there.lost, there.unexpected - forgiven, there.duplicated, there.expected
        )
    return result


def _units(all_: Everything) -> dict[str, Difference]:
    """The other services' copies of the units equal the original; people has their ids only. Which
    units have a manager is what the assignments say."""
    original = {f"{r['unit_id']}={r['name']}" for r in all_.tables["workflow.units"]}
    managed = {r["unit_id"] for r in all_.tables["people.managers"]}
    ids = {r["unit_id"] for r in all_.tables["workflow.units"]}
    return {
        **{
            f"units in {service}": compare(
                original, [f"{r['unit_id']}={r['name']}" for r in all_.tables[f"{service}.units"]]
            )
            for service in ("assessment", "content", "notification")
        },
        "units in people": compare(ids, [r["unit_id"] for r in all_.tables["people.units"]]),
        "units with a manager": compare(
            managed, [r["unit_id"] for r in all_.tables["workflow.managers"]]
        ),
    }


def _messages(all_: Everything) -> dict[str, Difference]:
    """One message per release and recipient, each sent, each in the mailbox.

    The mailbox may hold a mail twice, if the process died between the server's 250 and its own
    commit; the Message-ID is the same. So: the set of Message-IDs.
    """
    rows = all_.tables["notification.messages"]
    people: dict[str, set[str]] = defaultdict(set)
    works_in: dict[str, set[str]] = defaultdict(set)
    for row in all_.tables["people.recipients"]:
        people[row["unit_id"]].add(row["person_id"])
        if row["role"] == "employee":
            works_in[row["person_id"]].add(row["unit_id"])
    invited: dict[str, list[str]] = defaultdict(list)
    for row in rows:
        facts = json.loads(row["facts"])
        if row["template"] in ("round_opened", "follow_up_opened"):
            invited[facts["round_id"]].append(row["recipient_id"])
    opened = {e.id: e for e in all_.of("assessment.round.opened.v1")}.values()
    in_release: dict[str, set[str]] = defaultdict(set)
    for event in opened:
        in_release[event.data["release_id"]].add(event.data["unit_id"])
    expected, counts = [], []
    for release_id, units in in_release.items():
        # A manager may have changed since; how many were invited may not. Who works in two of the
        # units is invited once.
        twice = sum(max(len(theirs & units) - 1, 0) for theirs in works_in.values())
        expected += range_of(release_id, sum(len(people[unit]) for unit in units) - twice)
        rounds = [e.data["round_id"] for e in opened if e.data["release_id"] == release_id]
        counts += range_of(release_id, sum(len(invited[one]) for one in rounds))
    unsent = [r["id"] for r in rows if r["status"] != "sent"]
    return {
        "invitations": compare(expected, counts),
        "unsent messages": compare([], unsent),
        "mails": compare([r["id"] for r in rows], {m.id for m in all_.mails}),
        "mails of different texts": _texts(all_),
    }


def _texts(all_: Everything) -> Difference:
    """Nobody gets the same text under two Message-IDs.

    Mails about a rollout are left out: the story has the gate evaluated twice. So are those about
    results, which are the same after each round of a unit.
    """
    again = ("/rollouts/", "?rollout=")
    mails = {m.id: m for m in all_.mails if not any(link in m.text for link in again)}.values()
    texts = [f"{mail.recipient}: {mail.text}" for mail in mails]
    return compare(texts, texts)


def range_of(name: str, count: int) -> list[str]:
    """`count` things that belong to `name`."""
    return [f"{name}/{n}" for n in range(count)]


def _evidence(all_: Everything) -> Difference:
    """One row of evidence for each fact about a journey."""
    kinds = {
        "content.assignment.completed.v1": ("module_completed", "assignment_id"),
        "content.meeting.held.v1": ("meeting_held", "meeting_id"),
        "content.action.chosen.v1": ("action_chosen", "action_id"),
        "content.action.checked_back.v1": ("action_checked_back", "action_id"),
    }
    expected = {f"{k}|{e.data[f]}" for t, (k, f) in kinds.items() for e in all_.of(t)}
    expected |= {
        f"{e.data['occasion']}_released|{e.data['round_id']}"
        for e in all_.of("assessment.results.released.v1")
    }
    return compare(expected, [r["id"] for r in all_.tables["workflow.evidence"]])


def _journeys(all_: Everything) -> dict[str, Difference]:
    """Every journey and rollout is at an end, and no transition is missing in between."""
    journeys = all_.tables["workflow.journeys"]
    done = [r["id"] for r in journeys if r["status"] == "completed"]
    published = {
        f"{e.data['rollout_id']}|{e.data['unit_id']}"
        for e in all_.of("workflow.journey.completed.v1")
    }
    rollouts = all_.tables["workflow.rollouts"]
    finished = [r["id"] for r in rollouts if r["status"] == "completed"]
    steps = [f"{r['id']}/{n}" for r in rollouts for n in range(1, r["version"] + 1)]
    found = [f"{r['id']}/{r['version']}" for r in all_.tables["workflow.transitions"]]
    return {
        "journeys completed": compare([r["id"] for r in journeys], done),
        "journeys published as completed": compare(done, published),
        "rollouts completed": compare([r["id"] for r in rollouts], finished),
        "transitions": compare(steps, found),
    }


def _answers(all_: Everything, number: str) -> Difference:
    """As many sheets per rollout and occasion as answers accepted; whose they are is secret."""
    opened = all_.of("assessment.round.opened.v1")
    disposal_of = {
        e.data["round_id"]: f"{e.data['rollout_id']} {e.data['occasion']}" for e in opened
    }
    attempts = [a for a in all_.ledger if a.kind == "answer"]
    ok = {a.key for a in attempts if a.outcome == OK}
    unknown = {a.key for a in attempts if a.outcome == UNKNOWN} - ok
    accepted, unsure = [
        Counter(disposal_of.get(key.partition("|")[0], "never published") for key in keys)
        for keys in (ok, unknown)
    ]
    kept = {row["id"]: row[number] or 0 for row in all_.tables["assessment.disposals"]}
    expected, found = [], []
    for disposal in accepted.keys() | kept.keys():
        least, there = accepted[disposal], kept.get(disposal, 0)
        expected += range_of(disposal, min(max(least, there), least + unsure[disposal]))
        found += range_of(disposal, there)
    return compare(expected, found)


def sent_again(all_: Everything) -> dict[str, int]:
    """Copies to the outside world under the same id: allowed, counted, reported."""
    webhooks: Iterable[str] = (str(w["webhook_id"]) for w in all_.webhooks)
    return {
        "records in Kafka": len(all_.events) - len({e.id for e in all_.events}),
        "mails": len(all_.mails) - len({m.id for m in all_.mails}),
        "webhooks": sum(n - 1 for n in Counter(webhooks).values()),
    }
