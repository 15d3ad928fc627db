"""Scopes of callers, as the token's assignments give them."""

from servicekit.auth import Scope


def trees(*unit_ids: str) -> Scope:
    """These units and all below them."""
    return Scope(trees=frozenset(unit_ids), units=frozenset())


def only(*unit_ids: str) -> Scope:
    """These units alone."""
    return Scope(trees=frozenset(), units=frozenset(unit_ids))
