"""Participation without identity: who answered is stored as a key that can be computed only with
the round's secret. The secret is kept outside the database and destroyed after the release."""

import hmac
from dataclasses import dataclass, field


@dataclass(frozen=True, slots=True)
class RoundSecrets:
    """A round's two secrets of 32 bytes each: for participation keys, and for sheets."""

    participation: bytes = field(repr=False)
    sheets: bytes = field(repr=False)


def participation_key(secrets: RoundSecrets, issuer: str, subject: str) -> bytes:
    """HMAC-SHA256(secret, issuer | subject) (RFC 2104): one per person and round, 32 bytes.

    Without the secret it can neither be guessed from a staff list nor matched between rounds.
    """
    return hmac.digest(secrets.participation, f"{issuer}|{subject}".encode(), "sha256")
