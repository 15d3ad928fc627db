"""What was released from a person stays so when the person is deleted."""

from alembic import op

revision = "0016"
down_revision = "0015"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.drop_constraint(
        "fk_released_identities_person_id_persons", "released_identities", type_="foreignkey"
    )
