"""What services answer about their processes, as their API documents describe it, and Prometheus
about all; sample data."""

from datetime import datetime
from typing import Any

from portal_service.domain.monitored import Alert, Drill, LimitMet, Monitored

NOW = "2026-09-01T08:00:00Z"
BEFORE = "2026-09-01T06:30:00Z"


def process(name: str = "content-worker", **changes: Any) -> dict[str, Any]:
    return {
        "name": name,
        "place": "host-1/4711",
        "version": "0.1.0",
        "state": "running",
        "started_at": BEFORE,
        "seen_at": NOW,
        "servers": [server("postgresql"), server("kafka")],
        **changes,
    }


def server(name: str, away_since: str | None = None) -> dict[str, Any]:
    return {"server": name, "away_since": away_since}


def group(**changes: Any) -> dict[str, Any]:
    return {
        "group": "content.units",
        "partitions": 3,
        "records": 0,
        "seconds": 0.0,
        "dead_letters": 0,
        "handled_per_minute": 12,
        **changes,
    }


def backlog(kind: str, count: int = 0, oldest_at: str | None = None) -> dict[str, Any]:
    return {"kind": kind, "count": count, "oldest_at": oldest_at}


def operation(**changes: Any) -> dict[str, Any]:
    return {
        "as_of": NOW,
        "migration": "0009",
        "processes": [process("content-api"), process()],
        "roles_without_process": [],
        "groups": [group()],
        "published_per_minute": 7,
        "held_up": [],
        "backlogs": [backlog("outbox")],
        **changes,
    }


def troubled(text: str = "Rehab") -> dict[str, Any]:
    """With something of every kind to look at."""
    kinds = (
        *("outbox", "mails", "webhooks", "rounds_overdue", "rounds_held", "waiting_waves"),
        *("self_test_findings", "releases_unchecked", "quarantine"),
    )
    return operation(
        processes=[
            process("content-api", state="away", place=text),
            process(servers=[server("kafka", BEFORE), server("smtp", BEFORE)]),
            process(state="replaced"),
        ],
        roles_without_process=["temporal"],
        groups=[
            group(seconds=90.4, records=5, dead_letters=2),
            group(group=text, partitions=0),
            group(group="content.other", records=None, seconds=None, dead_letters=None),
        ],
        held_up=[text],
        backlogs=[
            *(backlog(kind, 2, BEFORE) for kind in kinds),
            backlog("stuck_journeys", 3),
        ],
    )


def monitored() -> Monitored:
    """An alert fires, the last drill was not passed, and a limit was met."""
    before, now = datetime.fromisoformat(BEFORE), datetime.fromisoformat(NOW)
    alert = Alert("ProcessDown", True, "content-worker is down.", "alerts.md#processdown", before)
    drill = Drill(passed_at=before, failed_at=now, rpo_seconds=0.1, rto_seconds=74.5)
    return Monitored([alert], drill, [LimitMet("content", "person", 12)])
