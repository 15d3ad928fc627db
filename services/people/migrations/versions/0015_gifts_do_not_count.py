"""Roles that nobody known has given do not count, for their holder and for whoever stands in."""

from alembic import op

revision = "0015"
down_revision = "0014"
branch_labels = None
depends_on = None

# Not materialized: a sign-in reads the view for one person.
_HELD = """
    create or replace view held_assignments as
    with own as not materialized (
        select a.*, g.person_id is null as counts
        from assignments a left join role_gifts g
            on g.person_id = a.person_id and g.role = a.role
            and a.unit_id = '' and a.source = 'import'
    )
    select person_id, role, unit_id, valid_from, valid_to, source,
        cast(null as uuid) as standing_for, counts
    from own
    union all
    select d.delegate_id, d.role, d.unit_id,
        greatest(d.valid_from, o.valid_from), least(d.valid_to, o.valid_to, d.ended_on - 1),
        'delegation', d.standing_for, true
    from delegations d join own o
        on o.person_id = d.principal_id and o.unit_id = d.unit_id
        and o.role = case d.role when 'deputy' then 'manager' else d.role end
    where o.counts
"""


def upgrade() -> None:
    op.execute(_HELD)
