"""How the platform's processes and servers are, from what each service says: what works, what does
not, and what somebody has to look at."""

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Literal

State = Literal["works", "limited", "away", "unknown"]
Answer = Mapping[str, Any]
"""What a service answers: `Operation` of its API document."""
Answers = Mapping[str, Answer | None]
"""By service; None for one that did not answer."""

SIGNS: Mapping[State, str] = {"works": "✓", "limited": "!", "away": "✕", "unknown": "?"}
WAITS_TOO_LONG = {
    "outbox": timedelta(minutes=1),
    "mails": timedelta(minutes=15),
    "webhooks": timedelta(hours=1),
    "rounds_overdue": timedelta(minutes=5),
    "releases_unchecked": timedelta(minutes=30),
}
"""By kind of what waits: for so long it is nothing to look at."""
_AT_ONCE = ("stuck_journeys", "quarantine", "self_test_findings")
BEHIND_SECONDS = 60
_SETTLED = timedelta(minutes=1)
"""So long after its start a worker has its partitions."""
RUNBOOKS = {
    "dead_letters": "dead-letters",
    "held_up": "lost-topics",
    "unread": "lost-topics",
    "self_test_findings": "self-test",
    "releases_unchecked": "self-test",
}
"""By kind of finding; all others are in `operation`."""


@dataclass(frozen=True, slots=True)
class Finding:
    """Something to look at. `names`: services, processes, groups or topics that it is about."""

    kind: str
    names: tuple[str, ...]
    since: str | None = None
    count: int = 0

    @property
    def runbook(self) -> str:
        """The file below docs/runbooks that says what to do."""
        return RUNBOOKS.get(self.kind, "operation") + ".md"


@dataclass(frozen=True, slots=True)
class Process:
    """`away`: (server that it does not reach, since when). `restarts`: in the last hour, of all of
    its name, without having been stopped."""

    name: str
    place: str
    version: str
    state: State
    started_at: str
    seen_at: str
    away: tuple[tuple[str, str], ...]
    restarts: int


@dataclass(frozen=True, slots=True)
class Server:
    """A server, as the processes that use it see it. `away`: (process, since when) for each that
    does not reach it."""

    name: str
    seen_by: int
    away: tuple[tuple[str, str], ...]

    @property
    def state(self) -> State:
        if not self.away:
            return "works"
        return "away" if len(self.away) == self.seen_by else "limited"


@dataclass(frozen=True, slots=True)
class Figures:
    """A service in numbers; None for what nobody knows now."""

    service: str
    published: int
    handled: int
    outbox: Mapping[str, Any] | None
    records: int | None
    seconds: int | None
    dead_letters: int | None
    groups: Sequence[Mapping[str, Any]]
    others: Sequence[Mapping[str, Any]]


@dataclass(frozen=True, slots=True)
class Release:
    """What a service runs: several versions while it is upgraded; its database's `migration`."""

    service: str
    versions: tuple[str, ...]
    migration: str


@dataclass(frozen=True, slots=True)
class Health:
    findings: Sequence[Finding]
    processes: Sequence[Process]
    servers: Sequence[Server]
    figures: Sequence[Figures]
    releases: Sequence[Release]


def health_of(answers: Answers) -> Health:
    known = {service: answer for service, answer in answers.items() if answer is not None}
    processes = [one for answer in known.values() for one in _processes(answer)]
    servers = _servers([one for answer in known.values() for one in answer["processes"]])
    findings = [Finding("service_away", (s,)) for s, answer in answers.items() if answer is None]
    findings += [
        Finding("process_away", (p.name, p.place), p.seen_at)
        for p in processes
        if p.state == "away"
    ]
    findings += [
        Finding(
            "server_away",
            (server.name, *sorted({name for name, _ in server.away})),
            min(since for _, since in server.away),
        )
        for server in servers
        if server.away
    ]
    for service, answer in known.items():
        findings += _of_service(service, answer)
    figures = [_figures(s, a) for s, a in known.items()]
    return Health(findings, processes, servers, figures, [_release(s, a) for s, a in known.items()])


def _processes(answer: Answer) -> Iterator[Process]:
    restarts = Counter(one["name"] for one in answer["processes"] if one["state"] == "replaced")
    for one in answer["processes"]:
        if one["state"] == "replaced":
            continue
        running = one["state"] == "running"
        away = tuple(_away(one)) if running else ()
        yield Process(
            name=one["name"],
            place=one["place"],
            version=one["version"],
            state="away" if not running else "limited" if away else "works",
            started_at=one["started_at"],
            seen_at=one["seen_at"],
            away=away,
            restarts=restarts[one["name"]],
        )


def _away(process: Mapping[str, Any]) -> Iterator[tuple[str, str]]:
    for one in process["servers"]:
        if one["away_since"]:
            yield one["server"], one["away_since"]


def _servers(processes: Sequence[Mapping[str, Any]]) -> list[Server]:
    seen, away = Counter[str](), dict[str, list[tuple[str, str]]]()
    for process in processes:
        if process["state"] == "running":
            seen.update(one["server"] for one in process["servers"])
            for server, since in _away(process):
                away.setdefault(server, []).append((process["name"], since))
    return [Server(name, seen[name], tuple(away.get(name, ()))) for name in sorted(seen)]


def _of_service(service: str, answer: Answer) -> Iterator[Finding]:
    as_of = datetime.fromisoformat(answer["as_of"])
    known = {
        role
        for one in answer["processes"]
        if one["state"] == "away"
        for role in one["name"].split("-")[1:]
    }
    for role in answer["roles_without_process"]:
        if role not in known:
            yield Finding("no_process", (f"{service}-{role}",))
    for topic in answer["held_up"]:
        yield Finding("held_up", (topic,))
    for group in answer["groups"]:
        yield from _of_group(group, _has_settled(answer, as_of))
    for waiting in answer["backlogs"]:
        kind, oldest_at = waiting["kind"], waiting["oldest_at"]
        longest = WAITS_TOO_LONG.get(kind)
        too_long = longest and oldest_at and as_of - datetime.fromisoformat(oldest_at) > longest
        if too_long or (kind in _AT_ONCE and waiting["count"]):
            yield Finding(kind, (service,), oldest_at, waiting["count"])


def _of_group(group: Mapping[str, Any], settled: bool) -> Iterator[Finding]:
    name = (group["group"],)
    if not group["partitions"] and settled:
        yield Finding("unread", name)
    elif (group["seconds"] or 0) > BEHIND_SECONDS:
        yield Finding("behind", name, count=round(group["seconds"]))
    if group["dead_letters"]:
        yield Finding("dead_letters", name, count=group["dead_letters"])


def _has_settled(answer: Answer, as_of: datetime) -> bool:
    """Whether a worker has run long enough to have something to read."""
    return any(
        one["state"] == "running"
        and "worker" in one["name"].split("-")
        and as_of - datetime.fromisoformat(one["started_at"]) > _SETTLED
        for one in answer["processes"]
    )


def _release(service: str, answer: Answer) -> Release:
    """The release before this one says nothing of migrations."""
    running = (one for one in answer["processes"] if one["state"] == "running")
    versions = sorted({one["version"] for one in running})
    return Release(service, tuple(versions), answer.get("migration", "–"))


def _figures(service: str, answer: Answer) -> Figures:
    groups = answer["groups"]
    seconds = _all(group["seconds"] for group in groups)
    letters = _all(group["dead_letters"] for group in groups)
    records = _all(group["records"] for group in groups)
    return Figures(
        service=service,
        published=answer["published_per_minute"],
        handled=sum(group["handled_per_minute"] for group in groups),
        outbox=next((one for one in answer["backlogs"] if one["kind"] == "outbox"), None),
        records=None if records is None else sum(records),
        seconds=None if seconds is None else round(max(seconds)),
        dead_letters=None if letters is None else sum(letters),
        groups=groups,
        others=[one for one in answer["backlogs"] if one["kind"] != "outbox"],
    )


def _all(values: Iterator[Any]) -> list[Any] | None:
    """The values, if there are any and all are known."""
    found = list(values)
    return None if not found or None in found else found
