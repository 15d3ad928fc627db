"""What every span says about its process, and a consumer's about its record."""

from datetime import UTC, datetime
from typing import Any
from uuid import uuid4

from aiokafka import ConsumerRecord
from opentelemetry.sdk.trace.export import SimpleSpanProcessor
from opentelemetry.sdk.trace.export.in_memory_span_exporter import InMemorySpanExporter

from contracts import Message
from servicekit import telemetry
from servicekit.consumer_group import read
from servicekit.handling import handle
from servicekit.settings import Telemetry
from support.apps import counter_bumped, subscribe


def test_a_process_names_its_version_and_its_environment():
    provider = telemetry.create_provider("content-service", Telemetry(), "production")
    attributes = provider.resource.attributes
    assert attributes["service.name"] == "content-service"
    assert attributes["service.version"]
    assert attributes["deployment.environment.name"] == "production"


def test_a_version_that_is_not_known_is_not_told():
    attributes = telemetry.create_provider("tests", Telemetry()).resource.attributes
    assert "service.version" not in attributes
    assert "deployment.environment.name" not in attributes


async def test_a_consumers_span_names_the_record(monkeypatch):
    spans = InMemorySpanExporter()
    provider = telemetry.create_provider("tests", Telemetry())
    provider.add_span_processor(SimpleSpanProcessor(spans))
    monkeypatch.setattr(telemetry, "_tracer", provider.get_tracer("servicekit"))
    event = counter_bumped("sample")

    async def handler(*arguments: Any) -> None:
        """Nothing to do."""

    group = subscribe("sample.effects", event, handler)
    one = Message(uuid4(), event.TYPE, "/sample", datetime.now(UTC), "a", b"")
    headers = [(name, text.encode()) for name, text in one.headers().items()]
    value = b'{"counter_id": "a", "version": 1}'
    record = ConsumerRecord("sample.counter", 2, 17, 0, 0, b"a", value, None, 1, 1, headers)
    uow: Any = None
    await handle(group, read(record, group), uow)
    [span] = spans.get_finished_spans()
    assert span.attributes == {
        "messaging.system": "kafka",
        "messaging.operation.name": "process",
        "messaging.operation.type": "process",
        "messaging.destination.name": "sample.counter",
        "messaging.destination.partition.id": "2",
        "messaging.kafka.offset": 17,
        "messaging.consumer.group.name": "sample.effects",
        "messaging.message.id": str(one.id),
    }
