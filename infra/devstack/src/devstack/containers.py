"""Servers as Docker containers, for machines with an engine: official images, pinned.

Each container belongs to a supervised process of ours (`python -m devstack.containers`), so
that it is started, killed and started again like a native server. Its data is a named volume.
"""

import hashlib
import json
import os
import signal
import sys
import threading
from contextlib import suppress
from pathlib import Path
from typing import Any

from devstack import probes
from devstack.processes import Probe, ProcessSpec
from devstack.servers import Server, postgres

IMAGES = {
    "postgres": "postgres:18.4-bookworm",
    "kafka": "apache/kafka:4.4.0",
    "temporal": "temporalio/temporal:1.9.1",
}
KAFKA_ENV = {
    "KAFKA_NODE_ID": "1",
    "KAFKA_PROCESS_ROLES": "broker,controller",
    "KAFKA_CONTROLLER_QUORUM_VOTERS": "1@localhost:9093",
    "KAFKA_LISTENERS": "PLAINTEXT://:9092,CONTROLLER://:9093",
    "KAFKA_CONTROLLER_LISTENER_NAMES": "CONTROLLER",
    "KAFKA_LISTENER_SECURITY_PROTOCOL_MAP": "PLAINTEXT:PLAINTEXT,CONTROLLER:PLAINTEXT",
    "KAFKA_OFFSETS_TOPIC_REPLICATION_FACTOR": "1",
    "KAFKA_TRANSACTION_STATE_LOG_REPLICATION_FACTOR": "1",
    "KAFKA_TRANSACTION_STATE_LOG_MIN_ISR": "1",
    "KAFKA_GROUP_INITIAL_REBALANCE_DELAY_MS": "0",
    "KAFKA_GROUP_MIN_SESSION_TIMEOUT_MS": "1000",
    "KAFKA_AUTO_CREATE_TOPICS_ENABLE": "false",
    "KAFKA_LOG_DIRS": "/var/lib/kafka/data",
}
PULL = 600.0  # seconds; the first start may have to fetch an image


def engine_answers() -> bool:
    """Whether a Docker engine can be reached; takes less than two seconds."""
    import docker  # type: ignore[import-untyped]  # slow to import, and needed for this question only

    try:
        client = docker.from_env(timeout=2)
        try:
            return bool(client.ping())
        finally:
            client.close()
    except Exception:
        return False


def server(name: str, data: Path, ports: dict[str, int], secrets: dict[str, str]) -> Server:
    """The server as a container; `data` only gives its volume a name of its own."""
    address = f"127.0.0.1:{ports[name]}"
    if name == "postgres":
        dsn = f"postgresql://postgres:{secrets['postgres']}@{address}/postgres"
        env = {"POSTGRES_PASSWORD": secrets["postgres"]}
        places = {"5432/tcp": ports[name]}
        spec = _spec(name, data, env, places, "/var/lib/postgresql", [], probes.postgres(dsn))
        return postgres.described(dsn, secrets, spec)
    if name == "kafka":
        env = {**KAFKA_ENV, "KAFKA_ADVERTISED_LISTENERS": f"PLAINTEXT://{address}"}
        env["CLUSTER_ID"] = secrets["kafka_cluster_id"]
        places, volume = {"9092/tcp": ports[name]}, "/var/lib/kafka/data"
        spec = _spec(name, data, env, places, volume, [], probes.kafka(address))
        return Server(name, {"KAFKA_BOOTSTRAP_SERVERS": address}, spec)
    ui = f"http://127.0.0.1:{ports['temporal-ui']}"
    command = ["server", "start-dev", "--ip", "0.0.0.0", "--db-filename", "/data/temporal.db"]  # noqa: S104
    places = {"7233/tcp": ports[name], "8233/tcp": ports["temporal-ui"]}
    spec = _spec(name, data, {}, places, "/data", command, probes.http(ui))
    return Server(name, {"TEMPORAL_ADDRESS": address, "TEMPORAL_UI_URL": ui}, spec)


def _spec(
    name: str,
    data: Path,
    env: dict[str, str],
    ports: dict[str, int],
    volume: str,
    command: list[str],
    probe: Probe,
) -> ProcessSpec:
    unique = f"um-{hashlib.sha256(str(data).encode()).hexdigest()[:8]}-{name}"
    settings = {
        "image": IMAGES[name],
        "name": unique,
        "volume": volume,
        "environment": env,
        "ports": ports,
        "command": command,
    }
    docker_env = {
        k: v for k, v in os.environ.items() if k.startswith(("DOCKER_", "TESTCONTAINERS_"))
    }
    return ProcessSpec(
        name=name,
        argv=(sys.executable, "-m", "devstack.containers"),
        env={**docker_env, "CONTAINER": json.dumps(settings)},
        probe=probe,
        deadline=PULL,
        stop_timeout=30,
    )


def main() -> None:
    """Run the container that CONTAINER describes until SIGTERM; its log goes to our output."""
    import docker
    from testcontainers.core.container import DockerContainer

    settings: dict[str, Any] = json.loads(os.environ["CONTAINER"])
    stopping = threading.Event()
    signal.signal(signal.SIGTERM, lambda *_: stopping.set())
    with suppress(docker.errors.NotFound):  # a container of a wrapper that was killed
        docker.from_env().containers.get(settings["name"]).remove(force=True)
    container = DockerContainer(settings["image"]).with_name(settings["name"])
    for inside, outside in settings["ports"].items():
        container.ports[inside] = ("127.0.0.1", outside)  # type: ignore[assignment]
    container.with_volume_mapping(settings["name"], settings["volume"], "rw")
    container.with_envs(**settings["environment"]).with_command(settings["command"])
    with container:
        wrapped = container.get_wrapped_container()
        while not stopping.wait(1.0):
            wrapped.reload()
            if wrapped.status == "exited":
                sys.stdout.buffer.write(wrapped.logs(tail=50))
                sys.exit(f"the container {settings['name']} ended")


if __name__ == "__main__":
    main()
