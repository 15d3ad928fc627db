"""Alembic's entry; the work is servicekit's."""

from people_service.adapters import code_tables, tables
from servicekit import migrations

assert code_tables  # Its tables are in the same metadata.
migrations.run(tables.Base.metadata)
