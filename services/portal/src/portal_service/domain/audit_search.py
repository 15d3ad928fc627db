"""A search in the audit trails of all services."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import asdict, dataclass
from datetime import date, datetime, time, timedelta, tzinfo
from typing import Any
from urllib.parse import urlencode

_LONGEST = {"account": 255, "action": 100, "subject": 255}


@dataclass(frozen=True, slots=True)
class Search:
    """What is looked for, as the page's address says it; "" means all. Days are inclusive."""

    service: str
    account: str
    action: str
    subject: str
    since: str
    until: str

    def query(self, zone: tzinfo) -> dict[str, str]:
        """What a service is asked for."""
        asked = {name: getattr(self, name) for name in _LONGEST}
        for name, later in (("since", 0), ("until", 1)):
            if day := getattr(self, name):
                start = datetime.combine(date.fromisoformat(day), time(), zone)
                asked[name] = (start + timedelta(days=later)).isoformat()
        return {name: value for name, value in asked.items() if value}

    def address(self, **changes: str) -> str:
        """The query of the same search with changes; "" for a part that falls away."""
        parts = asdict(self) | changes
        return "?" + urlencode({name: value for name, value in parts.items() if value})


def search_of(typed: Mapping[str, str], services: Collection[str]) -> Search:
    """What an address or a form means; what is no choice is left out."""
    texts = {name: " ".join(typed.get(name, "").split())[:most] for name, most in _LONGEST.items()}
    service = typed.get("service", "")
    return Search(
        service=service if service in services else "",
        **{name: text if text.isprintable() else "" for name, text in texts.items()},
        since=_day(typed.get("since", "")),
        until=_day(typed.get("until", "")),
    )


def _day(text: str) -> str:
    try:
        return str(date.fromisoformat(text)) if "1970" < text < "9999" else ""
    except ValueError:
        return ""


def merged(found: Mapping[str, Mapping[str, Any]]) -> list[dict[str, Any]]:
    """The lines of the services' first pages, latest first, each with its `service`.

    Where a service has more lines than its page, older ones of the others are left out: so between
    the lines that are returned none is missing.
    """
    lines = [
        {**line, "service": service} for service, page in found.items() for line in page["items"]
    ]
    ends = [_oldest(page["items"]) for page in found.values() if page["total"] > len(page["items"])]
    start = max((end for end in ends if end), default=None)
    kept = [one for one in lines if start is None or _at(one) >= start]
    return sorted(kept, key=lambda one: (_at(one), one["seq"]), reverse=True)


def _oldest(lines: Sequence[Mapping[str, Any]]) -> datetime | None:
    return min(map(_at, lines), default=None)


def _at(line: Mapping[str, Any]) -> datetime:
    return datetime.fromisoformat(line["at"])
