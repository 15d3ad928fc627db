"""A service of a stack, behind a router where packets can be made to vanish: see network.py."""

from collections.abc import AsyncIterator, Sequence
from contextlib import AsyncExitStack, asynccontextmanager
from urllib.parse import urlsplit

import asyncpg

from chaos.network import Network, network
from chaos.restarted import restarted
from devstack import Stack
from devstack.options import ROLES
from support.balancer import Balancer


def ports_of(stack: Stack, server: str) -> tuple[int, ...]:
    """The ports by which services reach `kafka`, `postgres`, or a process such as `people-api`."""
    if server == "postgres":
        return (urlsplit(stack.env["POSTGRES_ADMIN_DSN"]).port or 0,)
    if server == "kafka":
        names = ("KAFKA_ACCOUNTS_SERVERS", "KAFKA_BOOTSTRAP_SERVERS")
        return tuple(_port(stack.env[name]) for name in names if name in stack.env)
    return (_port(stack.state.processes[server].url),)


def _port(address: str) -> int:
    return int(address.rpartition(":")[2])


@asynccontextmanager
async def apart(stack: Stack, service: str) -> AsyncIterator[Network]:
    """The service's processes run behind the router for the length of the block.

    Everybody finds them at the addresses that they had. Raises NotAllowed.
    """
    names = [f"{service}-{role}" for role in ROLES[service]]
    ports = [port for name in names for port in ports_of(stack, name)]
    with network() as behind:
        await _admit(stack, behind.address)
        inside = {
            "CHAOS_NETWORK": behind.path,
            "CHAOS_NETWORK_OF": f"{service}_service",
            f"{service.upper()}_HTTP__HOST": behind.address,
        }
        async with restarted(stack, names, inside, _forwarding(ports, behind.address)):
            yield behind
            behind.heal()


async def _admit(stack: Stack, address: str) -> None:
    """PostgreSQL lets in who comes from there, with a password as from everywhere else."""
    rules = stack.directory / "data" / "postgres" / "cluster" / "pg_hba.conf"
    with rules.open("a", encoding="utf-8") as file:
        file.write(f"host all all {address}/32 scram-sha-256\n")
    connection = await asyncpg.connect(stack.env["POSTGRES_ADMIN_DSN"])
    await connection.execute("select pg_reload_conf()")
    await connection.close()


@asynccontextmanager
async def _forwarding(ports: Sequence[int], host: str) -> AsyncIterator[None]:
    async with AsyncExitStack() as exits:
        for port in ports:
            forwarder = Balancer(port, host)
            forwarder.targets.append(port)
            await exits.enter_async_context(forwarder.serving())
        yield
