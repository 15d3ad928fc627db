"""What a shell needs to act as an operator of a stack: addresses, settings, programs."""

import os
import shlex
import sys
from contextlib import suppress
from pathlib import Path

from devstack.client import Stack
from devstack.credentials import load_secrets
from devstack.files import read_env
from devstack.options import ROLES, SERVICES, Layout, StackError
from devstack.servers.postgres_cluster import binaries
from devstack.service_env import migration_env, service_env

NO_PORT = 1  # a command of a service listens nowhere


def operator_env(stack: Stack) -> dict[str, str]:
    """The stack's addresses, and each service's settings as its worker has them.

    With the owner's DSN, for `migrate`. Raises StackError if the stack is gone.
    """
    layout, servers = Layout(stack.directory), stack.env
    secrets = load_secrets(layout)
    env = {**servers, "UM_STACK_DIRECTORY": str(stack.directory)}
    for service in SERVICES:
        role = "worker" if "worker" in ROLES[service] else ROLES[service][0]
        own = service_env(service, role, NO_PORT, servers, secrets, layout.data)
        env |= migration_env(service, own, servers)
    return env | read_env(layout.settings)


def exports(stack: Stack) -> str:
    """Statements for `eval` in bash; `python`, `psql` and `temporal` are the stack's own then."""
    env = operator_env(stack)
    lines = [f"export {name}={shlex.quote(value)}" for name, value in sorted(env.items())]
    return "\n".join([*lines, f'export PATH={shlex.quote(_programs())}:"$PATH"'])


def _programs() -> str:
    folders = [Path(sys.prefix) / "bin"]
    with suppress(StackError):  # PostgreSQL runs elsewhere, and so does its psql
        folders.append(binaries())
    return os.pathsep.join(map(str, folders))
