"""Decide what a stack consists of: each server where it is to be found, each service process.

Servers are looked for in this order: an address in the environment, a Docker engine, a native
process (UM_SERVERS=native or docker asks for one kind).
"""

import json
import os
import sys
from collections.abc import Callable
from dataclasses import dataclass

from devstack import containers, probes, service_env
from devstack.credentials import CLIENTS
from devstack.options import ROLES, SERVICES, Layout, StackError, StackOptions, persons_file
from devstack.ports import choose_ports
from devstack.processes import Probe, ProcessSpec
from devstack.servers import Server, kafka, postgres, prometheus, temporal, zipkin

SERVER_NAMES = ("postgres", "kafka", "temporal", "mailbox", "issuer")
TRACE_NAMES = ("zipkin", "tracing")
METRIC_NAMES = ("prometheus",)
PORT_NAMES = (
    *("postgres", "kafka", "kafka-accounts", "kafka-controller", "temporal", "temporal-ui"),
    *("mailbox", "smtp", "issuer", *TRACE_NAMES, *METRIC_NAMES, *service_env.PROCESSES),
)
PYTHON_STOP = 25.0  # seconds; a service finishes what it has begun within 20
Report = Callable[[str, str], None]  # server name, line of progress


@dataclass(frozen=True)
class Plan:
    """Makes the stack's processes from its directory, options, ports and secrets."""

    layout: Layout
    options: StackOptions
    ports: dict[str, int]
    secrets: dict[str, str]
    docker: bool

    def server(self, name: str, report: Report) -> Server:
        """The server `name`; may download, so call it in a helper thread. Raises StackError."""
        data, port = self.layout.data / name, self.ports
        elsewhere = _external(name, self.secrets)
        if elsewhere is not None:
            return elsewhere
        if self.docker and name in containers.IMAGES:
            return containers.server(name, data, port, self.secrets)
        if name == "postgres":
            return postgres.server(data, port["postgres"], self.secrets)
        if name == "kafka":
            ports = kafka.Ports(port["kafka"], port["kafka-accounts"], port["kafka-controller"])
            cluster = self.secrets["kafka_cluster_id"]
            return kafka.server(data, ports, cluster, lambda note: report(name, note))
        if name == "temporal":
            return temporal.server(data, port["temporal"], port["temporal-ui"])
        if name == "prometheus":
            targets = {process: port[process] for process in service_env.PROCESSES}
            return prometheus.server(data, port[name], targets, lambda n: report(name, n))
        if name == "zipkin":
            return zipkin.server(port["zipkin"], lambda n: report(name, n))
        return {"mailbox": self._mailbox, "issuer": self._issuer, "tracing": self._tracing}[name]()

    @property
    def server_names(self) -> tuple[str, ...]:
        """The servers of this stack."""
        traces, metrics = self.options.traces, self.options.metrics
        return SERVER_NAMES + (TRACE_NAMES if traces else ()) + (METRIC_NAMES if metrics else ())

    @property
    def endpoint(self) -> dict[str, str]:
        """Where services send their traces: our own receiver, or what the environment names."""
        variable = "OTEL_EXPORTER_OTLP_ENDPOINT"
        if self.options.traces:
            return {variable: f"http://127.0.0.1:{self.ports['tracing']}"}
        return {variable: os.environ[variable]} if os.environ.get(variable) else {}

    def _mailbox(self) -> Server:
        url = f"http://127.0.0.1:{self.ports['mailbox']}"
        smtp = {"SMTP_HOST": "127.0.0.1", "SMTP_PORT": str(self.ports["smtp"])}
        env = {
            **smtp,
            "MAILBOX_HOST": "127.0.0.1",
            "MAILBOX_PORT": str(self.ports["mailbox"]),
            "MAILBOX_FILE": str(self.layout.data / "mailbox" / "messages.jsonl"),
        }
        spec = _python("mailbox", ("devstack.mailbox",), env, f"{url}/messages?limit=1", url)
        return Server("mailbox", {"MAILBOX_URL": url, **smtp}, spec)

    def _issuer(self) -> Server:
        url = f"http://127.0.0.1:{self.ports['issuer']}"
        portal = self.service_urls()["PORTAL_URL"]
        public = self.options.service_environment.get("PORTAL_PUBLIC_URL", portal).rstrip("/")
        env = {
            "ISSUER_URL": url,
            "ISSUER_HOST": "127.0.0.1",
            "ISSUER_PORT": str(self.ports["issuer"]),
            "ISSUER_KEY_FILE": str(self.layout.data / "issuer" / "key.json"),
            "ISSUER_CLIENTS": json.dumps({c: self.secrets[f"client:{c}"] for c in CLIENTS}),
            "ISSUER_PERSONS_FILE": str(persons_file(self.options).resolve()),
            "ISSUER_REDIRECT_URI": f"{public}/sign-in/answer",
            "ISSUER_BACKCHANNEL_LOGOUT_URI": f"{portal}/sign-out/provider",
        }
        discovery = f"{url}/.well-known/openid-configuration"
        spec = _python("issuer", ("devstack.issuer",), env, discovery, url)
        return Server("issuer", {"ISSUER_URL": url}, spec)

    def _tracing(self) -> Server:
        url = self.endpoint["OTEL_EXPORTER_OTLP_ENDPOINT"]
        zipkin_url = f"http://127.0.0.1:{self.ports['zipkin']}"
        env = {"TRACING_PORT": str(self.ports["tracing"]), "ZIPKIN_URL": zipkin_url}
        spec = _python("tracing", ("devstack.tracing",), env, f"{url}/health/ready", url)
        return Server("tracing", {}, spec)

    def service_urls(self) -> dict[str, str]:
        """<SERVICE>_URL of each service's API, and of the portal."""
        return {
            f"{service.upper()}_URL": f"http://127.0.0.1:{self.ports[f'{service}-{roles[0]}']}"
            for service, roles in ROLES.items()
        }

    def migration(self, service: str, servers: dict[str, str]) -> ProcessSpec:
        """The one-shot that brings the service's database to the current schema."""
        env = service_env.migration_env(
            service, self._env(service, ROLES[service][0], servers), servers
        )
        argv = (sys.executable, "-m", f"{service}_service", "migrate")
        return ProcessSpec(f"{service}-migrate", argv, env, deadline=120, forked=True)

    def topics(self, servers: dict[str, str]) -> ProcessSpec:
        """The one-shot that creates the topics."""
        return self._kafka_job("topics", ("servicekit.topics",), servers)

    def kafka_access(self, servers: dict[str, str]) -> ProcessSpec:
        """The one-shot that makes the services' accounts and gives each its rights."""
        return self._kafka_job("kafka-access", ("servicekit.kafka_access", "apply"), servers)

    def _kafka_job(
        self, name: str, module: tuple[str, ...], servers: dict[str, str]
    ) -> ProcessSpec:
        env = {
            "KAFKA_BOOTSTRAP_SERVERS": servers["KAFKA_BOOTSTRAP_SERVERS"],
            **service_env.kafka_passwords(self.secrets),
        }
        return ProcessSpec(name, (sys.executable, "-m", *module), env, deadline=60, forked=True)

    def services(self, servers: dict[str, str]) -> list[ProcessSpec]:
        """One process per service and role."""
        specs = []
        for service in SERVICES:
            for role in ROLES[service]:
                name = f"{service}-{role}"
                url = f"http://127.0.0.1:{self.ports[name]}"
                env, module = self._env(service, role, servers), (f"{service}_service", role)
                specs.append(_python(name, module, env, f"{url}/health/ready", url))
        return specs

    def _env(self, service: str, role: str, servers: dict[str, str]) -> dict[str, str]:
        port = self.ports[f"{service}-{role}"]
        env = service_env.service_env(service, role, port, servers, self.secrets, self.layout.data)
        return env | self.options.service_environment


def make_plan(
    layout: Layout,
    options: StackOptions,
    secrets: dict[str, str],
    notice: Callable[[str], None] = print,
) -> Plan:
    """Choose ports and the kind of servers; `notice` gets what is not as before. StackError."""
    kind = os.environ.get("UM_SERVERS", "auto")
    if kind not in ("auto", "native", "docker"):
        raise StackError(f"UM_SERVERS={kind}: choose auto, native or docker")
    docker = kind != "native" and containers.engine_answers()
    if kind == "docker" and not docker:
        raise StackError("UM_SERVERS=docker, but no Docker engine answers: start it, or use native")
    ports = choose_ports(PORT_NAMES, layout.ports, notice)
    return Plan(layout, options, ports, secrets, docker)


def _python(
    name: str, module: tuple[str, ...], env: dict[str, str], health: str, url: str
) -> ProcessSpec:
    argv = (sys.executable, "-m", *module)
    probe = probes.http(health)
    return ProcessSpec(name, argv, env, probe, url, stop_timeout=PYTHON_STOP, forked=True)


def _external(name: str, secrets: dict[str, str]) -> Server | None:
    """The server that the environment names, if it does. Raises StackError for half a naming."""
    env = os.environ
    if name == "postgres" and (dsn := env.get("POSTGRES_ADMIN_DSN")):
        return postgres.described(dsn, secrets)
    if name == "kafka" and (address := env.get("KAFKA_BOOTSTRAP_SERVERS")):
        return Server(name, {"KAFKA_BOOTSTRAP_SERVERS": address})
    if name == "temporal" and (address := env.get("TEMPORAL_ADDRESS")):
        ui = env.get("TEMPORAL_UI_URL", "")
        return Server(name, {"TEMPORAL_ADDRESS": address, "TEMPORAL_UI_URL": ui})
    if name == "mailbox" and (host := env.get("SMTP_HOST")):
        if "SMTP_PORT" not in env:
            raise StackError("SMTP_HOST is set in the environment but SMTP_PORT is not")
        mails = {"SMTP_HOST": host, "SMTP_PORT": env["SMTP_PORT"]}
        return Server(name, {**mails, "MAILBOX_URL": env.get("MAILBOX_URL", "")})
    return None


def external_probe(server: Server) -> tuple[str, Probe] | None:
    """The address of a server that runs elsewhere, and how to ask whether it answers."""
    if server.name == "postgres":
        return "POSTGRES_ADMIN_DSN", probes.postgres(server.env["POSTGRES_ADMIN_DSN"])
    if server.name == "kafka":
        address = server.env["KAFKA_BOOTSTRAP_SERVERS"]
        return "KAFKA_BOOTSTRAP_SERVERS", probes.kafka(address)
    if server.name == "temporal":
        argv = (temporal.executable(), "operator", "namespace", "describe", "-n", "default")
        address = server.env["TEMPORAL_ADDRESS"]
        return "TEMPORAL_ADDRESS", probes.command(*argv, "--address", address)
    return None
