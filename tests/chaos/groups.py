"""The consumer groups of a stack, as Kafka and the workers' metrics show them."""

import re
from collections.abc import Sequence

import httpx
from aiokafka.admin import AIOKafkaAdminClient

from chaos.comparisons import GROUPS

_MEMBERS = 5  # position in Kafka's answer
_DUPLICATE = re.compile(r'^consumer_events_total\{.*result="duplicate".*\} (\S+)$', re.MULTILINE)


def of_service(service: str) -> list[str]:
    return [group for group in GROUPS if group.startswith(f"{service}.")]


async def members(bootstrap: str, groups: Sequence[str]) -> dict[str, int]:
    """Group > how many consumers Kafka counts in it."""
    admin = AIOKafkaAdminClient(bootstrap_servers=bootstrap)
    await admin.start()
    try:
        return {
            group: len(answer.groups[0][_MEMBERS])
            for group in groups
            for answer in await admin.describe_consumer_groups([group])
        }
    finally:
        await admin.close()


async def duplicates(url: str) -> int:
    """How many records a worker has met that had taken effect before; `url`: of its metrics."""
    async with httpx.AsyncClient(trust_env=False) as client:
        text = (await client.get(url)).text
    return round(sum(float(count) for count in _DUPLICATE.findall(text)))
