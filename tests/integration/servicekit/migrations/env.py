"""Alembic environment of the sample service."""

from servicekit.db import service_registry
from servicekit.migrations import run

run(service_registry().metadata)
