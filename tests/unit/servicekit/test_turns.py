"""So many at a time for each; the others wait in order, and nothing is kept afterwards."""

import asyncio

from servicekit.turns import Turns


async def test_more_than_may_be_under_way_wait_in_order() -> None:
    turns, began = Turns(2), list[int]()

    async def work(number: int) -> None:
        await turns.take("anna")
        began.append(number)
        await asyncio.sleep(0.01)
        turns.give_back("anna")

    working = [asyncio.create_task(work(number)) for number in range(5)]
    await asyncio.sleep(0)
    assert began == [0, 1]
    async with asyncio.timeout(1):
        await turns.take("bo")
        await asyncio.gather(*working)
    assert began == [0, 1, 2, 3, 4]
    turns.give_back("bo")
    assert len(turns) == 0


async def test_who_gives_up_waiting_takes_nobodys_turn() -> None:
    turns = Turns(1)
    await turns.take("anna")
    gives_up, waits = (asyncio.create_task(turns.take("anna")) for _ in range(2))
    await asyncio.sleep(0)
    gives_up.cancel()
    await asyncio.sleep(0)
    turns.give_back("anna")
    async with asyncio.timeout(1):
        await waits
    turns.give_back("anna")
    assert len(turns) == 0


async def test_who_is_cancelled_when_the_turn_has_come_gives_it_back() -> None:
    turns = Turns(1)
    await turns.take("anna")
    cancelled = asyncio.create_task(turns.take("anna"))
    await asyncio.sleep(0)
    turns.give_back("anna")  # The turn is given, and not taken yet.
    cancelled.cancel()
    await asyncio.gather(cancelled, return_exceptions=True)
    assert len(turns) == 0
