"""A Kafka broker that accepts TLS only and needs a login: SASL_SSL with SCRAM-SHA-512."""

import asyncio
import subprocess
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from string import Template

from devstack.artifacts import java, obtain
from devstack.ports import choose_ports
from devstack.processes import die_with_parent
from devstack.servers.kafka import CONFIGURATION
from servicekit.kafka import ensure_topics
from servicekit.settings import Kafka
from support.certificates import issue
from support.eventually import eventually

USERNAME, PASSWORD = "um-services", "sample-password"
_CLUSTER_ID = "MkU3OEVBNTcwNTJENDM2Qk"


@asynccontextmanager
async def secure_kafka(folder: Path) -> AsyncIterator[Kafka]:
    """The broker, ready; yields how to reach it. Its files are below `folder`."""
    ports = choose_ports(["kafka", "controller"], folder / "ports")
    certificates = issue(folder, "broker")
    keystore = folder / "keystore.pem"
    keystore.write_bytes(certificates.key.read_bytes() + certificates.certificate.read_bytes())
    plain = Template((CONFIGURATION / "server.properties").read_text(encoding="utf-8")).substitute(
        port=ports["kafka"], controller_port=ports["controller"], data=folder / "log"
    )
    properties = folder / "server.properties"
    secured = _secured(keystore, certificates.ca)
    properties.write_text(f"{plain.replace('PLAINTEXT://', 'SASL_SSL://')}\n{secured}")
    jars = obtain(CONFIGURATION / "artifacts.txt", "kafka", lambda _: None)
    command = [java(), "-Xmx256m", "-XX:+UseSerialGC", "-XX:TieredStopAtLevel=1"]
    command += ["-cp", f"{jars}/*"]
    scram = f"SCRAM-SHA-512=[name={USERNAME},password={PASSWORD}]"
    storage = ["kafka.tools.StorageTool", "format", "-t", _CLUSTER_ID]
    await asyncio.to_thread(
        subprocess.run,
        [*command, *storage, "-c", str(properties), "--add-scram", scram],
        check=True,
        capture_output=True,
    )
    with (folder / "kafka.log").open("wb") as log:
        broker = await asyncio.create_subprocess_exec(
            *(*command, "kafka.Kafka", str(properties)),
            stdout=log,
            stderr=log,
            preexec_fn=die_with_parent(),
        )
    kafka = Kafka(
        bootstrap_servers=f"127.0.0.1:{ports['kafka']}",
        session_timeout_ms=3_000,
        request_timeout_ms=10_000,
        security_protocol="SASL_SSL",
        ssl_ca_file=certificates.ca,
        sasl_username=USERNAME,
        sasl_password=PASSWORD,
    )

    async def answers() -> bool:
        try:
            await ensure_topics(kafka, [])
        except Exception as error:
            raise AssertionError((folder / "kafka.log").read_text()[-800:]) from error
        return True

    try:
        await eventually(answers, within=90)
        yield kafka
    finally:
        broker.kill()
        await broker.wait()


def _secured(keystore: Path, ca: Path) -> str:
    login = "org.apache.kafka.common.security.scram.ScramLoginModule required"
    return f"""
listener.security.protocol.map=SASL_SSL:SASL_SSL,CONTROLLER:PLAINTEXT
inter.broker.listener.name=SASL_SSL
sasl.enabled.mechanisms=SCRAM-SHA-512
sasl.mechanism.inter.broker.protocol=SCRAM-SHA-512
listener.name.sasl_ssl.scram-sha-512.sasl.jaas.config={login} \\
  username="{USERNAME}" password="{PASSWORD}";
ssl.keystore.type=PEM
ssl.keystore.location={keystore}
ssl.truststore.type=PEM
ssl.truststore.location={ca}
"""
