"""Apache Kafka in KRaft mode on Java: one broker, data on disk, loopback only."""

import subprocess
from pathlib import Path
from string import Template

from devstack import probes
from devstack.artifacts import Report, java, obtain
from devstack.files import write_atomically
from devstack.options import CHECKOUT, StackError
from devstack.processes import ProcessSpec
from devstack.servers import Server

CONFIGURATION = CHECKOUT / "infra" / "kafka"


def server(data: Path, port: int, controller_port: int, cluster_id: str, report: Report) -> Server:
    """Kafka on `port`, its files below `data`; obtains the jars first. Raises StackError."""
    jars = obtain(CONFIGURATION / "artifacts.txt", "kafka", report)
    properties = data / "server.properties"
    command = (
        # Compiling once and lightly halves the start, and was no slower for 200 000 records.
        *(java(), "-Xmx512m", "-Xms256m", "-XX:+UseSerialGC", "-XX:TieredStopAtLevel=1"),
        f"-Dlog4j2.configurationFile={CONFIGURATION / 'log4j2.properties'}",
        *("-cp", f"{jars}/*"),
    )

    def before() -> None:
        template = Template((CONFIGURATION / "server.properties").read_text(encoding="utf-8"))
        logs = data / "log"
        text = template.substitute(port=port, controller_port=controller_port, data=logs)
        write_atomically(properties, text)
        if not (logs / "meta.properties").exists():
            _format(command, properties, cluster_id)

    address = f"127.0.0.1:{port}"
    spec = ProcessSpec(
        name="kafka",
        argv=(*command, "kafka.Kafka", str(properties)),
        probe=probes.kafka(address),
        url=address,
        before=before,
    )
    return Server("kafka", {"KAFKA_BOOTSTRAP_SERVERS": address}, spec)


def _format(command: tuple[str, ...], properties: Path, cluster_id: str) -> None:
    tool = (*command, "kafka.tools.StorageTool", "format", "--standalone", "--ignore-formatted")
    answer = subprocess.run(  # noqa: S603
        [*tool, "-t", cluster_id, "-c", str(properties)], capture_output=True, text=True, timeout=60
    )
    if answer.returncode != 0:
        raise StackError(
            f"Kafka cannot format its storage: {(answer.stdout + answer.stderr)[-800:]}"
        )
