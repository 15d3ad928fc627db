"""Roles that an account gave before it was known whose it is; until when joiners were announced."""

import sqlalchemy as sa
from alembic import op

revision = "0006"
down_revision = "0005"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "role_gifts",
        sa.Column("person_id", sa.Text, nullable=False),
        sa.Column("role", sa.Text, nullable=False),
        sa.Column("account_id", sa.Uuid, nullable=False),
        sa.PrimaryKeyConstraint("person_id", "role", name="pk_role_gifts"),
        sa.ForeignKeyConstraint(
            ["person_id"],
            ["persons.person_id"],
            name="fk_role_gifts_person_id_persons",
            ondelete="CASCADE",
        ),
    )
    op.create_index("ix_role_gifts_account_id", "role_gifts", ["account_id"])
    op.create_table(
        "announced_day",
        sa.Column("only_row", sa.Boolean, nullable=False, server_default=sa.true()),
        sa.Column("day", sa.Date),
        sa.PrimaryKeyConstraint("only_row", name="pk_announced_day"),
        sa.CheckConstraint("only_row", name="ck_announced_day_only_row"),
    )
    op.execute("insert into announced_day (day) values (null)")
