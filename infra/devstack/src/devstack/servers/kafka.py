"""Apache Kafka in KRaft mode on Java: one broker, data on disk, loopback only.

It has two listeners: one without a login, for the administrator of this machine, and one with TLS
where each service logs in with an account of its own.
"""

import base64
import shutil
import subprocess
import uuid
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from string import Template

from devstack import probes
from devstack.artifacts import Report, java, obtain
from devstack.class_archive import ClassArchive
from devstack.files import write_atomically
from devstack.options import CHECKOUT, StackError
from devstack.prepared import Prepared
from devstack.processes import ProcessSpec
from devstack.servers import Server
from servicekit.certificates import issue

CONFIGURATION = CHECKOUT / "infra" / "kafka"
Command = Callable[..., tuple[str, ...]]
STORAGE = Prepared("kafka-storage", (CONFIGURATION,))


@dataclass(frozen=True)
class Ports:
    """Where it listens: for the administrator, for accounts, and for itself."""

    admin: int
    accounts: int
    controller: int


def server(data: Path, ports: Ports, cluster_id: str, report: Report) -> Server:
    """Kafka on `ports`, its files below `data`; obtains the jars first. Raises StackError."""
    jars = obtain(CONFIGURATION / "artifacts.txt", "kafka", report)
    properties, options = data / "server.properties", data / "java.options"
    archive = ClassArchive(jars, java())

    def command(*classes: str) -> tuple[str, ...]:
        return (
            # Compiling once and lightly halves the start, and was no slower for 200 000 records.
            *(archive.java, "-Xmx512m", "-Xms256m", "-XX:+UseSerialGC", "-XX:TieredStopAtLevel=1"),
            *classes,
            f"-Dlog4j2.configurationFile={CONFIGURATION / 'log4j2.properties'}",
            *("-cp", f"{jars}/*"),
        )

    def before() -> None:
        template = Template((CONFIGURATION / "server.properties").read_text(encoding="utf-8"))
        logs = data / "log"
        text = template.substitute(
            port=ports.admin,
            accounts=f"127.0.0.1:{ports.accounts}",
            advertised=f"127.0.0.1:{ports.accounts}",
            controller_port=ports.controller,
            data=logs,
            keystore=_certificate(data),
        )
        write_atomically(properties, text)
        if not (logs / "meta.properties").exists():
            if STORAGE.copy_to(logs):
                _rename(logs / "meta.properties", cluster_id)
            else:
                _format(command, archive, ("-t", cluster_id, "-c", str(properties)))
                STORAGE.keep(lambda copy: shutil.copytree(logs, copy))
        write_atomically(options, "\n".join(f'"{option}"' for option in archive.use()))

    address, authority = f"127.0.0.1:{ports.admin}", data / "broker-ca.pem"
    spec = ProcessSpec(
        name="kafka",
        argv=(*command(f"@{options}"), "kafka.Kafka", str(properties)),
        probe=probes.kafka(address),
        url=address,
        before=before,
    )
    env = {
        "KAFKA_BOOTSTRAP_SERVERS": address,
        "KAFKA_ACCOUNTS_SERVERS": f"127.0.0.1:{ports.accounts}",
        "KAFKA_ACCOUNTS_CA_FILE": str(authority),
    }
    return Server("kafka", env, spec)


def _certificate(data: Path) -> Path:
    """The broker's key and certificate in one file, made at the first start."""
    path = data / "broker-keystore.pem"
    return path if path.exists() else issue(data, "broker").keystore


def _format(command: Command, archive: ClassArchive, arguments: tuple[str, ...]) -> None:
    """Prepare the data folder, and make the class archive if there is none. Raises StackError."""
    tool = ("kafka.tools.StorageTool", "format", "--ignore-formatted", *arguments)
    classes = archive.use()
    if not classes:
        with suppress(subprocess.TimeoutExpired):
            answer = _run(*command(*archive.make()), *tool)
            archive.keep()
            if answer.returncode == 0:
                return
    answer = _run(*command(*classes), *tool)
    if answer.returncode != 0:
        raise StackError(
            f"Kafka cannot format its storage: {(answer.stdout + answer.stderr)[-800:]}"
        )


def _run(*command: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(command, capture_output=True, text=True, timeout=60)  # noqa: S603


def _rename(properties: Path, cluster_id: str) -> None:
    """Give formatted storage the ids of this broker; nothing else in it is of one broker only."""
    directory_id = base64.urlsafe_b64encode(uuid.uuid4().bytes).decode().rstrip("=")
    ids = {"version": "1", "node.id": "1", "cluster.id": cluster_id, "directory.id": directory_id}
    write_atomically(properties, "".join(f"{key}={value}\n" for key, value in ids.items()))
