"""What the use cases need to keep sheets sealed: keys outside the database, and the answer path."""

from collections.abc import AsyncIterator, Callable, Sequence
from dataclasses import dataclass
from typing import Literal, Protocol
from uuid import UUID

from assessment_service.domain.round import Round

SealedSheet = tuple[UUID, bytes, bytes]
"""Round id, participation key, sealed sheet."""


class UnreadableRoundError(Exception):
    """A round's sheets cannot be read: its secrets, or a sheet, are lost or damaged."""


class KeysUnavailableError(Exception):
    """The rounds' secrets cannot be accessed now; that does not mean that they are lost."""


@dataclass(frozen=True, slots=True)
class ReleaseKey:
    """The public key that a release's sheets are sealed to.

    With a custodian, `envelope` is the custodian's sealed share of the private key, and
    `has_share` whether that one has handed the opened share in.
    """

    public_key: bytes
    envelope: bytes | None = None
    has_share: bool = False


class ReleaseKeys(Protocol):
    """The storage of the releases' secrets, which is never the database."""

    async def initialise(self) -> None:
        """Mark the storage as the right one. Only while there can be no secrets elsewhere."""

    async def participation(self, release_id: UUID) -> bytes:
        """The secret from which participation keys are made.

        Raises UnreadableRoundError if it is lost, or KeysUnavailableError.
        """

    async def destroy(self, release_id: UUID) -> None:
        """Overwrite and remove the secrets; does nothing if there are none.

        Raises KeysUnavailableError.
        """


class Vault(Protocol):
    """What only a short-lived process may do, because it handles a private key."""

    async def create(self, release_id: UUID) -> ReleaseKey:
        """Make the release's secrets, durably, in place of any. Raises KeysUnavailableError."""

    async def release(self, release_id: UUID) -> Sequence[UUID]:
        """Release the results, once. Return its rounds with more answers than people.

        Raises UnreadableRoundError or KeysUnavailableError.
        """

    async def can_read(self, round_id: UUID) -> bool:
        """Whether every sheet of a closed round opens. Raises KeysUnavailableError."""

    async def take_share(self, release_id: UUID, share: bytes) -> bool:
        """Keep the custodian's share until the release is out, durably; False if it is not that of
        the release's key.

        Raises UnreadableRoundError or KeysUnavailableError.
        """


class SheetSealer(Protocol):
    """Encryption of a sheet to a public key, bound to its round and person."""

    def seal(self, public_key: bytes, round_id: UUID, key: bytes, sheet: bytes) -> bytes: ...


class SheetOpener(Protocol):
    """The private key of a release. Only short-lived processes have one."""

    def open(self, round_id: UUID, key: bytes, sealed: bytes) -> bytes:
        """Raises UnreadableRoundError if the sheet is not the one that was sealed."""

    def read(
        self,
        first: Sequence[SealedSheet],
        more: AsyncIterator[Sequence[SealedSheet]],
        reader: Callable[[bytes], bytes],
    ) -> AsyncIterator[tuple[UUID, bytes]]:
        """Each sheet's round, and what `reader` makes of the open sheet. Raises
        UnreadableRoundError."""


@dataclass(frozen=True, slots=True)
class RoundFacts:
    """A round, what its sheets are sealed to, whether the platform alone cannot open them, and
    whether its unit is reported with others."""

    round: Round
    public_key: bytes
    has_custodian: bool
    is_in_group: bool


class ReadRound(Protocol):
    """Reads one round as it is now, without a transaction."""

    async def __call__(self, round_id: UUID) -> RoundFacts | None:
        """Raises OSError if the database does not answer."""


OpenKey = Callable[[UUID, ReleaseKey], SheetOpener]
"""Reads a release's private key. Raises UnreadableRoundError or KeysUnavailableError."""


Stored = Literal["stored", "closed", "elsewhere"]
"""What became of a sheet: stored; refused, because the round is closed; or refused, because the
person has answered in another round of the release."""


class SheetStore(Protocol):
    """The answer path's only access to the database."""

    async def put(self, release_id: UUID, round_id: UUID, key: bytes, sealed: bytes) -> Stored:
        """Store or replace a sheet durably, if the round is open at that moment."""
