"""Who acts on a rollout, as one text: an account, or one in another's place."""

_FOR = " for "


def acting(account: str, on_behalf_of: str = "") -> str:
    """The text for an account that acts, perhaps on behalf of another."""
    return f"{account}{_FOR}{on_behalf_of}" if on_behalf_of else account


def accounts(by: str) -> tuple[str, str]:
    """The account that acts, and in whose place: empty for nobody's."""
    account, _, on_behalf_of = by.partition(_FOR)
    return account, on_behalf_of


def same_person(one: str, other: str) -> bool:
    """Whether both texts have an account in common.

    For four eyes, whoever stands in for somebody is the same person as they are.
    """
    return not _named(one).isdisjoint(_named(other))


def _named(by: str) -> set[str]:
    """Every account; who stands in for several has them separated by blanks."""
    return set(by.replace(_FOR, " ").split())
