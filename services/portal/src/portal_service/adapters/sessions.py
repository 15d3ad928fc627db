"""Sessions in PostgreSQL: the key only as a hash, the rest encrypted."""

import asyncio
import hashlib
import secrets
from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import TypeVar

from cryptography.fernet import Fernet, InvalidToken, MultiFernet
from pydantic import SecretStr, TypeAdapter, ValidationError
from sqlalchemy import delete, func, insert, or_, select, update
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine

from portal_service.adapters.tables import SessionRow
from portal_service.application.ports import LONGEST_RENEWAL, Renewer, ServiceAway
from portal_service.domain.session import EndedElsewhere, Limits, Session, SignIn
from servicekit.db import table

_sessions = table(SessionRow)
_TO_SIGN_IN = timedelta(minutes=15)
_LEASE = timedelta(seconds=30)
_TRIED_AGAIN_SECONDS = 0.1
_session, _sign_in = TypeAdapter(Session), TypeAdapter(SignIn)
T = TypeVar("T")


class SqlSessions:
    """The port `Sessions`."""

    def __init__(self, engine: AsyncEngine, keys: Sequence[SecretStr], limits: Limits) -> None:
        self._engine = engine
        self._limits = limits
        self._seal = MultiFernet([Fernet(key.get_secret_value()) for key in keys])

    async def now(self) -> datetime:
        async with self._engine.connect() as connection:
            return await _now(connection)

    async def begin(self, sign_in: SignIn) -> str:
        return self._seal.encrypt(_sign_in.dump_json(sign_in)).decode()

    async def begun(self, key: str) -> SignIn | None:
        return self._opened(_sign_in, key.encode(), _TO_SIGN_IN)

    async def open(self, session: Session) -> str:
        key = secrets.token_urlsafe(32)
        subject = session.provider.subject if session.provider else ""
        row = {
            "key": _hash(key),
            "provider_session": session.provider_session,
            "provider_subject": _hash(subject) if subject else None,
        }
        async with self._engine.begin() as connection:
            await connection.execute(insert(_sessions), row | self._stored(session))
        return key

    async def find(self, key: str, used: bool = True) -> Session | None:
        async with self._engine.begin() as connection:
            session = await self._found(connection, key)
            if session is None:
                return None
            now = await _now(connection)
            if used and now - session.used_at > self._limits.idle / 10:  # Not for each request.
                session = session.used(now)
                # The times only: what is sealed may be renewed at this moment.
                times = update(_sessions).where(_sessions.c.key == _hash(key))
                await connection.execute(times.values(self._times(session)))
        return session

    async def renew(self, key: str, renewer: Renewer) -> Session | None:
        """Of all that want to, one renews it at a time, by a lease in its row: no connection is
        held while others are asked."""
        leased = await self._leased(key)
        while leased is None:
            if await self.find(key) is None:
                return None
            await asyncio.sleep(_TRIED_AGAIN_SECONDS)
            leased = await self._leased(key)
        session, now, until = leased
        this = update(_sessions).where(
            _sessions.c.key == _hash(key), _sessions.c.renewed_until == until
        )
        changed: dict[str, object] = {}
        try:
            async with asyncio.timeout(LONGEST_RENEWAL.total_seconds()):
                session = await renewer(session, now)
            changed = self._stored(session)
        except TimeoutError as error:
            raise ServiceAway("sign-in", "renewing took too long") from error
        finally:
            async with self._engine.begin() as connection:
                kept = await connection.execute(this.values(renewed_until=None, **changed))
        return session if kept.rowcount else None

    async def close(self, key: str) -> None:
        async with self._engine.begin() as connection:
            await connection.execute(delete(_sessions).where(_sessions.c.key == _hash(key)))

    async def close_all(self, ended: EndedElsewhere) -> None:
        if ended.provider_session is not None:
            theirs = _sessions.c.provider_session == ended.provider_session
        else:
            theirs = _sessions.c.provider_subject == _hash(ended.subject)
        async with self._engine.begin() as connection:
            await connection.execute(delete(_sessions).where(theirs))

    async def remove_ended(self) -> None:
        """Delete sessions that are over."""
        async with self._engine.begin() as connection:
            await connection.execute(delete(_sessions).where(_sessions.c.ends_at <= func.now()))

    async def _leased(self, key: str) -> tuple[Session, datetime, datetime] | None:
        """The session, now, and until when nobody else renews it; None if somebody does, or it has
        ended."""
        columns = _sessions.c
        free = or_(columns.renewed_until.is_(None), columns.renewed_until <= func.now())
        taken = (
            update(_sessions)
            .where(columns.key == _hash(key), columns.ends_at > func.now(), free)
            .values(renewed_until=func.now() + _LEASE)
            .returning(columns.sealed, columns.used_at, columns.renewed_until, func.now())
        )
        async with self._engine.begin() as connection:
            row = (await connection.execute(taken)).one_or_none()
        if row is None:
            return None
        sealed, used_at, until, now = row
        session = self._opened(_session, sealed)
        return (session.used(used_at), now, until) if session else None

    async def _found(self, connection: AsyncConnection, key: str) -> Session | None:
        wanted = select(_sessions.c.sealed, _sessions.c.used_at).where(
            _sessions.c.key == _hash(key), _sessions.c.ends_at > func.now()
        )
        row = (await connection.execute(wanted)).one_or_none()
        session = self._opened(_session, row.sealed) if row else None
        return session.used(row.used_at) if row and session else None

    def _stored(self, session: Session) -> dict[str, object]:
        return {
            "sealed": self._seal.encrypt(_session.dump_json(session)),
            **self._times(session),
        }

    def _times(self, session: Session) -> dict[str, object]:
        return {"used_at": session.used_at, "ends_at": session.ends_at(self._limits)}

    def _opened(
        self, form: TypeAdapter[T], sealed: bytes, longest: timedelta | None = None
    ) -> T | None:
        """None for what a lost key or an earlier version sealed, or longer ago than `longest`: its
        owner signs in again."""
        try:
            seconds = None if longest is None else int(longest.total_seconds())
            return form.validate_json(self._seal.decrypt(sealed, seconds))
        except (InvalidToken, ValidationError):
            return None


async def _now(connection: AsyncConnection) -> datetime:
    moment: datetime = (await connection.execute(select(func.now()))).scalar_one()
    return moment


def _hash(key: str) -> bytes:
    return hashlib.sha256(key.encode()).digest()
