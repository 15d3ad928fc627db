"""Who was invited to which round, for the cap on invitations; and reminders, one row per round.

Of rounds that were opened before this migration nobody is reminded, unless they are extended.
"""

import sqlalchemy as sa
from alembic import op

revision = "0012"
down_revision = "0011"
branch_labels = None
depends_on = None

MOMENT = sa.DateTime(timezone=True)
RANDOM, NOW = sa.text("gen_random_uuid()"), sa.text("now()")


def upgrade() -> None:
    for column in (
        sa.Column("release_id", sa.Uuid, nullable=False, server_default=RANDOM),
        sa.Column("opens_at", MOMENT, nullable=False, server_default=NOW),
        sa.Column("over_cap", sa.Integer, nullable=False, server_default="0"),
    ):
        op.add_column("open_rounds", column)
    op.create_table(
        "invitations",
        sa.Column("recipient_id", sa.Text, nullable=False),
        sa.Column("round_id", sa.Uuid, nullable=False),
        sa.Column("release_id", sa.Uuid, nullable=False),
        sa.Column("invited_at", MOMENT, nullable=False),
        sa.PrimaryKeyConstraint("recipient_id", "round_id", name="pk_invitations"),
    )
    op.create_index("ix_invitations_round_id", "invitations", ["round_id"])
    op.create_index("ix_invitations_invited_at", "invitations", ["invited_at"])
    op.execute(
        "insert into invitations (recipient_id, round_id, release_id, invited_at)"
        " select recipient_id, (facts ->> 'round_id')::uuid, (facts ->> 'round_id')::uuid,"
        " min(created_at) from messages where template in ('round_opened', 'follow_up_opened')"
        " group by 1, 2"
    )
    op.create_table(
        "reminders",
        sa.Column("round_id", sa.Uuid, nullable=False),
        sa.Column("due_at", MOMENT),
        sa.Column("reminded", sa.Integer, nullable=False),
        sa.Column("tries", sa.Integer, nullable=False),
        sa.Column("claimed_until", MOMENT),
        sa.PrimaryKeyConstraint("round_id", name="pk_reminders"),
        sa.ForeignKeyConstraint(
            ["round_id"],
            ["open_rounds.round_id"],
            name="fk_reminders_round_id_open_rounds",
            ondelete="CASCADE",
        ),
    )
    op.create_index("ix_reminders_due_at", "reminders", ["due_at"])
