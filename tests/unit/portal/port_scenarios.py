"""What any store of sessions must do. Run against the fake and PostgreSQL."""

import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import replace
from datetime import datetime, timedelta

from portal_service.application.ports import Sessions
from portal_service.domain.session import EndedElsewhere, PlatformToken, Session
from unit.portal.builders import session, sign_in
from unit.portal.fakes import LIMITS, renamed

Scenario = Callable[[Sessions], Awaitable[None]]


async def a_sign_in_is_found_by_its_key_alone(sessions: Sessions) -> None:
    key, other = await sessions.begin(sign_in("/rounds/1")), await sessions.begin(sign_in())
    for wrong in ("", "another", key[:-5], key.swapcase(), "é"):
        assert await sessions.begun(wrong) is None
    assert await sessions.begun(key) == sign_in("/rounds/1")
    assert await sessions.begun(other) == sign_in()


async def the_key_of_a_sign_in_opens_no_session(sessions: Sessions) -> None:
    assert await sessions.find(await sessions.begin(sign_in())) is None
    opened = await sessions.open(session(await sessions.now()))
    assert await sessions.begun(opened) is None


async def a_session_is_found_by_its_key_alone(sessions: Sessions) -> None:
    one, other = session(await sessions.now()), session(await sessions.now(), name="Other")
    key, other_key = await sessions.open(one), await sessions.open(other)
    assert key != other_key
    assert len(key) >= 43
    assert await sessions.find(key) == one
    assert await sessions.find(other_key) == other
    for wrong in ("", "x", key[:-1], key.swapcase(), "\x00", "é"):
        assert await sessions.find(wrong) is None


async def an_idle_session_has_ended(sessions: Sessions) -> None:
    now = await sessions.now()
    key = await sessions.open(session(now - LIMITS.idle))
    assert await sessions.find(key) is None
    assert await sessions.renew(key, _rename) is None


async def a_long_session_has_ended_though_it_is_used(sessions: Sessions) -> None:
    now = await sessions.now()
    key = await sessions.open(session(now - LIMITS.longest).used(now))
    assert await sessions.find(key) is None


async def a_session_by_code_outlives_the_platforms_token(sessions: Sessions) -> None:
    now = await sessions.now()
    over = PlatformToken("t", now - timedelta(minutes=1))
    by_code = replace(session(now), provider=None, platform=over, code="abcdefgh")
    assert await sessions.find(await sessions.open(by_code)) == by_code


async def using_a_session_prolongs_it(sessions: Sessions) -> None:
    began = await sessions.now() - LIMITS.idle / 2
    key = await sessions.open(session(began))
    found = await sessions.find(key)
    assert found
    assert found.used_at > began + timedelta(minutes=20)
    again = await sessions.find(key)
    assert again
    assert again.used_at == found.used_at, "not for each request"


async def what_the_browser_asks_by_itself_does_not(sessions: Sessions) -> None:
    began = await sessions.now() - LIMITS.idle / 2
    key = await sessions.open(session(began))
    found = await sessions.find(key, used=False)
    assert found
    assert found.used_at == began


async def a_renewed_session_is_kept(sessions: Sessions) -> None:
    key = await sessions.open(session(await sessions.now()))
    renewed = await sessions.renew(key, _rename)
    assert renewed
    assert renewed.name == "Renamed"
    assert await sessions.find(key) == renewed


async def what_a_renewer_raises_changes_nothing(sessions: Sessions) -> None:
    async def fail(session: Session, now: datetime) -> Session:
        raise LookupError

    before = session(await sessions.now())
    key = await sessions.open(before)
    try:
        await sessions.renew(key, fail)
    except LookupError:
        pass
    else:
        raise AssertionError("it was swallowed")
    assert await sessions.find(key) == before


async def renewers_of_a_session_wait_for_each_other(sessions: Sessions) -> None:
    key = await sessions.open(session(await sessions.now(), name=""))

    async def add(session: Session, now: datetime) -> Session:
        await asyncio.sleep(0.02)
        return renamed(session, session.name + "x")

    await asyncio.gather(*(sessions.renew(key, add) for _ in range(4)))
    found = await sessions.find(key)
    assert found
    assert found.name == "xxxx"


async def using_a_session_keeps_what_is_renewed_meanwhile(sessions: Sessions) -> None:
    key = await sessions.open(session(await sessions.now() - LIMITS.idle / 2))

    async def slow(session: Session, now: datetime) -> Session:
        await asyncio.sleep(0.05)
        return renamed(session, "Renamed")

    renewing = asyncio.ensure_future(sessions.renew(key, slow))
    await asyncio.sleep(0.02)
    await sessions.find(key)
    await renewing
    found = await sessions.find(key)
    assert found
    assert found.name == "Renamed"


async def a_closed_session_is_gone(sessions: Sessions) -> None:
    key = await sessions.open(session(await sessions.now()))
    await sessions.close(key)
    await sessions.close(key)
    assert await sessions.find(key) is None
    assert await sessions.renew(key, _rename) is None


async def the_provider_ends_its_own_sessions_only(sessions: Sessions) -> None:
    now = await sessions.now()
    ended = [await sessions.open(session(now, "sid-1")) for _ in range(2)]
    kept = [await sessions.open(session(now, sid)) for sid in ("sid-2", None)]
    await sessions.close_all(EndedElsewhere("sid-1", "subject-1"))
    assert [await sessions.find(key) for key in ended] == [None, None]
    assert None not in [await sessions.find(key) for key in kept]


async def the_provider_ends_all_sessions_of_a_subject(sessions: Sessions) -> None:
    now = await sessions.now()
    ended = [await sessions.open(session(now, sid)) for sid in ("sid-1", None)]
    other = session(now)
    assert other.provider
    others = replace(other, provider=replace(other.provider, subject="subject-2"))
    by_code = replace(other, provider=None)
    kept = [await sessions.open(one) for one in (others, by_code)]
    await sessions.close_all(EndedElsewhere(None, "subject-1"))
    assert [await sessions.find(key) for key in ended] == [None, None]
    assert None not in [await sessions.find(key) for key in kept]


async def _rename(session: Session, now: datetime) -> Session:
    return renamed(session, "Renamed")


SCENARIOS: tuple[Scenario, ...] = (
    a_sign_in_is_found_by_its_key_alone,
    the_key_of_a_sign_in_opens_no_session,
    a_session_is_found_by_its_key_alone,
    an_idle_session_has_ended,
    a_long_session_has_ended_though_it_is_used,
    a_session_by_code_outlives_the_platforms_token,
    using_a_session_prolongs_it,
    what_the_browser_asks_by_itself_does_not,
    a_renewed_session_is_kept,
    what_a_renewer_raises_changes_nothing,
    renewers_of_a_session_wait_for_each_other,
    using_a_session_keeps_what_is_renewed_meanwhile,
    a_closed_session_is_gone,
    the_provider_ends_its_own_sessions_only,
    the_provider_ends_all_sessions_of_a_subject,
)
