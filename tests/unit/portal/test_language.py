"""In which language somebody reads."""

import pytest

from portal_service.domain.language import preferred


@pytest.mark.parametrize(
    ("chosen", "accepted", "language"),
    [
        ("en", "sv", "en"),
        ("sv", "en", "sv"),
        ("de", "en", "en"),
        ("", "", "sv"),
        (None, "", "sv"),
        (None, "en-GB,en;q=0.9,sv;q=0.8", "en"),
        (None, "de,fr;q=0.9", "sv"),
        (None, "sv;q=0.1,en;q=0.2", "en"),
        (None, "sv; q=0.1, en; q=0.2", "en"),
        (None, "en;q=0,sv;q=0.1", "sv"),
        (None, "en;q=0", "sv"),
        (None, "EN-us", "en"),
        (None, "*", "sv"),
        (None, "en;q=nan", "sv"),
        (None, "en;q=9,sv;q=0.5", "sv"),
        (None, "en;q=-1", "sv"),
        (None, "en;q=x,;;,=", "sv"),
        (None, "sv,en", "sv"),
    ],
)
def test_preferred(chosen: str | None, accepted: str, language: str) -> None:
    assert preferred(chosen, accepted) == language
