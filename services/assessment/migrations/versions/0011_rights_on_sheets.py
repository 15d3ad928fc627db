"""A new partition of sheets has the rights of the table: who may read sheets is decided there."""

from alembic import op

revision = "0011"
down_revision = "0010"
branch_labels = None
depends_on = None

GIVE_RIGHTS = """
    create function give_sheets_rights(sheets text) returns void
    language plpgsql set search_path = public as $$
    declare given record;
    begin
        for given in
            select grantee, privilege_type as privilege,
                string_agg(quote_ident(column_name), ', ') as columns
            from information_schema.column_privileges
            where table_schema = 'public' and table_name = 'keyed_sheets'
                and grantee <> current_user
            group by grantee, privilege_type
        loop
            execute format('grant %s (%s) on %I to %I',
                given.privilege, given.columns, sheets, given.grantee);
        end loop;
    end $$
"""
PREPARE_SHEETS = """
    create or replace function prepare_sheets(release uuid) returns void
    language plpgsql security definer set search_path = public as $$
    declare sheets text := 'keyed_sheets_' || replace(release::text, '-', '');
    begin
        execute format('create table %I (like keyed_sheets including all)', sheets);
        perform give_sheets_rights(sheets);
        execute format('alter table keyed_sheets attach partition %I for values in (%L)',
            sheets, release);
    end $$
"""


def upgrade() -> None:
    op.execute(GIVE_RIGHTS)
    op.execute(PREPARE_SHEETS)
