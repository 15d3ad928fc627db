"""All of Kafka may be lost in mid-rollout: 0 lost, 0 double effects, nobody is mailed twice.

The same checker is seen red where one service does not publish its events again.
"""

import pytest

from chaos.comparisons import EMPTY
from chaos.final_read import SERVICES
from chaos.run import Plan

pytestmark = [pytest.mark.timeout(1_500), pytest.mark.long]


async def test_all_of_kafka_is_deleted_and_brought_back_by_the_runbook(seed, run_shown):
    verdict = await run_shown(Plan(seed, 24, [], lose_kafka=True))
    assert not verdict.wrong, verdict.report()
    assert verdict.again["mails"] == 0
    vacuous = {name for name, d in verdict.differences.items() if not d.expected}
    assert vacuous == EMPTY


async def test_red_when_one_service_does_not_publish_again(seed, run_shown):
    """No story: what the workflow service published while a worker was behind shows it."""
    others = [name for name in SERVICES if name != "workflow"]
    plan = Plan(seed, 8, [], story=False, lose_kafka=True, replayed=others, quiesce=25)
    verdict = await run_shown(plan)
    assert verdict.wrong["published"].lost
    assert verdict.wrong["units in content"].lost
