"""One person who sends as much as they can does not make others wait."""

import asyncio
from statistics import median
from time import perf_counter
from uuid import uuid4

import httpx

import devstack
from devstack import Stack
from integration.servicekit.test_process import SampleProcess, sample

__all__ = ["sample"]
_FLOOD_CONNECTIONS = 40
_PER_PERSON = 600


async def test_a_flood_of_one_person_does_not_make_another_one_wait(
    sample: SampleProcess, servers: Stack
) -> None:
    """Each request of the flood holds a connection of the database for 0.4 seconds."""
    personas = ("administrator", "second-administrator")
    tokens = devstack.tokens(servers.env["ISSUER_URL"], personas)
    noisy, patient = ({"authorization": f"Bearer {tokens[name]}"} for name in personas)
    statuses, waits = list[int](), list[float]()
    stop = asyncio.Event()

    async with (
        sample.running("api", SAMPLE_HTTP__LIMITS__PER_PERSON=str(_PER_PERSON)),
        httpx.AsyncClient(timeout=60, limits=httpx.Limits(max_connections=200)) as client,
    ):
        await sample.ready()

        async def flood(number: int) -> None:
            while not stop.is_set():
                headers = {**noisy, "idempotency-key": str(uuid4())}
                url = f"{sample.url}/v1/counters/noisy-{number}"
                answer = await client.post(url, json={"pause": 0.4}, headers=headers)
                statuses.append(answer.status_code)

        async def ask() -> None:
            began = perf_counter()
            answer = await client.get(f"{sample.url}/v1/counters", headers=patient)
            waits.append(perf_counter() - began)
            assert answer.status_code == 200

        flooding = [asyncio.create_task(flood(number)) for number in range(_FLOOD_CONNECTIONS)]
        await asyncio.sleep(0.5)
        for _ in range(20):
            await ask()
            await asyncio.sleep(0.05)
        stop.set()
        await asyncio.gather(*flooding)
    assert set(statuses) <= {201, 429}
    assert median(waits) < 0.4, "a patient person waits for no request of the flood"
