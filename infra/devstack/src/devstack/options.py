"""What a stack is asked to be, and where its files lie.

Everything that a stack writes is below its directory; two directories are two independent stacks.
"""

import os
from dataclasses import dataclass, field
from pathlib import Path

CHECKOUT = Path(__file__).resolve().parents[4]
SERVICES = ("assessment", "content", "notification", "people", "portal", "workflow")
ROLES = {
    "assessment": ("api", "worker"),
    "content": ("api", "worker"),
    "notification": ("api", "worker"),
    "people": ("api", "worker"),
    "portal": ("web",),
    "workflow": ("api", "worker", "temporal"),
}


class StackError(Exception):
    """The stack could not do what was asked; the text says what, where and the remedy."""


@dataclass(frozen=True)
class StackOptions:
    """directory: where the stack keeps its files (default `<checkout>/.stack`).
    services: start the services too, not only the servers.
    traces: Zipkin, and telemetry sent to it.
    metrics: Prometheus with the alert rules.
    service_environment: added to the environment of every service process.
    persons_file: sample persons that the issuer can issue tokens for.
    """

    directory: Path = CHECKOUT / ".stack"
    services: bool = True
    traces: bool = False
    metrics: bool = False
    service_environment: dict[str, str] = field(default_factory=dict)
    persons_file: Path | None = None


def persons_file(options: StackOptions) -> Path:
    """The persons' CSV: option, else ISSUER_PERSONS_FILE, else the demo's own."""
    default = CHECKOUT / "demo" / "data" / "persons.csv"
    return options.persons_file or Path(os.environ.get("ISSUER_PERSONS_FILE") or default)


@dataclass(frozen=True)
class Layout:
    """Paths below a stack's directory."""

    root: Path

    @property
    def lock(self) -> Path:
        return self.root / "lock"

    @property
    def options(self) -> Path:
        return self.root / "options.json"

    @property
    def state(self) -> Path:
        return self.root / "state.json"

    @property
    def env(self) -> Path:
        return self.root / "stack.env"

    @property
    def ports(self) -> Path:
        return self.root / "ports.json"

    @property
    def secrets(self) -> Path:
        return self.root / "secrets.json"

    @property
    def settings(self) -> Path:
        return self.root / "settings.env"

    @property
    def hold(self) -> Path:
        return self.root / "hold"

    @property
    def logs(self) -> Path:
        return self.root / "log"

    @property
    def data(self) -> Path:
        return self.root / "data"

    def log(self, name: str) -> Path:
        return self.logs / f"{name}.log"
