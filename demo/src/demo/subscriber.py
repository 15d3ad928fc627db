"""Another system: reads the platform's external events, knowing only the published catalogue.

It imports nothing of the project. Run it by its path, as another organisation would:
`python subscriber.py --bootstrap HOST:PORT --catalogue asyncapi.json --schemas DIR --out FILE`.
It prints every event that it received and appends it to FILE as a JSON line.
"""

import argparse
import asyncio
import json
import signal
import sys
from pathlib import Path
from typing import Any, TextIO

from aiokafka import AIOKafkaConsumer, ConsumerRecord
from jsonschema import Draft202012Validator, FormatChecker

REQUIRED_HEADERS = ("ce_specversion", "ce_id", "ce_type", "ce_source", "ce_time", "ce_subject")


def external_channels(catalogue: dict[str, Any]) -> dict[str, set[str]]:
    """Topic > the event types on it, of the channels that are meant for other systems.

    Raises KeyError for a catalogue that is not AsyncAPI 3.
    """
    channels: dict[str, set[str]] = {}
    for channel in catalogue["channels"].values():
        if {"name": "external"} in channel.get("tags", []):
            messages = (resolve(catalogue, m["$ref"]) for m in channel["messages"].values())
            channels[channel["address"]] = {message["name"] for message in messages}
    return channels


def resolve(document: dict[str, Any], reference: str) -> Any:
    """What a local `#/a/b` reference points to."""
    node: Any = document
    for part in reference.removeprefix("#/").split("/"):
        node = node[part]
    return node


def validators(types: set[str], schemas: Path) -> dict[str, Draft202012Validator]:
    """A validator for each type, from the published JSON Schemas."""
    return {
        name: Draft202012Validator(
            json.loads((schemas / f"{name}.json").read_text(encoding="utf-8")),
            format_checker=FormatChecker(),
        )
        for name in types
    }


def understand(record: ConsumerRecord, known: dict[str, Draft202012Validator]) -> dict[str, Any]:
    """The event with a list of what is wrong with it, which should be empty."""
    headers = {name: value.decode() for name, value in record.headers if value is not None}
    problems = [f"header {name} is missing" for name in REQUIRED_HEADERS if name not in headers]
    data = json.loads(record.value or b"null")
    validator = known.get(headers.get("ce_type", ""))
    if validator is None:
        problems.append(f"type {headers.get('ce_type')} is not in the catalogue")
    else:
        problems += [f"{e.json_path}: {e.message}" for e in validator.iter_errors(data)]
    return {
        "id": headers.get("ce_id"),
        "type": headers.get("ce_type"),
        "subject": headers.get("ce_subject"),
        "time": headers.get("ce_time"),
        "problems": problems,
        "data": data,
    }


def line(event: dict[str, Any]) -> str:
    """One event for people to read."""
    verdict = "INVALID " if event["problems"] else ""
    details = [
        f"{name}={value}"
        for name, value in event["data"].items()
        if not name.endswith("rollout_id") and not isinstance(value, list)
    ]
    return f"{verdict}{event['time'][11:19]} {event['type']:<34} {' '.join(details)}"


async def follow(bootstrap: str, topics: list[str], known: Any, out: TextIO) -> None:
    """Read from the beginning until cancelled."""
    consumer = AIOKafkaConsumer(
        *topics,
        bootstrap_servers=bootstrap,
        group_id="foreign-subscriber",
        auto_offset_reset="earliest",
        enable_auto_commit=True,
    )
    await consumer.start()
    print(f"subscribed to {', '.join(topics)}", flush=True)
    try:
        async for record in consumer:
            event = understand(record, known)
            print(line(event), flush=True)
            out.write(json.dumps(event) + "\n")
            out.flush()
    finally:
        await consumer.stop()


async def run(arguments: argparse.Namespace) -> None:
    channels = external_channels(json.loads(arguments.catalogue.read_text(encoding="utf-8")))
    known = validators(set().union(*channels.values()), arguments.schemas)
    with arguments.out.open("a", encoding="utf-8") as out:
        reading = asyncio.ensure_future(follow(arguments.bootstrap, sorted(channels), known, out))
        for name in (signal.SIGTERM, signal.SIGINT):
            asyncio.get_running_loop().add_signal_handler(name, reading.cancel)
        try:
            await reading
        except asyncio.CancelledError:
            print("stopped", flush=True)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--bootstrap", required=True, help="Kafka address, host:port")
    parser.add_argument("--catalogue", type=Path, required=True, help="AsyncAPI document")
    parser.add_argument("--schemas", type=Path, required=True, help="directory of JSON Schemas")
    parser.add_argument("--out", type=Path, required=True, help="events are appended here")
    arguments = parser.parse_args()
    try:
        asyncio.run(run(arguments))
    except (OSError, KeyError) as error:
        sys.exit(f"the catalogue cannot be used: {error!r}")


if __name__ == "__main__":
    main()
