"""Counters that every service exposes at /metrics. Names are `<area>_<thing>_<unit>`."""

from prometheus_client import Counter, Gauge

EVENTS_PUBLISHED = Counter("relay_events_published", "Events acknowledged by Kafka", ["topic"])
RELAY_LEADING = Gauge("relay_leading", "1 in the worker whose relay publishes, else 0")
RELAY_HELD_UP = Gauge("relay_held_up", "1 while a topic's events wait for the topic", ["topic"])
OUTBOX_PENDING = Gauge("relay_outbox_pending_rows", "Events waiting in the outbox, up to 1,000")
OUTBOX_OLDEST = Gauge(
    "outbox_oldest_pending_seconds", "Age of the oldest event that waits, measured by every worker"
)
EVENTS_CONSUMED = Counter(
    "consumer_events", "Events by what became of them", ["group", "type", "result"]
)
CONSUMER_RETRIES = Counter("consumer_retries", "Batches tried again", ["group"])
JOB_FAILURES = Counter("job_failures", "Failed runs of periodic jobs", ["job"])
CONSUMER_WAITS = Counter(
    "consumer_waits", "Attempts to take an event that must be made again", ["group", "cause"]
)
CONSUMER_PARTITIONS = Gauge(
    "consumer_assigned_partitions", "Partitions that this worker reads", ["group", "topic"]
)
