"""Everything that handles a private key, in processes that end with it (servicekit.short_lived).

The functions at the end run there. Each builds what it needs from the settings.
"""

import asyncio
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from functools import partial
from uuid import UUID

from assessment_service.adapters import custody
from assessment_service.adapters.release_keys import FolderReleaseKeys
from assessment_service.adapters.sheet_cipher import HpkeOpener
from assessment_service.adapters.unit_of_work import AssessmentUnitOfWork
from assessment_service.application import releasing
from assessment_service.application.sealing_ports import (
    ReleaseKey,
    SheetOpener,
    UnreadableRoundError,
)
from assessment_service.domain.privacy_rule import PrivacyRule
from assessment_service.settings import Settings
from servicekit import telemetry
from servicekit.db import create_engine, role_beside
from servicekit.short_lived import ShortLived


class ProcessVault:
    """The port `Vault`."""

    def __init__(self, settings: Settings) -> None:
        self._settings = settings
        self._processes = ShortLived([__name__])

    async def create(self, release_id: UUID) -> ReleaseKey:
        return await self._processes.run(_create, self._settings, release_id)

    async def release(self, release_id: UUID) -> Sequence[UUID]:
        cause = telemetry.current_traceparent()
        return await self._processes.run(_release, self._settings, release_id, cause)

    async def can_read(self, round_id: UUID) -> bool:
        return await self._processes.run(_can_read, self._settings, round_id)

    async def take_share(self, release_id: UUID, share: bytes) -> bool:
        return await self._processes.run(_take_share, self._settings, release_id, share)


def _create(settings: Settings, release_id: UUID) -> ReleaseKey:
    made = custody.make(release_id, settings.custodian.decoded)
    FolderReleaseKeys(settings.round_keys.directory).store(release_id, made.private)
    return ReleaseKey(made.public_key, made.envelope)


def _release(settings: Settings, release_id: UUID, cause: str | None) -> list[UUID]:
    async def release() -> list[UUID]:
        privacy = settings.privacy
        async with unit_of_work(settings, _reader(settings)) as uow:
            return await releasing.release_results(
                release_id,
                uow,
                partial(_open_key, settings),
                PrivacyRule(privacy.minimum_group_size),
                privacy.same_time,
                cause,
            )

    return asyncio.run(release())


def _can_read(settings: Settings, round_id: UUID) -> bool:
    async def can_read() -> bool:
        async with unit_of_work(settings, _reader(settings)) as uow:
            return await releasing.can_read(round_id, uow, partial(_open_key, settings))

    return asyncio.run(can_read())


def _take_share(settings: Settings, release_id: UUID, share: bytes) -> bool:
    async def key() -> ReleaseKey | None:
        async with unit_of_work(settings) as uow:
            return await uow.releases.key(release_id)

    stored = asyncio.run(key())
    keys = FolderReleaseKeys(settings.round_keys.directory)
    ours = keys.private(release_id)
    if stored is None or len(share) != len(ours):
        return False
    if not custody.fits(custody.joined(ours, share), stored.public_key):
        return False
    keys.store_share(release_id, share)
    return True


def _reader(settings: Settings) -> str:
    """The only role that reads sheets."""
    return role_beside(settings.db.dsn.get_secret_value(), "release")


def _open_key(settings: Settings, release_id: UUID, key: ReleaseKey) -> SheetOpener:
    keys = FolderReleaseKeys(settings.round_keys.directory)
    private = keys.private(release_id)
    if key.envelope is not None:
        private = custody.joined(private, keys.share(release_id))
    if not custody.fits(private, key.public_key):
        raise UnreadableRoundError(f"the private key of release {release_id} is another one")
    return HpkeOpener(private)


@asynccontextmanager
async def unit_of_work(
    settings: Settings, role: str | None = None
) -> AsyncIterator[AssessmentUnitOfWork]:
    """One transaction, on an engine of its own. `role`: what its session is, beside the process."""
    engine = create_engine(settings.db, role)
    try:
        async with AssessmentUnitOfWork(engine) as uow:
            yield uow
    finally:
        await engine.dispose()
