"""The servers of the stack, one module each: how it is started natively, and its addresses."""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field

from devstack.processes import ProcessSpec
from devstack.servers.postgres_cluster import Cluster


@dataclass(frozen=True)
class Server:
    """A server: its addresses, and the process that we run for it unless it runs elsewhere."""

    name: str
    env: dict[str, str]
    spec: ProcessSpec | None = None
    after: Callable[[], Awaitable[None]] | None = field(default=None)
    cluster: Cluster | None = None
