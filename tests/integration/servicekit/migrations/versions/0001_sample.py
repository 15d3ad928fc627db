"""servicekit's tables, and the sample service's counters and effects."""

from alembic import op

from servicekit import migrations

revision = "0001"
down_revision = None
branch_labels = None
depends_on = None


def upgrade() -> None:
    own = (*migrations.script("audit_1"), *migrations.script("processes_1"))
    for statement in (*migrations.kernel(1), *own):
        op.execute(statement)
    op.execute("create table counters (counter_id text primary key, version int not null)")
    op.execute(
        "create table effects (id bigint generated always as identity primary key,"
        " event_id uuid not null, counter_id text not null, version int not null)"
    )
