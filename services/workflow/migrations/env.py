"""What `migrate` does for this service; see servicekit.migrations."""

from servicekit import migrations
from workflow_service.adapters.postgres.tables import Base

migrations.run(Base.metadata)
