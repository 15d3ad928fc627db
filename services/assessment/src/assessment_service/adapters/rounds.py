"""Releases and rounds in PostgreSQL. A row is locked before it is changed, so the events of
one round are recorded in the order in which they happened."""

from collections.abc import Collection
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from sqlalchemy import Select, and_, bindparam, func, literal, or_, select, update
from sqlalchemy.dialects.postgresql import asyncpg, insert
from sqlalchemy.ext.asyncio import AsyncConnection

from assessment_service.adapters.scope import within
from assessment_service.adapters.tables import (
    DisposalRow,
    ReleaseRow,
    ReportGroupRow,
    RoundRow,
    UnitRow,
)
from assessment_service.application.ports import (
    Envelope,
    PageOf,
    RoundFilter,
    Scope,
)
from assessment_service.application.sealing_ports import ReleaseKey
from assessment_service.domain.round import Occasion, Release, Round, UnitSnapshot
from assessment_service.domain.wait import Wait
from servicekit.db import table

_releases = table(ReleaseRow)
_disposals = table(DisposalRow)
_units = table(UnitRow)
_groups = table(ReportGroupRow)
_rounds = table(RoundRow)
_is_open = select(_rounds.c.round_id).where(
    _rounds.c.release_id == _releases.c.release_id, _rounds.c.status == "open"
)
_waits_for_nobody = or_(
    _releases.c.waits_until.is_(None),
    _releases.c.waits_until <= func.now(),
    func.cardinality(_releases.c.awaited_units) == 0,
)
_both = select(_rounds, _releases).join_from(_rounds, _releases)
_group = select(_groups.c.group_id).where(
    _groups.c.rollout_id == _releases.c.rollout_id, _groups.c.unit_id == _rounds.c.unit_id
)
_one_round = _both.add_columns(_group.exists().label("is_in_group")).where(
    _rounds.c.round_id == bindparam("round_id")
)
_dialect = asyncpg.dialect()  # type: ignore[no-untyped-call]
ONE_ROUND = str(_one_round.compile(dialect=_dialect))
"""As text with one parameter, the round's id."""


class SqlReleases:
    """The port `Releases`."""

    def __init__(self, connection: AsyncConnection) -> None:
        self._connection = connection

    async def start(self, release: Release) -> Release:
        new = insert(_releases).values(
            release_id=release.release_id,
            rollout_id=release.rollout_id,
            occasion=release.occasion,
            instrument_id=release.instrument_id,
            instrument_version=release.instrument_version,
            **_wait_columns(release.wait),
        )
        # An update that changes nothing: it locks a stored release and returns it.
        stored = new.on_conflict_do_update(
            index_elements=["release_id"], set_={"rollout_id": _releases.c.rollout_id}
        ).returning(_releases)
        return _release((await self._connection.execute(stored)).one())

    async def get(self, release_id: UUID, scope: Scope) -> Release | None:
        query = _select_release(release_id)
        if scope is not None:
            members = select(_rounds).where(
                _rounds.c.release_id == release_id, within(scope, _rounds)
            )
            query = query.where(members.exists())
        found = await self._connection.execute(query)
        row = found.one_or_none()
        return _release(row) if row else None

    async def lock(self, release_id: UUID) -> Release:
        return _release(
            (await self._connection.execute(_select_release(release_id).with_for_update())).one()
        )

    async def waiting_for(
        self, rollout_id: UUID, unit_ids: Collection[str], occasion: Occasion | None = None
    ) -> list[Release]:
        query = select(_releases).where(
            _releases.c.rollout_id == rollout_id,
            _releases.c.released_at.is_(None),
            _releases.c.awaited_units.overlap(list(unit_ids)),
        )
        if occasion is not None:
            query = query.where(_releases.c.occasion == occasion)
        # In one order, so that two transactions cannot deadlock.
        rows = await self._connection.execute(
            query.order_by(_releases.c.release_id).with_for_update()
        )
        return [_release(row) for row in rows]

    async def save_wait(self, release: Release) -> None:
        await self._connection.execute(
            update(_releases)
            .where(_releases.c.release_id == release.release_id)
            .values(_wait_columns(release.wait))
        )

    async def key(self, release_id: UUID) -> ReleaseKey | None:
        found = await self._connection.execute(_select_release(release_id))
        row = found.one()
        return ReleaseKey(row.public_key, row.envelope, row.has_share) if row.public_key else None

    async def save_key(self, release_id: UUID, key: ReleaseKey) -> None:
        await self._connection.execute(
            update(_releases)
            .where(_releases.c.release_id == release_id)
            .values(public_key=key.public_key, envelope=key.envelope, has_share=key.has_share)
        )

    async def waiting_for_share(self, page: PageOf) -> tuple[list[Envelope], int]:
        is_closed = and_(~_is_open.exists(), _waits_for_nobody)
        waiting = select(_releases, is_closed.label("is_closed")).where(
            _releases.c.released_at.is_(None),
            _releases.c.envelope.is_not(None),
            ~_releases.c.has_share,
        )
        total = await self._connection.scalar(select(func.count()).select_from(waiting.subquery()))
        ordered = waiting.order_by(_releases.c.release_id).offset(page.offset).limit(page.limit)
        rows = await self._connection.execute(ordered)
        return [Envelope(_release(row), row.envelope, row.is_closed) for row in rows], total or 0

    async def complete(self) -> list[UUID]:
        waiting = select(_releases.c.release_id).where(
            _releases.c.released_at.is_(None),
            or_(_releases.c.envelope.is_(None), _releases.c.has_share),
            ~_is_open.exists(),
            _waits_for_nobody,
        )
        return list(await self._connection.scalars(waiting))

    async def mark_released(self, release_id: UUID, at: datetime, answers: int) -> None:
        await self._connection.execute(
            update(_releases).where(_releases.c.release_id == release_id).values(released_at=at)
        )
        await self._count(release_id, "answers_counted", answers)

    async def to_dispose(self) -> list[UUID]:
        waiting = select(_releases.c.release_id).where(
            _releases.c.released_at.is_not(None), ~_releases.c.sheets_dropped
        )
        return list(await self._connection.scalars(waiting))

    async def record_disposal(self, release_id: UUID, sheets: int) -> None:
        await self._connection.execute(
            update(_releases)
            .where(_releases.c.release_id == release_id)
            .values(sheets_dropped=True)
        )
        await self._count(release_id, "sheets_destroyed", sheets)

    async def _count(self, release_id: UUID, column: str, number: int) -> None:
        none = {"answers_counted": 0, "sheets_destroyed": 0}
        of_release = select(
            _releases.c.rollout_id,
            _releases.c.occasion,
            *(literal(value) for value in (none | {column: number}).values()),
        ).where(_releases.c.release_id == release_id)
        new = insert(_disposals).from_select(["rollout_id", "occasion", *none], of_release)
        total = _disposals.c[column] + new.excluded[column]
        await self._connection.execute(
            new.on_conflict_do_update(
                index_elements=["rollout_id", "occasion"], set_={column: total}
            )
        )


class SqlRounds:
    """The port `Rounds`."""

    def __init__(self, connection: AsyncConnection) -> None:
        self._connection = connection

    async def add(self, round_: Round) -> bool:
        added = await self._connection.execute(
            insert(_rounds)
            .values(
                round_id=round_.round_id,
                release_id=round_.release.release_id,
                unit_id=round_.unit.unit_id,
                unit_name=round_.unit.name,
                unit_path=list(round_.unit.path),
                headcount=round_.unit.headcount,
                status=round_.status,
                opens_at=round_.opens_at,
                closes_at=round_.closes_at,
                held_since=round_.held_since,
                moved_by=round_.moved_by,
            )
            .on_conflict_do_nothing()
        )
        return added.rowcount == 1

    async def any(self) -> bool:
        return bool(await self._connection.scalar(select(select(_rounds).exists())))

    async def get(self, round_id: UUID) -> Round | None:
        return await self._one(_both.where(_rounds.c.round_id == round_id))

    async def lock(self, round_id: UUID) -> Round | None:
        query = _both.where(_rounds.c.round_id == round_id)
        return await self._one(query.with_for_update(of=_rounds))

    async def lock_open(self, rollout_id: UUID, unit_id: str | None) -> list[Round]:
        query = _both.where(_releases.c.rollout_id == rollout_id, _rounds.c.status == "open")
        if unit_id is not None:
            query = query.where(_rounds.c.unit_id == unit_id)
        # In one order, so that two transactions cannot deadlock.
        return await self._all(query.order_by(_rounds.c.round_id).with_for_update(of=_rounds))

    async def save(self, *rounds: Round) -> None:
        if not rounds:
            return
        changed = [
            {
                "id": round_.round_id,
                "status": round_.status,
                "closed_at": round_.closed_at,
                "write_off_reason": round_.write_off_reason,
                "closes_at": round_.closes_at,
                "held_since": round_.held_since,
                "moved_by": round_.moved_by,
                "extended_at": round_.extended_at,
                "extension_reason": round_.extension_reason,
            }
            for round_ in rounds
        ]
        values: dict[str, Any] = {name: bindparam(name) for name in changed[0] if name != "id"}
        same = _rounds.c.round_id == bindparam("id")
        await self._connection.execute(update(_rounds).where(same).values(values), changed)

    async def find(self, round_ids: Collection[UUID]) -> list[Round]:
        return await self._all(_both.where(_rounds.c.round_id.in_(round_ids)))

    async def begun(self, rollout_id: UUID) -> set[str]:
        units = (
            select(_rounds.c.unit_id)
            .join_from(_rounds, _releases)
            .where(_releases.c.rollout_id == rollout_id)
        )
        return set(await self._connection.scalars(units))

    async def of_release(self, release_id: UUID) -> list[Round]:
        members = _both.where(_rounds.c.release_id == release_id)
        return await self._all(members.order_by(_rounds.c.opens_at, _rounds.c.unit_id))

    async def unfinished(self, unit_ids: Collection[str]) -> list[Round]:
        units = select(_units.c.unit_id).where(_units.c.unit_id.in_(unit_ids))
        await self._connection.execute(units.order_by(_units.c.unit_id).with_for_update())
        return await self._all(
            _both.where(_rounds.c.unit_id.in_(unit_ids), _releases.c.released_at.is_(None))
        )

    async def due(self) -> list[UUID]:
        is_past = and_(_rounds.c.closes_at <= func.now(), _rounds.c.held_since.is_(None))
        due = (
            select(_rounds.c.round_id)
            .join_from(_rounds, _releases)
            .where(_rounds.c.status == "open", or_(is_past, _releases.c.waits_until <= func.now()))
        )
        return list(await self._connection.scalars(due))

    async def to_anonymise(self, released_for: timedelta) -> list[UUID]:
        without_sheets = (
            select(_rounds.c.round_id)
            .join_from(_rounds, _releases)
            .where(
                _rounds.c.status == "closed",
                _releases.c.released_at <= func.now() - released_for,
                _releases.c.sheets_dropped,
            )
        )
        return list(await self._connection.scalars(without_sheets))

    async def page(
        self, scope: Scope, wanted: RoundFilter, page: PageOf
    ) -> tuple[list[Round], int]:
        query = _both
        if scope is not None:
            query = query.where(within(scope, _rounds))
        if wanted.unit_id is not None:
            query = query.where(_rounds.c.unit_id == wanted.unit_id)
        if wanted.status is not None:
            query = query.where(_rounds.c.status == wanted.status)
        if wanted.rollout_id is not None:
            query = query.where(_releases.c.rollout_id == wanted.rollout_id)
        total = await self._connection.scalar(select(func.count()).select_from(query.subquery()))
        latest = query.order_by(_rounds.c.opens_at.desc(), _rounds.c.round_id)
        return await self._all(latest.offset(page.offset).limit(page.limit)), total or 0

    async def _all(self, query: Select[Any]) -> list[Round]:
        return [to_round(row) for row in await self._connection.execute(query)]

    async def _one(self, query: Select[Any]) -> Round | None:
        found = await self._all(query)
        return found[0] if found else None


def _select_release(release_id: UUID) -> Select[Any]:
    return select(_releases).where(_releases.c.release_id == release_id)


def _release(row: Any) -> Release:
    return Release(
        row.release_id,
        row.rollout_id,
        row.occasion,
        row.instrument_id,
        row.instrument_version,
        row.released_at,
        Wait(frozenset(row.awaited_units), row.waits_since, row.waits_until)
        if row.waits_until
        else None,
    )


def _wait_columns(wait: Wait | None) -> dict[str, Any]:
    if wait is None:
        return {}
    return {
        "awaited_units": sorted(wait.units),
        "waits_since": wait.since,
        "waits_until": wait.until,
    }


def to_round(row: Any) -> Round:
    """From a row of ONE_ROUND's columns."""
    unit = UnitSnapshot(row.unit_id, row.unit_name, tuple(row.unit_path), row.headcount)
    return Round(
        row.round_id,
        _release(row),
        unit,
        row.status,
        row.opens_at,
        row.closes_at,
        row.closed_at,
        row.write_off_reason,
        row.held_since,
        row.moved_by or timedelta(0),
        row.extended_at,
        row.extension_reason,
    )
