"""Alembic's entry; the work is servicekit's."""

from portal_service.adapters import tables
from servicekit import migrations

migrations.run(tables.Base.metadata)
