"""Has Kafka's brokers read a certificate again that was replaced; who is connected stays so."""

from aiokafka.admin import AIOKafkaAdminClient
from aiokafka.errors import KafkaError, for_code
from aiokafka.protocol.api import RequestStruct, Response
from aiokafka.protocol.types import Array, Boolean, Int8, Int16, Int32, Schema, String

from servicekit.kafka import connection
from servicekit.kafka_requests import Built
from servicekit.settings import Kafka

_BROKER, _SET = 4, 0


async def reload_certificate(kafka: Kafka, listener: str, keystore: str) -> list[str]:
    """Have every broker read the file `keystore`, as the brokers know it; returns their ids.

    Raises KafkaError if one refuses, for example because the file does not fit.
    """
    admin = AIOKafkaAdminClient(**connection(kafka))
    try:
        await admin.start()
        brokers = [broker.nodeId for broker in admin._client.cluster.brokers()]
        setting = f"listener.name.{listener.lower()}.ssl.keystore.location"
        for broker in brokers:
            wanted = [(_BROKER, str(broker), [(setting, _SET, keystore)])]
            request = Built(_AlterConfigs(wanted, False))
            answer = await admin._send_request_to_node(broker, request)
            for code, message, *_ in answer.responses:
                if code:
                    error: type[KafkaError] = for_code(code)
                    raise error(f"broker {broker}: {message}")
        return [str(broker) for broker in brokers]
    finally:
        await admin.close()


class _AlteredConfigs(Response):  # type: ignore[misc]  # the client has no types
    API_KEY, API_VERSION = 44, 0
    SCHEMA = Schema(
        ("throttle_time_ms", Int32),
        (
            "responses",
            Array(
                ("error_code", Int16),
                ("error_message", String("utf-8")),
                ("resource_type", Int8),
                ("resource_name", String("utf-8")),
            ),
        ),
    )


class _AlterConfigs(RequestStruct):  # type: ignore[misc]
    API_KEY, API_VERSION, RESPONSE_TYPE = 44, 0, _AlteredConfigs
    SCHEMA = Schema(
        (
            "resources",
            Array(
                ("resource_type", Int8),
                ("resource_name", String("utf-8")),
                (
                    "configs",
                    Array(
                        ("name", String("utf-8")),
                        ("operation", Int8),
                        ("value", String("utf-8")),
                    ),
                ),
            ),
        ),
        ("validate_only", Boolean),
    )
