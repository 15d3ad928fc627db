"""When a session ends, and when its tokens are renewed."""

from datetime import UTC, datetime, timedelta

from portal_service.domain.session import Limits, PlatformToken
from unit.portal.builders import provider_tokens, session

NOON = datetime(2026, 3, 2, 12, tzinfo=UTC)
LIMITS = Limits(idle=timedelta(hours=1), longest=timedelta(hours=10))


def test_a_session_ends_when_nobody_uses_it() -> None:
    assert session(NOON).ends_at(LIMITS) == NOON + timedelta(hours=1)
    later = NOON + timedelta(hours=2)
    assert session(NOON).used(later).ends_at(LIMITS) == later + timedelta(hours=1)


def test_a_session_ends_however_much_it_is_used() -> None:
    used = session(NOON).used(NOON + timedelta(hours=9, minutes=30))
    assert used.ends_at(LIMITS) == NOON + timedelta(hours=10)


def test_tokens_are_renewed_before_they_expire() -> None:
    token = PlatformToken("t", NOON)
    assert token.fresh(NOON - timedelta(seconds=31))
    assert not token.fresh(NOON - timedelta(seconds=30))
    assert provider_tokens(NOON).fresh(NOON - timedelta(seconds=31))
    assert not provider_tokens(NOON).fresh(NOON - timedelta(seconds=30))
