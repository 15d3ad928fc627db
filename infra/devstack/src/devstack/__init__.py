"""The local stack: real servers and services on one machine, without Docker.

async with devstack.running(devstack.StackOptions(directory=path)) as stack:
    stack.env["ASSESSMENT_URL"]
    stack.kill("assessment-worker")
    await stack.wait_ready("assessment-worker")
"""

from devstack.client import Stack, attach, delete_data, launch, running, stop_stack
from devstack.options import CHECKOUT, StackError, StackOptions
from devstack.tokens import token, tokens

__all__ = [
    "CHECKOUT",
    "Stack",
    "StackError",
    "StackOptions",
    "attach",
    "delete_data",
    "launch",
    "running",
    "stop_stack",
    "token",
    "tokens",
]
