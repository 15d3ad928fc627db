"""What the other services say they know."""

from typing import Any, cast
from uuid import uuid4

import pytest

from servicekit.service_client import Refused, ServiceClient
from workflow_service.adapters.others import HttpOthers
from workflow_service.application.ports import PeerUnavailable


class Refusing:
    def __init__(self, code: str) -> None:
        self.code = code

    async def get(self, path: str, **query: str) -> dict[str, Any]:
        raise Refused(404, self.code, "Not so.")


def others(code: str = "", *, notification: bool = False) -> HttpOthers:
    client = cast("ServiceClient", Refusing(code))
    return HttpOthers(client, client, client, client if notification else None)


async def test_a_rollout_that_content_does_not_know_has_no_practice_there() -> None:
    assert await others("rollout-unknown").practice(uuid4(), "rehab") == []
    with pytest.raises(PeerUnavailable, match="forbidden"):
        await others("forbidden").practice(uuid4(), "rehab")


def test_the_copies_that_are_compared_are_named() -> None:
    assert others().copies == ["assessment", "content", "people"]
    assert others(notification=True).copies == ["assessment", "content", "notification", "people"]
