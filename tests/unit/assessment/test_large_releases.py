"""What makes a large release fast gives the same results as its plain definition."""

from collections import Counter
from collections.abc import AsyncIterator, Sequence
from random import Random
from statistics import fmean
from uuid import UUID, uuid4

import pytest
from cryptography.hazmat.primitives.asymmetric.x25519 import X25519PrivateKey

from assessment_service.adapters.sheet_cipher import HpkeOpener, HpkeSealer
from assessment_service.application.sealing_ports import SealedSheet, UnreadableRoundError
from assessment_service.domain import scoring, sheet
from assessment_service.domain.participation_band import Range, _Known
from assessment_service.domain.privacy_rule import _differ
from assessment_service.domain.scorer import MISSING, crowd, scorer
from unit.assessment.builders import crowd_of, instrument

PAIR = X25519PrivateKey.generate()


@pytest.mark.parametrize("items", [1, 2, 4])
def test_a_stored_sheet_has_the_scores_of_its_answers(items: int) -> None:
    asked = instrument(items=items, min_answered=min(2, items))
    random, scores = Random(items), scorer(asked)
    profiles: list[scoring.Profile] = []
    stored = bytearray()
    for _ in range(500):
        given = {i.item_id: random.choice([None, 1, 2, 3, 4, 5]) for i in asked.items}
        answered = {k: v for k, v in given.items() if random.random() < 0.8}
        expected = scoring.profile(asked, answered)
        found = scores(sheet.encode(asked, answered))
        in_order = [expected[b] for b in asked.behaviours]
        assert list(found) == [MISSING if one is None else one for one in in_order]
        profiles.append(expected)
        stored += found
    assert crowd(stored, asked.behaviours) == crowd_of(profiles, asked.behaviours)


def test_people_differ_whoever_is_left_out() -> None:
    random, outcomes = Random(1), Counter[bool]()
    for _ in range(2_000):
        middle, width = random.choice([5, 50, 95]), random.choice([3, 6, 9, 30])
        people = [
            min(100, max(0, round(random.gauss(middle, width))))
            for _ in range(random.randint(5, 12))
        ]
        expected = all(
            _differ_as_they_are(people[:n] + people[n + 1 :]) for n in range(len(people))
        )
        assert _differ(Counter(people), 4) is expected, people
        outcomes[expected] += 1
    assert min(outcomes[True], outcomes[False]) > 200


def _differ_as_they_are(people: Sequence[int]) -> bool:
    nearest = Counter(scoring.category(score, 4) for score in people)
    mean = fmean(people)
    variance = fmean((score - mean) ** 2 for score in people)
    return max(nearest.values()) <= 0.9 * len(people) and variance >= 25 - 1e-9


def test_the_widest_range_is_known_after_every_narrowing() -> None:
    random = Random(2)
    for _ in range(300):
        ranges = [Range(0, random.randint(0, 6)) for _ in range(random.randint(1, 8))]
        known = _Known(ranges)
        for place, before in enumerate(ranges):
            after = Range(0, random.randint(0, before.width))
            expected = max(one.width for one in [*ranges[:place], after, *ranges[place + 1 :]])
            assert known._widest_after(before, after) == expected
            if random.random() < 0.6:
                known.narrow(before, after)
                ranges[place] = after


def sealed(count: int) -> list[SealedSheet]:
    """Sheets whose first byte says which they are."""
    public = PAIR.public_key().public_bytes_raw()
    found = []
    for number in range(count):
        round_id, key = uuid4(), number.to_bytes(32, "big")
        found.append((round_id, key, HpkeSealer().seal(public, round_id, key, bytes([number]))))
    return found


async def read(batches: Sequence[Sequence[SealedSheet]]) -> list[tuple[UUID, bytes]]:
    async def more() -> AsyncIterator[Sequence[SealedSheet]]:
        for batch in batches[1:]:
            yield batch

    opener = HpkeOpener(PAIR.private_bytes_raw())
    return [found async for found in opener.read(batches[0], more(), bytes)]


@pytest.mark.parametrize("per_batch", [40, 7, 1])
async def test_every_sheet_is_read_once_however_many_help(per_batch: int) -> None:
    sheets = sealed(40)
    batches = [sheets[n : n + per_batch] for n in range(0, 40, per_batch)]
    expected = [(round_id, key[-1:]) for round_id, key, _ in sheets]
    assert sorted(await read(batches)) == sorted(expected)


async def test_a_helper_reports_a_sheet_that_does_not_open() -> None:
    sheets = sealed(4)
    sheets[3] = (uuid4(), *sheets[3][1:])
    with pytest.raises(UnreadableRoundError, match=str(sheets[3][0])):
        await read([sheets[:2], sheets[2:]])
