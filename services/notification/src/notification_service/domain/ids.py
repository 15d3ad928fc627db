"""Ids of messages and deliveries: a UUIDv5 of the business key, so that none is created twice."""

from uuid import NAMESPACE_URL, UUID, uuid5

NAMESPACE = uuid5(NAMESPACE_URL, "https://um-platform.example.se/notification")


def derived_id(*parts: object) -> UUID:
    """The id for a business key of these parts."""
    return uuid5(NAMESPACE, "|".join(str(part) for part in parts))
