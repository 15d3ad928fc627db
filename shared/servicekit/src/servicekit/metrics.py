"""What every process measures of itself, at /metrics.

Names and labels are OpenTelemetry's (semantic conventions, written as Prometheus does) where it has
one; others are `<area>_<thing>_<unit>`. Nothing that a person answers is counted or timed.
"""

from collections.abc import Iterator, Mapping
from contextvars import ContextVar

from prometheus_client import Counter, Gauge, Histogram, Info

DATABASE = "postgresql"
"""Among the servers: the service's own."""
_GROUP, _TOPIC = "messaging_consumer_group_name", "messaging_destination_name"
_POOL = "db_client_connection_pool_name"
# Those that the conventions advise for http.server.request.duration.
_HTTP_SECONDS = (0.005, 0.01, 0.025, 0.05, 0.075, 0.1, 0.25, 0.5, 0.75, 1, 2.5, 5, 7.5, 10)
_BATCH_SECONDS = (0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 60)

TARGET = Info("target", "The service that this process belongs to, and its version")
HTTP_DURATION = Histogram(
    "http_server_request_duration_seconds",
    "Time to answer a request",
    ["http_request_method", "http_route", "http_response_status_code"],
    buckets=_HTTP_SECONDS,
)
DB_CONNECTIONS = Gauge(
    "db_client_connection_count",
    "Connections of a pool by state: idle or used",
    [_POOL, "db_client_connection_state"],
)
DB_CONNECTIONS_MAX = Gauge("db_client_connection_max", "Connections that a pool may have", [_POOL])
DB_PENDING = Gauge("db_client_connection_pending_requests", "Who waits for a connection", [_POOL])
DB_TIMEOUTS = Counter(
    "db_client_connection_timeouts", "Times that no connection was free in time", [_POOL]
)
LOOP_LAG = Gauge(
    "asyncio_event_loop_lag_seconds", "The most that a timer was late in the last 30 seconds"
)
SERVER_UP = Gauge("server_up", "1 while a server answers this process, else 0", ["server"])
UNMEASURED: ContextVar[bool] = ContextVar("unmeasured", default=False)
"""Set during a request that leaves no trace in any number."""

REQUESTS_REFUSED = Counter(
    "requests_refused",
    "Requests and connections refused or ended because one client wants too much or is too slow",
    ["limit"],
)
for _limit in ("person", "service", "address", "connections", "slow", "trailers"):
    REQUESTS_REFUSED.labels(_limit)  # From 0 on: an increase shows the first refusal, too.
TOKEN_REFUSALS = Counter("token_refusals", "Requests whose token was not accepted", ["reason"])

EVENTS_PUBLISHED = Counter("relay_events_published", "Events acknowledged by Kafka", [_TOPIC])
RELAY_LEADING = Gauge("relay_leading", "1 in the worker whose relay publishes, else 0")
RELAY_HELD_UP = Gauge("relay_held_up", "1 while a topic's events wait for the topic", [_TOPIC])
OUTBOX_PENDING = Gauge("relay_outbox_pending_rows", "Events waiting in the outbox, up to 1,000")
OUTBOX_OLDEST = Gauge(
    "outbox_oldest_pending_seconds", "Age of the oldest event that waits, measured by every worker"
)
EVENTS_CONSUMED = Counter(
    "consumer_events", "Events by what became of them", [_GROUP, "type", "result"]
)
PROCESS_DURATION = Histogram(
    "messaging_process_duration_seconds",
    "Time until a batch of events has taken effect",
    [_GROUP],
    buckets=_BATCH_SECONDS,
)
CONSUMER_RETRIES = Counter("consumer_retries", "Batches tried again", [_GROUP])
CONSUMER_WAITS = Counter(
    "consumer_waits", "Attempts to take an event that must be made again", [_GROUP, "cause"]
)
CONSUMER_PARTITIONS = Gauge(
    "consumer_assigned_partitions", "Partitions that this worker reads", [_GROUP, _TOPIC]
)
CONSUMER_LAG_RECORDS = Gauge(
    "consumer_lag_records", "Events of this worker's partitions without effect yet", [_GROUP]
)
CONSUMER_LAG_SECONDS = Gauge(
    "consumer_lag_seconds", "Age of the oldest event that has not taken effect", [_GROUP]
)
DEAD_LETTERS = Gauge(
    "dead_letters_waiting", "Dead letters that wait for an operator, seen by every worker", [_GROUP]
)
BACKLOG_ITEMS = Gauge("backlog_items", "What waits in the database, seen by every worker", ["kind"])
BACKLOG_OLDEST = Gauge(
    "backlog_oldest_seconds", "Age of the oldest of what waits, 0 if nothing does", ["kind"]
)
JOB_FAILURES = Counter("job_failures", "Failed runs of periodic jobs", ["name"])


def samples(metric: Counter | Gauge | Histogram) -> Iterator[tuple[Mapping[str, str], float]]:
    """The labels and values of a metric, without the times when its series began."""
    for family in metric.collect():
        for sample in family.samples:
            if not sample.name.endswith("_created"):
                yield sample.labels, sample.value


def topics_held_up() -> list[str]:
    """Topics that do not take their events from this process."""
    return [labels[_TOPIC] for labels, held_up in samples(RELAY_HELD_UP) if held_up]


def servers_away() -> list[str]:
    """Servers that did not answer this process the last time."""
    return sorted(labels["server"] for labels, up in samples(SERVER_UP) if not up)


def held_back() -> list[str]:
    """What this process does not send until an operator has looked."""
    counts = [n for labels, n in samples(BACKLOG_ITEMS) if labels["kind"] == "quarantine"]
    what = "send anything: mails and webhooks are held (docs/runbooks/alerts.md#sendingheld)"
    return [what] if any(counts) else []
