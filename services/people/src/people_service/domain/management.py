"""Who manages a unit, and what others hear of it: that it has managers, never who they are."""

from collections.abc import Mapping
from collections.abc import Set as AbstractSet
from dataclasses import dataclass
from typing import Literal

Change = Literal["appointed", "changed", "vacant"]


@dataclass(frozen=True, slots=True)
class Management:
    """A unit's managers as they were announced last. Deputies are none.

    `newcomers` are those who came with the last change; `version` counts the changes.
    """

    unit_id: str
    managers: frozenset[str]
    newcomers: frozenset[str]
    version: int


@dataclass(frozen=True, slots=True)
class UnitManagerChanged:
    """The unit got its first manager, has others than before, or has none any more."""

    unit_id: str
    change: Change
    version: int


def changed_managements(
    announced: Mapping[str, Management], managers: Mapping[str, AbstractSet[str]]
) -> list[tuple[Management, UnitManagerChanged]]:
    """What is to be announced, by unit id: where `managers`, those of a day, are not as announced.

    A unit that is in neither has no manager.
    """
    nobody: frozenset[str] = frozenset()
    found = []
    for unit_id in sorted(announced.keys() | managers.keys()):
        before, now = announced.get(unit_id), frozenset(managers.get(unit_id, nobody))
        were, version = (before.managers, before.version) if before else (nobody, 0)
        if now == were:
            continue
        change: Change = "vacant" if not now else "changed" if were else "appointed"
        after = Management(unit_id, now, now - were, version + 1)
        found.append((after, UnitManagerChanged(unit_id, change, after.version)))
    return found
