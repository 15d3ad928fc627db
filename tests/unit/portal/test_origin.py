"""Which requests and addresses are the portal's own."""

import pytest

from portal_service.domain.origin import own_path, same_origin

OWN = "https://portal.example.se"


@pytest.mark.parametrize(
    ("site", "origin", "accepted"),
    [
        ("same-origin", None, True),
        ("same-origin", OWN, True),
        ("none", None, True),
        ("same-site", OWN, False),
        ("cross-site", OWN, False),
        ("", OWN, False),
        ("SAME-ORIGIN", OWN, False),
        (None, OWN, True),
        (None, None, False),
        (None, "null", False),
        (None, "", False),
        (None, "https://portal.example.se.evil.example", False),
        (None, "https://portal.example.se:8443", False),
        (None, "http://portal.example.se", False),
        (None, "https://other.example.se", False),
    ],
)
def test_same_origin(site: str | None, origin: str | None, accepted: bool) -> None:
    assert same_origin(site, origin, OWN) is accepted


@pytest.mark.parametrize(
    "path",
    ["/", "/start", "/rounds/1?language=en#top", "/units/rehab?rollout=1", "/a?b=//c", "/å/ä"],
)
def test_a_path_of_the_portal_is_kept(path: str) -> None:
    assert own_path(path) == path


@pytest.mark.parametrize(
    "elsewhere",
    [
        *("", "start", "?x", "#x", "@evil.example", ".evil.example"),
        *("https://evil.example", "http:/evil.example", "https:evil.example", "HTTPS://evil"),
        *("//evil.example", "///evil.example", "//portal.example.se@evil.example", "//[", "//["),
        *("/\\evil.example", "\\\\evil.example", "\\/evil.example", "/start\\..\\x"),
        *("/\t/evil.example", "/\n/evil.example", "/\r\nset-cookie: a=b", "\t//evil.example"),
        *(" //evil.example", "/\x00", "/\x7f", "/\u2028", "/\u202egnp", "\x0b//evil.example"),
        *("javascript:alert(1)", "data:text/html,x", "//ex\u2100mple", "http://[", "/\u00a0/x"),
    ],
)
def test_what_leads_elsewhere_becomes_the_start_page(elsewhere: str) -> None:
    assert own_path(elsewhere) == "/start"
