"""Participation without identity: who answered is stored as a key that can be computed only with
the release's secret. The secret is kept outside the database and destroyed after the release."""

import hmac


def participation_key(secret: bytes, issuer: str, subject: str) -> bytes:
    """HMAC-SHA256(secret, issuer | subject) (RFC 2104): one per person and release, 32 bytes.

    Without the secret it can neither be guessed from a staff list nor matched between releases. A
    person with several assignments has one key in a release, and so counts once in it.
    """
    return hmac.digest(secret, f"{issuer}|{subject}".encode(), "sha256")
