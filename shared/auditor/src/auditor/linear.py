"""Which groups' values follow from the published ones by adding and subtracting: exactly.

A published cell is the sum over the units below it. The sum over another set of units follows from
published sums if, and only if, the set's indicator lies in their row space. Elimination in exact
fractions brings the rows into reduced form; there, a set's coefficients are its own digits, so all
sets are found by trying 0 and 1 for each row. Rows that share no unit are independent: only sets
within one such component are tried, and all others are unions of those. In a pure tree every
component is a single row, which is a residual atom, so a tree of any size takes no search.
"""

from collections.abc import Collection, Iterator, Mapping
from fractions import Fraction

Row = dict[str, Fraction]

MOST_TRIED = 20_000


class TooManyError(Exception):
    """A component is too large to try every set."""


def smallest_sets(rows: Collection[frozenset[str]]) -> list[frozenset[str]]:
    """The derivable sets that contain no smaller one. Raises TooManyError."""
    found: list[frozenset[str]] = []
    for component in _components(_reduced(rows)):
        sets = sorted(_sets(component), key=len)
        smallest: list[frozenset[str]] = []
        for one in sets:
            if not any(smaller < one for smaller in smallest):
                smallest.append(one)
        found += smallest
    return found


def _reduced(rows: Collection[frozenset[str]]) -> list[tuple[str, Row]]:
    """The reduced row echelon form: (pivot, row), no pivot in another row."""
    basis: dict[str, Row] = {}
    for units in sorted(rows, key=lambda one: (len(one), sorted(one))):
        row = {unit: Fraction(1) for unit in units}
        for pivot in [unit for unit in row if unit in basis]:
            row = _less(row, row[pivot], basis[pivot])
        if not row:
            continue
        pivot = min(row)
        row = {unit: value / row[pivot] for unit, value in row.items()}
        for other, existing in basis.items():
            if pivot in existing:
                basis[other] = _less(existing, existing[pivot], row)
        basis[pivot] = row
    return list(basis.items())


def _less(row: Row, times: Fraction, other: Row) -> Row:
    """row - times * other, without zeros."""
    result = dict(row)
    for unit, value in other.items():
        rest = result.pop(unit, Fraction(0)) - times * value
        if rest:
            result[unit] = rest
    return result


def _components(basis: list[tuple[str, Row]]) -> list[list[tuple[str, Row]]]:
    """Rows that share units, directly or through others, belong together."""
    leader: dict[int, int] = {number: number for number in range(len(basis))}

    def top(number: int) -> int:
        while leader[number] != number:
            number = leader[number]
        return number

    first_with: dict[str, int] = {}
    for number, (_, row) in enumerate(basis):
        for unit in row:
            leader[top(number)] = top(first_with.setdefault(unit, number))
    together: dict[int, list[tuple[str, Row]]] = {}
    for number, one in enumerate(basis):
        together.setdefault(top(number), []).append(one)
    return list(together.values())


def _sets(component: list[tuple[str, Row]]) -> Iterator[frozenset[str]]:
    """Every set whose indicator is a sum of these rows, by depth-first search: a unit whose last
    row has been decided must be in the set or out of it."""
    rows = [row for _, row in component]
    last = {unit: number for number, row in enumerate(rows) for unit in row}
    tried = 0
    to_try: list[tuple[int, Mapping[str, Fraction]]] = [(0, {})]
    while to_try:
        tried += 1
        if tried > MOST_TRIED:
            raise TooManyError(f"{len(rows)} independent values share people")
        number, sums = to_try.pop()
        if number == len(rows):
            if sums:
                yield frozenset(sums)
            continue
        for times in (Fraction(0), Fraction(1)):
            added = _less(dict(sums), -times, rows[number]) if times else sums
            decided = (unit for unit in rows[number] if last[unit] == number)
            if all(added.get(unit, 0) in (0, 1) for unit in decided):
                to_try.append((number + 1, added))
