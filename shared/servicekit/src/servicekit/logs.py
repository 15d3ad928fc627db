"""Logs as one JSON object a line, with the trace they belong to. Logs carry ids, never payloads."""

import json
import logging
import sys
from collections.abc import Callable
from datetime import UTC, datetime
from time import monotonic

from opentelemetry import trace

_REPEATED_AFTER_SECONDS = 60.0


class JsonFormatter(logging.Formatter):
    """Renders a record with ISO 8601 UTC time, level, logger, message and trace id."""

    def __init__(self, service: str) -> None:
        super().__init__()
        self._service = service

    def format(self, record: logging.LogRecord) -> str:
        line = {
            "time": datetime.fromtimestamp(record.created, UTC).isoformat(timespec="milliseconds"),
            "level": record.levelname.lower(),
            "service": self._service,
            "logger": record.name,
            "message": record.getMessage(),
        }
        context = trace.get_current_span().get_span_context()
        if context.is_valid:
            line["trace_id"] = trace.format_trace_id(context.trace_id)
        if record.exc_info:
            line["exception"] = self.formatException(record.exc_info)
        return json.dumps(line, ensure_ascii=False)


class Seldom(logging.Filter):
    """What Kafka's client says again and again while a broker is away passes once a minute."""

    def __init__(self, now: Callable[[], float] = monotonic) -> None:
        super().__init__()
        self._now = now
        self._passed: dict[tuple[str, int, str, str], float] = {}

    def filter(self, record: logging.LogRecord) -> bool:
        if record.exc_info or not record.name.startswith("aiokafka"):
            return True
        now, line = self._now(), (record.name, record.levelno, record.msg, str(record.args))
        since = now - _REPEATED_AFTER_SECONDS
        self._passed = {said: at for said, at in self._passed.items() if at > since}
        return self._passed.setdefault(line, now) == now


def configure(service: str) -> None:
    """Send all logs of this process to standard output."""
    handler = logging.StreamHandler(sys.stdout)
    handler.setFormatter(JsonFormatter(service))
    handler.addFilter(Seldom())
    logging.basicConfig(level=logging.INFO, handlers=[handler], force=True)
    for noisy in ("aiokafka", "httpx", "faststream"):
        logging.getLogger(noisy).setLevel(logging.WARNING)
