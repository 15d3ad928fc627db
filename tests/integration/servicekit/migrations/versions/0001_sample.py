"""servicekit's tables, and the sample service's counters and effects."""

from alembic import op

from servicekit import migrations

revision = "0001"
down_revision = None
branch_labels = None
depends_on = None


def upgrade() -> None:
    for script in ("kernel_1", "audit_1", "audit_2", "erasures_1", "processes_1"):
        for statement in migrations.script(script):
            op.execute(statement)
    op.execute("create table counters (counter_id text primary key, version int not null)")
    op.execute(
        "create table effects (id bigint generated always as identity primary key,"
        " event_id uuid not null, counter_id text not null, version int not null)"
    )
