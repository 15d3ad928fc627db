"""Outbox, inbox and idempotency keys; recipients, messages, webhook subscriptions, deliveries."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects.postgresql import ARRAY, JSONB

from servicekit import migrations

revision = "0001"
down_revision = None
branch_labels = None
depends_on = None

MOMENT = sa.DateTime(timezone=True)
STATES = "status in ('pending', 'sent', 'failed')"
PENDING = sa.text("status = 'pending'")


def upgrade() -> None:
    for statement in migrations.kernel(1):
        op.execute(statement)
    _people()
    _messages()
    _subscriptions()
    _deliveries()
    op.create_table(
        "attempts",
        sa.Column("item_id", sa.Uuid, nullable=False),
        sa.Column("number", sa.Integer, nullable=False),
        sa.Column("started_at", MOMENT, nullable=False),
        sa.Column("duration_ms", sa.Integer, nullable=False),
        sa.Column("result", sa.Text, nullable=False),
        sa.Column("reason", sa.Text, nullable=False),
        sa.Column("status_code", sa.Integer),
        sa.PrimaryKeyConstraint("item_id", "number", name="pk_attempts"),
    )


def _people() -> None:
    op.create_table(
        "recipients",
        sa.Column("recipient_id", sa.Text, nullable=False),
        sa.Column("name", sa.Text, nullable=False),
        sa.Column("email", sa.Text, nullable=False),
        sa.Column("language", sa.Text, nullable=False),
        sa.PrimaryKeyConstraint("recipient_id", name="pk_recipients"),
    )
    op.create_table(
        "assignments",
        sa.Column("recipient_id", sa.Text, nullable=False),
        sa.Column("role", sa.Text, nullable=False),
        sa.Column("unit_id", sa.Text, nullable=False),
        sa.PrimaryKeyConstraint("recipient_id", "role", "unit_id", name="pk_assignments"),
        sa.ForeignKeyConstraint(
            ["recipient_id"],
            ["recipients.recipient_id"],
            name="fk_assignments_recipient_id_recipients",
            ondelete="CASCADE",
        ),
    )
    op.create_index("ix_assignments_unit_id_role", "assignments", ["unit_id", "role"])
    op.create_table(
        "units",
        sa.Column("unit_id", sa.Text, nullable=False),
        sa.Column("name", sa.Text, nullable=False),
        sa.Column("version", sa.Integer, nullable=False),
        sa.PrimaryKeyConstraint("unit_id", name="pk_units"),
    )
    op.create_table(
        "unit_managers",
        sa.Column("unit_id", sa.Text, nullable=False),
        sa.Column("manager_id", sa.Text, nullable=False),
        sa.Column("version", sa.Integer, nullable=False),
        sa.PrimaryKeyConstraint("unit_id", name="pk_unit_managers"),
    )


def _messages() -> None:
    op.create_table(
        "messages",
        sa.Column("message_id", sa.Uuid, nullable=False),
        sa.Column("template", sa.Text, nullable=False),
        sa.Column("recipient_id", sa.Text, nullable=False),
        sa.Column("facts", JSONB, nullable=False),
        sa.Column("traceparent", sa.Text),
        sa.Column("status", sa.Text, nullable=False),
        sa.Column("reason", sa.Text, nullable=False),
        sa.Column("attempt", sa.Integer, nullable=False),
        sa.Column("step", sa.Integer, nullable=False),
        sa.Column("created_at", MOMENT, nullable=False),
        sa.Column("next_attempt_at", MOMENT),
        sa.Column("settled_at", MOMENT),
        sa.PrimaryKeyConstraint("message_id", name="pk_messages"),
        sa.CheckConstraint(STATES, name=op.f("ck_messages_status")),
    )
    op.create_index("ix_messages_due", "messages", ["next_attempt_at"], postgresql_where=PENDING)
    op.create_index("ix_messages_created_at", "messages", ["created_at"])
    op.create_index("ix_messages_settled_at", "messages", ["settled_at"])


def _subscriptions() -> None:
    op.create_table(
        "subscriptions",
        sa.Column("subscription_id", sa.Uuid, nullable=False),
        sa.Column("owner", sa.Text, nullable=False),
        sa.Column("url", sa.Text, nullable=False),
        sa.Column("event_types", ARRAY(sa.Text), nullable=False),
        sa.Column("created_at", MOMENT, nullable=False),
        sa.Column("secret_generation", sa.Integer, nullable=False),
        sa.Column("secret_key_id", sa.Text, nullable=False),
        sa.Column("previous_generation", sa.Integer),
        sa.Column("previous_key_id", sa.Text),
        sa.Column("previous_until", MOMENT),
        sa.Column("disabled_reason", sa.Text),
        sa.Column("last_success_at", MOMENT),
        sa.PrimaryKeyConstraint("subscription_id", name="pk_subscriptions"),
    )
    op.create_index("ix_subscriptions_owner", "subscriptions", ["owner"])


def _deliveries() -> None:
    op.create_table(
        "deliveries",
        sa.Column("delivery_id", sa.Uuid, nullable=False),
        sa.Column("subscription_id", sa.Uuid, nullable=False),
        sa.Column("event_type", sa.Text, nullable=False),
        sa.Column("body", sa.Text, nullable=False),
        sa.Column("traceparent", sa.Text),
        sa.Column("status", sa.Text, nullable=False),
        sa.Column("reason", sa.Text, nullable=False),
        sa.Column("attempt", sa.Integer, nullable=False),
        sa.Column("step", sa.Integer, nullable=False),
        sa.Column("created_at", MOMENT, nullable=False),
        sa.Column("next_attempt_at", MOMENT),
        sa.Column("claimed_until", MOMENT),
        sa.Column("settled_at", MOMENT),
        sa.PrimaryKeyConstraint("delivery_id", name="pk_deliveries"),
        sa.ForeignKeyConstraint(
            ["subscription_id"],
            ["subscriptions.subscription_id"],
            name="fk_deliveries_subscription_id_subscriptions",
            ondelete="CASCADE",
        ),
        sa.CheckConstraint(STATES, name=op.f("ck_deliveries_status")),
    )
    op.create_index(
        "ix_deliveries_due",
        "deliveries",
        ["subscription_id", "next_attempt_at"],
        postgresql_where=PENDING,
    )
    op.create_index("ix_deliveries_created_at", "deliveries", ["created_at"])
    op.create_index("ix_deliveries_settled_at", "deliveries", ["settled_at"])
