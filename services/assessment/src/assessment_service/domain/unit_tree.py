"""The part of the organisation's tree that one release covers, as it was when its rounds opened."""

from collections.abc import Iterable, Iterator, Sequence


class UnitTree:
    """A forest built from the units' paths, each from the root down to the unit itself.

    When the organisation changed between two paths, a unit keeps the place where it was first seen:
    published results need one tree, without cycles.
    """

    def __init__(self, paths: Iterable[Sequence[str]]) -> None:
        self._parents: dict[str, str | None] = {}
        self._children: dict[str, list[str]] = {}
        for path in paths:
            parent = None
            for unit_id in path:
                if unit_id not in self._parents:
                    self._parents[unit_id] = parent
                    self._children[unit_id] = []
                    if parent is not None:
                        self._children[parent].append(unit_id)
                parent = unit_id

    @property
    def roots(self) -> list[str]:
        return [unit_id for unit_id, parent in self._parents.items() if parent is None]

    def parent(self, unit_id: str) -> str | None:
        return self._parents[unit_id]

    def children(self, unit_id: str) -> Sequence[str]:
        return self._children[unit_id]

    def bottom_up(self) -> Iterator[str]:
        """Every unit after all units below it."""
        # A unit is always added after its parent, so the reverse order is bottom up.
        return reversed(self._parents)

    def path(self, unit_id: str) -> tuple[str, ...]:
        """Ids from the root down to the unit itself."""
        parent = self._parents[unit_id]
        return (unit_id,) if parent is None else (*self.path(parent), unit_id)

    def depth(self, unit_id: str) -> int:
        """How many units are above it."""
        return len(self.path(unit_id)) - 1
