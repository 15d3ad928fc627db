"""Ids of what events cause: UUIDv5 of a business key, so that a redelivery makes nothing new."""

from uuid import NAMESPACE_URL, UUID, uuid5

NAMESPACE = uuid5(NAMESPACE_URL, "https://um-platform.example.se/notification")


def derived_id(*parts: object) -> UUID:
    """The id of the thing whose business key consists of these parts."""
    return uuid5(NAMESPACE, "|".join(str(part) for part in parts))
