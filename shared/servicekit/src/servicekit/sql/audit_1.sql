-- The audit trail, version 1. Never edit: add audit_2.sql.

-- One line for each change that somebody made. `hash` covers the line before, so that none can be
-- changed or removed unseen; it covers `details` by their digest, so that they can be erased.
create table audit_lines (
    seq bigint primary key,
    at timestamptz not null,
    account text not null,
    on_behalf_of text not null,
    action text not null,
    subject text,
    details text,
    salt text,
    digest text not null,
    hash text not null
);
create index ix_audit_lines_at on audit_lines (at);
create index ix_audit_lines_account on audit_lines (account, seq);
create index ix_audit_lines_subject on audit_lines (subject, seq);

-- The ends of the chain that were signed and published.
create table audit_heads (
    seq bigint primary key,
    signed_at timestamptz not null default now()
);

-- The service adds lines and reads them. Nobody but the two functions below changes or deletes any.
do $$
declare
    granted record;
begin
    for granted in
        select distinct grantee, table_name from information_schema.role_table_grants
        where table_schema = 'public' and table_name in ('audit_lines', 'audit_heads')
          and grantee <> current_user
    loop
        execute format('revoke update, delete, truncate on %I from %I', granted.table_name, granted.grantee);
    end loop;
end $$;

-- Erases what lines say about somebody. That there was a line, and by whom, stays.
create function audit_erase(erased bigint[]) returns void
language sql security definer set search_path = public as $$
    update audit_lines set subject = null, details = null, salt = null where seq = any(erased)
$$;

-- Deletes lines older than so many days: never fewer than a year, and never the last one.
create function audit_retire(keep_days int) returns void
language sql security definer set search_path = public as $$
    delete from audit_lines
    where at < now() - make_interval(days => greatest(keep_days, 365))
      and seq < (select max(seq) from audit_lines);
    delete from audit_heads where seq < (select max(seq) from audit_heads);
$$;
