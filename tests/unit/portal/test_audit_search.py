"""A search in all trails: what an address means, and lines merged without a gap."""

from datetime import timedelta, timezone
from typing import Any

from portal_service.domain.audit_search import merged, search_of

SERVICES = ("content", "people")
ZONE = timezone(timedelta(hours=1))


def line(seq: int, minute: int) -> dict[str, Any]:
    return {"seq": seq, "at": f"2026-09-01T08:{minute:02}:00Z"}


def found(*lines: dict[str, Any], total: int | None = None) -> dict[str, Any]:
    return {"items": list(lines), "total": len(lines) if total is None else total}


def places(pages: dict[str, dict[str, Any]]) -> list[tuple[str, int]]:
    return [(one["service"], one["seq"]) for one in merged(pages)]


def test_the_lines_of_all_services_are_in_the_order_of_time() -> None:
    pages = {"content": found(line(9, 30), line(8, 10)), "people": found(line(4, 20))}
    assert places(pages) == [("content", 9), ("people", 4), ("content", 8)]


def test_lines_of_one_moment_are_in_the_order_of_their_numbers() -> None:
    assert places({"content": found(line(7, 1), line(8, 1))}) == [("content", 8), ("content", 7)]


def test_what_is_older_than_a_page_that_goes_on_is_left_out() -> None:
    """The first service has lines between minute 5 and 20 that are not on its page."""
    pages = {"content": found(line(9, 30), line(8, 20), total=50), "people": found(line(4, 5))}
    assert places(pages) == [("content", 9), ("content", 8)]


def test_nothing_is_found() -> None:
    assert merged({"content": found(), "people": found(total=3)}) == []


def test_days_are_whole_days_of_the_zone() -> None:
    search = search_of({"since": "2026-09-01", "until": "2026-09-01"}, SERVICES)
    assert search.query(ZONE) == {
        "since": "2026-09-01T00:00:00+01:00",
        "until": "2026-09-02T00:00:00+01:00",
    }


def test_what_is_no_choice_is_left_out() -> None:
    typed = {"service": "portal", "since": "yesterday", "until": "9999-12-31", "action": "a\x00b"}
    assert search_of(typed, SERVICES).query(ZONE) == {}
    assert search_of(typed, SERVICES).address() == "?"


def test_the_address_keeps_the_search() -> None:
    search = search_of({"account": " a  b ", "service": "people"}, SERVICES)
    assert search.address() == "?service=people&account=a+b"
    assert search.address(service="content") == "?service=content&account=a+b"
