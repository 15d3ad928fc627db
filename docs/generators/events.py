"""docs/generated/events.md: the event catalogue for people."""

from pathlib import Path

from contracts import Event
from contracts.registry import EVENTS, TOPICS, Topic

_HEADER = """# Event catalogue

Generated from `shared/contracts` by `make docs`; do not edit.

All events are CloudEvents 1.0 in Kafka binary mode: the JSON payload is the record's value, the
rest is in headers (`ce_specversion`, `ce_id`, `ce_type`, `ce_source`, `ce_time`, `ce_subject`,
`ce_partitionkey`, `ce_dataschema`, `content-type`, and `traceparent` where traces are collected).
Delivery is at least once: drop an id you have seen. Order holds among records of one key. Ignore
fields and types you do not know; a breaking change is a new type (`.v2`) beside the old. No topic
carries personal data. How to read them, by Kafka or by webhook:
[subscribe](../how-to/subscribe.md).

Other regional systems read `external.*` topics only. Their schemas are supported for 12 months
after a successor is published. Units below the privacy floor of 7 are never named there.
"""


def _event(event: type[Event]) -> str:
    schema = f"../../shared/contracts/schemas/{event.TYPE}.json"
    sample = f"../../shared/contracts/samples/{event.TYPE}/0001.json"
    fields = ", ".join(f"`{name}`" for name in event.model_fields)
    retired = f"**Not published any more.** Instead: {event.RETIRED}.\n\n" if event.RETIRED else ""
    return (
        f"#### `{event.TYPE}`\n\n{retired}{(event.__doc__ or '').strip()}\n\n"
        f"Key: `{':'.join(event.KEY_FIELDS)}` · Fields: {fields} · "
        f"[schema]({schema}) · [sample]({sample})\n"
    )


def _topic(topic: Topic) -> str:
    members = [event for event in EVENTS.values() if topic.name == event.TOPIC]
    head = (
        f"### Topic `{topic.name}`\n\nProduced by {topic.owner} only · "
        f"{topic.partitions} partitions · kept {topic.retention_days} days\n"
    )
    return "\n".join([head, *map(_event, members)])


def files(root: Path) -> dict[Path, str]:
    external = [topic for topic in TOPICS.values() if topic.audience == "external"]
    internal = [topic for topic in TOPICS.values() if topic.audience == "internal"]
    parts = [_HEADER, "## For other regional systems\n", *map(_topic, external)]
    parts += [
        "## Internal\n\nMay change without notice to other systems.\n",
        *map(_topic, internal),
    ]
    return {Path("docs/generated/events.md"): "\n".join(parts)}
