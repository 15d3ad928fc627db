"""Delegations, and the view of what everybody holds by them and by themselves."""

import sqlalchemy as sa
from alembic import op

revision = "0004"
down_revision = "0003"
branch_labels = None
depends_on = None

# A delegation gives nothing beyond what the one who is stood in for holds, nor for longer.
_HELD = """
    create view held_assignments as
    select person_id, role, unit_id, valid_from, valid_to, source,
        cast(null as uuid) as standing_for
    from assignments
    union all
    select d.delegate_id, d.role, d.unit_id,
        greatest(d.valid_from, a.valid_from), least(d.valid_to, a.valid_to, d.ended_on - 1),
        'delegation', d.standing_for
    from delegations d join assignments a
        on a.person_id = d.principal_id and a.unit_id = d.unit_id
        and a.role = case d.role when 'deputy' then 'manager' else d.role end
"""


def upgrade() -> None:
    op.create_table(
        "delegations",
        sa.Column("delegation_id", sa.Uuid, nullable=False),
        sa.Column("role", sa.Text, nullable=False),
        sa.Column("unit_id", sa.Text, nullable=False),
        sa.Column("principal_id", sa.Text, nullable=False),
        sa.Column("delegate_id", sa.Text, nullable=False),
        sa.Column("standing_for", sa.Uuid, nullable=False),
        sa.Column("valid_from", sa.Date, nullable=False),
        sa.Column("valid_to", sa.Date, nullable=False),
        sa.Column("on_paper", sa.Boolean, nullable=False),
        sa.Column("ended_on", sa.Date),
        sa.Column("reminded", sa.Boolean, nullable=False, server_default=sa.false()),
        sa.PrimaryKeyConstraint("delegation_id", name="pk_delegations"),
        _person("principal_id"),
        _person("delegate_id"),
    )
    op.create_index("ix_delegations_delegate_id", "delegations", ["delegate_id"])
    op.create_index("ix_delegations_principal_id", "delegations", ["principal_id"])
    op.create_index("ix_identities_account_id", "identities", ["account_id"])
    op.execute(_HELD)


def _person(column: str) -> sa.ForeignKeyConstraint:
    return sa.ForeignKeyConstraint(
        [column],
        ["persons.person_id"],
        name=f"fk_delegations_{column}_persons",
        ondelete="CASCADE",
    )
