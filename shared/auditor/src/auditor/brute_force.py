"""The same as linear.py for small trees, by trying every set: a second opinion.

A published unit reveals the sum over the units below it that were asked. By adding and subtracting
such sums, anyone can derive the sum over a set of units exactly if the set's indicator lies in the
row space of the published indicators. So the auditor tries every set.
"""

from collections.abc import Collection, Mapping
from itertools import product

Row = list[int]


def derivable_sets(
    paths: Mapping[str, tuple[str, ...]], published: Collection[str]
) -> list[frozenset[str]]:
    """Every non-empty set of asked units whose sum follows from the published ones.

    `paths` maps each asked unit to its path from the root. Exponential: for small trees.
    """
    units = sorted(paths)
    basis: list[Row] = []
    for node in sorted(published):
        _reduce_into(basis, [int(node in paths[unit]) for unit in units])
    found = []
    for chosen in product((0, 1), repeat=len(units)):
        if any(chosen) and not any(_reduced(basis, list(chosen))):
            found.append(frozenset(u for u, bit in zip(units, chosen, strict=True) if bit))
    return found


def leaks(
    paths: Mapping[str, tuple[str, ...]],
    answered: Mapping[str, int],
    published: Collection[str],
    k: int,
) -> list[frozenset[str]]:
    """The derivable sets in which fewer than k people answered, or nobody.

    Nobody is the worst: it reveals of each person that he or she did not take part.
    """
    sets = derivable_sets(paths, published)
    return [s for s in sets if sum(answered[unit] for unit in s) < k]


def _reduced(basis: list[Row], row: Row) -> Row:
    """Gauss's elimination in whole numbers; all zero if the row follows from the basis."""
    for base in basis:
        lead = next(i for i, value in enumerate(base) if value)
        if row[lead]:
            ours, theirs = row[lead], base[lead]
            row = [a * theirs - b * ours for a, b in zip(row, base, strict=True)]
    return row


def _reduce_into(basis: list[Row], row: Row) -> None:
    rest = _reduced(basis, row)
    if any(rest):
        basis.append(rest)
