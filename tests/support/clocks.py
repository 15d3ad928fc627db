"""A process whose time of day is wrong, while its timers run as they should."""

import sys
import time
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from datetime import datetime, timedelta, tzinfo
from typing import Any
from unittest.mock import patch

from aiokafka.producer.message_accumulator import BatchBuilder

_OURS = ("contracts", "servicekit")


@contextmanager
def wrong_clock(ahead: timedelta) -> Iterator[None]:
    """For the block, this process's clock is `ahead` of the truth: in our code and Kafka's client.

    The servers are other processes: their clocks stay right.
    """
    true_time, append = time.time, BatchBuilder.append

    class Wrong(datetime):
        @classmethod
        def now(cls, tz: tzinfo | None = None) -> "Wrong":
            return cls.fromtimestamp(time.time(), tz)

    def append_dated(builder: BatchBuilder, timestamp: int | None, **record: Any) -> Any:
        """The client reads the clock in C, where nothing can be patched."""
        return append(builder, timestamp=timestamp or int(time.time() * 1000), **record)

    with ExitStack() as patches:
        wrong_time = patch.object(time, "time", lambda: true_time() + ahead.total_seconds())
        patches.enter_context(wrong_time)
        patches.enter_context(patch.object(BatchBuilder, "append", append_dated))
        for name, module in list(sys.modules.items()):
            package = name.partition(".")[0]
            ours = package in _OURS or package.endswith("_service")
            if ours and vars(module).get("datetime") is datetime:
                patches.enter_context(patch.object(module, "datetime", Wrong))
        yield
