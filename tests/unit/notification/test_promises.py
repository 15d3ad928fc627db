"""What texts promise to other systems is what the default settings do."""

import re
from pathlib import Path

import pytest

from notification_service.domain.delivery import WEBHOOK_RETRY_SECONDS
from notification_service.domain.subscription import MOST_SECRETS
from notification_service.entrypoints.http import webhooks
from unit.notification.test_settings import settings

SUBSCRIBE = Path(__file__).parents[3] / "docs" / "how-to" / "subscribe.md"
HOW_TO = " ".join(SUBSCRIBE.read_text(encoding="utf-8").split())
SECONDS = {"s": 1, "min": 60, "h": 3600}


def text_of(route: object) -> str:
    return " ".join(str(route.__doc__).split())


def test_the_time_to_answer() -> None:
    webhook = settings().webhook
    assert f"within {webhook.timeout_seconds:.0f} s once it is stored" in HOW_TO
    assert f"waits {webhook.timeout_seconds:.0f} s" in text_of(webhooks.subscribe)


@pytest.mark.parametrize(("timeout", "deadline"), [(10, 20), (1, 1.5), (60, 70)])
def test_the_connection_takes_nothing_from_the_time_to_answer(
    timeout: float, deadline: float
) -> None:
    webhook = settings(webhook={"timeout_seconds": timeout, "deadline_seconds": deadline,
                                "lease_seconds": 2 * deadline}).webhook  # fmt: skip
    lookup_and_connection = tls = webhook.connect_seconds
    assert lookup_and_connection + tls + webhook.timeout_seconds < webhook.deadline_seconds


def test_when_a_delivery_is_sent_again() -> None:
    promised = re.search(r"again after (.*?) \(each", text_of(webhooks.subscribe))
    assert promised is not None
    found = re.findall(r"(\d+) (s|min|h)\b", promised[1])
    assert tuple(int(n) * SECONDS[unit] for n, unit in found) == WEBHOOK_RETRY_SECONDS
    assert 3 <= sum(WEBHOOK_RETRY_SECONDS) / 86400 < 3.5, "about three days"


def test_how_long_a_replaced_secret_signs_and_how_many() -> None:
    assert f"{settings().webhook.rotation_overlap_hours:.0f} hours by default" in HOW_TO
    assert MOST_SECRETS == 5
    assert "five sign at most" in HOW_TO
    assert "At most five secrets" in text_of(webhooks.rotate_secret)
