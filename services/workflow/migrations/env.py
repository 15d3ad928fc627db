"""Alembic's entry; the work is servicekit's."""

from servicekit import migrations
from workflow_service.adapters.postgres import tables, unit_tables

assert unit_tables.Base is tables.Base  # One metadata; importing a module adds its tables.
migrations.run(tables.Base.metadata)
