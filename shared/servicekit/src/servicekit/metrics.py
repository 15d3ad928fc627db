"""Counters that every service exposes at /metrics. Names are `<area>_<thing>_<unit>`."""

from prometheus_client import Counter, Gauge

EVENTS_PUBLISHED = Counter("relay_events_published", "Events acknowledged by Kafka", ["topic"])
OUTBOX_PENDING = Gauge("relay_outbox_pending_rows", "Events waiting in the outbox, up to 1,000")
EVENTS_CONSUMED = Counter(
    "consumer_events", "Events by what became of them", ["group", "type", "result"]
)
CONSUMER_RETRIES = Counter("consumer_retries", "Batches tried again", ["group"])
JOB_FAILURES = Counter("job_failures", "Failed runs of periodic jobs", ["job"])
