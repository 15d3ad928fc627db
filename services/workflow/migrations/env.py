"""Alembic's entry; the work is servicekit's."""

from servicekit import migrations
from workflow_service.adapters import tables

migrations.run(tables.Base.metadata)
