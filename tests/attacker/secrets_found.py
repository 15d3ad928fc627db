"""Every string of 32 bytes in a copy, tried as a key that opens sheets or as the secret from which
the keys of sheets are made."""

import hmac
from collections.abc import Collection, Iterable, Iterator

from cryptography.hazmat.primitives.asymmetric.x25519 import X25519PrivateKey

KEY_BYTES = 32
_ALIGNMENT = 8
_LEAST_DIFFERENT = 22
"""Of 32 random bytes, fewer than 22 are different only once in a million times."""


def candidates(copies: Iterable[bytes]) -> set[bytes]:
    """Aligned strings of 32 bytes that look random; allocators align to 8 at least."""
    found: set[bytes] = set()
    for copy in copies:
        found.update(_looking_random(copy))
    return found


def _looking_random(copy: bytes) -> Iterator[bytes]:
    for at in range(0, len(copy) - KEY_BYTES + 1, _ALIGNMENT):
        # Pointers and small numbers end in two zero bytes or more.
        if copy[at + 6] | copy[at + 7] and copy[at + 14] | copy[at + 15]:
            one = copy[at : at + KEY_BYTES]
            if len(set(one)) >= _LEAST_DIFFERENT and not one.isascii():
                yield one


def private_keys(tried: Iterable[bytes], public_keys: Collection[bytes]) -> dict[bytes, bytes]:
    """Public key > the private key that belongs to it, for each that is found."""
    found = {}
    for one in tried:
        public = X25519PrivateKey.from_private_bytes(one).public_key().public_bytes_raw()
        if public in public_keys:
            found[public] = one
    return found


def whose(
    tried: Iterable[bytes], staff: Collection[tuple[str, str]], keys: Collection[bytes]
) -> dict[str, bytes]:
    """Person > key of that person's sheet. `staff` is (issuer, subject) of everybody."""
    first = sorted(staff)
    linked = {}
    for secret in tried:
        for issuer, subject in first:
            key = hmac.digest(secret, f"{issuer}|{subject}".encode(), "sha256")
            if key in keys:
                linked[subject] = key
    return linked
