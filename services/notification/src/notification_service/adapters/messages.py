"""Messages in PostgreSQL. A claim lasts as long as its lease; `attempt` identifies the claim."""

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime, timedelta
from uuid import UUID

from sqlalchemy import bindparam, select, tuple_, update
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.ext.asyncio import AsyncConnection

from notification_service.adapters.attempts import remove_settled
from notification_service.adapters.quarantine import NOTHING_HELD
from notification_service.adapters.tables import MessageRow, UnitRow
from notification_service.application.sending_ports import ClaimedMessage
from notification_service.domain.message import Message
from notification_service.domain.reported_together import unit_ids
from servicekit import telemetry
from servicekit.db import table

_units = table(UnitRow)
_messages = table(MessageRow)


class SqlMessages:
    """The port `Messages`."""

    def __init__(self, connection: AsyncConnection) -> None:
        self._connection = connection

    async def add(self, messages: Sequence[Message], now: datetime) -> None:
        if not messages:
            return
        traceparent = telemetry.current_traceparent()
        rows = [
            {
                "message_id": message.message_id,
                "reference": message.reference,
                "template": message.template,
                "recipient_id": message.recipient_id,
                "facts": dict(message.facts),
                "traceparent": traceparent,
                "status": message.status,
                "reason": message.reason,
                "attempt": message.attempt,
                "step": message.step,
                "created_at": now,
                "next_attempt_at": now,
            }
            for message in messages
        ]
        await self._connection.execute(insert(_messages).on_conflict_do_nothing(), rows)

    async def correct(self, message_ids: Iterable[UUID], facts: Mapping[str, str]) -> None:
        await self._connection.execute(
            update(_messages)
            .where(_messages.c.message_id.in_(list(message_ids)), _messages.c.status == "pending")
            .values(facts=_messages.c.facts.concat(dict(facts)))
        )

    async def add_fact(self, round_id: UUID, name: str, value: str) -> None:
        await self._connection.execute(
            update(_messages)
            .where(
                _messages.c.status == "pending",
                _messages.c.facts["round_id"].astext == str(round_id),
            )
            .values(facts=_messages.c.facts.concat({name: value}))
        )

    async def claim(self, now: datetime, lease: timedelta, limit: int) -> list[ClaimedMessage]:
        due = (
            select(_messages.c.message_id)
            .where(
                _messages.c.status == "pending", _messages.c.next_attempt_at <= now, NOTHING_HELD
            )
            .order_by(_messages.c.next_attempt_at)
            .limit(limit)
            .with_for_update(skip_locked=True)
            .cte("due")
        )
        claim = (
            update(_messages)
            .where(_messages.c.message_id == due.c.message_id)
            .values(attempt=_messages.c.attempt + 1, next_attempt_at=now + lease)
            .returning(_messages)
        )
        rows = (await self._connection.execute(claim)).all()
        named = {row.message_id: unit_ids(row.facts) for row in rows}
        names = await self._unit_names({one for of_row in named.values() for one in of_row})
        return [
            ClaimedMessage(
                message=Message(
                    message_id=row.message_id,
                    template=row.template,
                    recipient_id=row.recipient_id,
                    facts=row.facts,
                    attempt=row.attempt,
                    step=row.step,
                    reference=row.reference,
                ),
                claimed_at=now,
                traceparent=row.traceparent,
                unit_names={u: names[u] for u in named[row.message_id] if u in names},
            )
            for row in rows
        ]

    async def _unit_names(self, unit_ids: set[str]) -> dict[str, str]:
        rows = await self._connection.execute(select(_units).where(_units.c.unit_id.in_(unit_ids)))
        return {row.unit_id: row.name for row in rows}

    async def held(self, claims: Iterable[ClaimedMessage]) -> set[UUID]:
        tokens = [(claim.message.message_id, claim.message.attempt) for claim in claims]
        rows = await self._connection.execute(
            select(_messages.c.message_id)
            .where(
                tuple_(_messages.c.message_id, _messages.c.attempt).in_(tokens),
                _messages.c.status == "pending",
            )
            .order_by(_messages.c.message_id)
            .with_for_update()
        )
        return set(rows.scalars())

    async def save(self, messages: Sequence[Message], now: datetime) -> None:
        if not messages:
            return
        statement = (
            update(_messages)
            .where(_messages.c.message_id == bindparam("id"))
            .values(
                {
                    name: bindparam(f"new_{name}")
                    for name in ("status", "reason", "step", "next_attempt_at", "settled_at")
                }
            )
        )
        rows = [
            {
                "id": message.message_id,
                "new_status": message.status,
                "new_reason": message.reason,
                "new_step": message.step,
                "new_next_attempt_at": message.next_attempt_at,
                "new_settled_at": None if message.status == "pending" else now,
            }
            for message in messages
        ]
        await self._connection.execute(statement, rows)

    async def remove_settled(self, before: datetime, limit: int) -> int:
        return await remove_settled(
            self._connection, _messages, _messages.c.message_id, before, limit
        )
