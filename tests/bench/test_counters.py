"""The counters of the bench may not grow: each is held to its limit in baseline.json.

A change that is meant to cost more raises the limit in the same commit; one that costs less lowers
it, so that the gain is kept.
"""

from bench import counters
from devstack import Stack


async def test_no_counter_is_above_its_baseline(servers: Stack) -> None:
    found, limits = await counters.count(servers), counters.baseline()
    assert found.keys() == limits.keys(), "baseline.json and the bench name different counters"
    above = {name: (found[name], limits[name]) for name in found if found[name] > limits[name]}
    assert not above, f"(value, limit): {above}"
