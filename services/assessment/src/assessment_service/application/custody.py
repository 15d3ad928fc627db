"""The custodian's part: without that one's share, no sheet of a release can be opened."""

from dataclasses import replace
from uuid import UUID

from assessment_service.application.commands import HandInShare
from assessment_service.application.ports import UnitOfWork
from assessment_service.application.sealing_ports import Vault
from assessment_service.domain.errors import DomainError
from assessment_service.domain.pauses import pauses_of


async def hand_in(command: HandInShare, uow: UnitOfWork, vault: Vault) -> UUID:
    """Keep the share until the release is out; once more if its file was lost. While a round is
    open, or to come, it is refused: the platform alone could open sheets then.

    Raises DomainError `release-unknown`, `release-open`, `share-not-needed` or `share-wrong`,
    UnreadableRoundError if the platform's share is lost, or KeysUnavailableError.
    """
    release_id = command.release_id
    found = await uow.releases.get(release_id, None)
    if found is None:
        detail = f"There is no release {release_id}."
        raise DomainError("release-unknown", "not_found", detail)
    now, marks = await uow.now(), await uow.pauses.of_rollout(found.rollout_id)
    release = await uow.releases.lock(release_id)
    key = await uow.releases.key(release_id)
    if release.released_at is not None or key is None or key.envelope is None:
        detail = f"Release {release_id} does not wait for a share."
        raise DomainError("share-not-needed", "conflict", detail)
    is_open = any(r.status == "open" for r in await uow.rounds.of_release(release_id))
    if is_open or (release.wait and release.wait.lasts(pauses_of(None, marks), now)):
        detail = f"Rounds of release {release_id} are open, or to come. Hand the share in later."
        raise DomainError("release-open", "conflict", detail)
    if not await vault.take_share(release_id, command.share):
        detail = "This is not the share of this release. Open its envelope with your own key."
        raise DomainError("share-wrong", "invalid", detail)
    await uow.releases.save_key(release_id, replace(key, has_share=True))
    uow.audit("custody.hand_in/hand_in_share", f"release/{release_id}")
    return release_id
