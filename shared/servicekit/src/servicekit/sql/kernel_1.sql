-- Outbox, inbox and idempotency keys, version 1. Never edit: add kernel_2.sql.

-- Every event ever recorded, by day, kept for replay. Rows are written once and never changed.
create table outbox (
    id bigint generated always as identity,
    created_on date not null default (now() at time zone 'utc')::date,
    event_id uuid not null,
    type text not null,
    topic text not null,
    key text not null,
    payload bytea not null,
    headers jsonb not null,
    primary key (created_on, id)
) partition by range (created_on);
create table outbox_default partition of outbox default;

-- The events not yet acknowledged by Kafka: state by presence, so that none is ever skipped.
create table outbox_pending (
    id bigint primary key,
    created_on date not null
);
alter table outbox_pending set (autovacuum_vacuum_scale_factor = 0, autovacuum_vacuum_threshold = 5000);

-- Adds partitions for the days to come and drops those past retention. Runs with the owner's rights.
create function outbox_maintain_partitions(days_ahead int, keep_days int) returns void
language plpgsql security definer set search_path = public as $$
declare
    today date := (now() at time zone 'utc')::date;
    day date;
    old record;
begin
    -- A new partition locks the whole table for a moment; rather fail than queue all writers behind.
    set local lock_timeout = '2s';
    perform pg_advisory_xact_lock(hashtext('outbox_maintain_partitions'));
    for offset_days in 1..days_ahead loop
        day := today + offset_days;
        execute format('create table if not exists %I partition of outbox for values from (%L) to (%L)',
                       'outbox_' || to_char(day, 'YYYYMMDD'), day, day + 1);
    end loop;
    for old in
        select c.relname from pg_inherits i join pg_class c on c.oid = i.inhrelid
        where i.inhparent = 'outbox'::regclass and c.relname ~ '^outbox_[0-9]{8}$'
          and to_date(right(c.relname, 8), 'YYYYMMDD') < today - keep_days
          and not exists (select 1 from outbox_pending p where p.created_on = to_date(right(c.relname, 8), 'YYYYMMDD'))
    loop
        execute format('drop table %I', old.relname);
    end loop;
    delete from outbox_default where created_on < today - keep_days
        and id not in (select id from outbox_pending);
end $$;

-- What each consumer has taken effect of. The row is written in the effect's own transaction.
create table inbox (
    consumer text not null,
    event_id uuid not null,
    received_on date not null default (now() at time zone 'utc')::date,
    primary key (consumer, event_id)
);
create index ix_inbox_received_on on inbox (received_on);

-- Answers already given to requests with an Idempotency-Key, per caller.
create table idempotency_keys (
    caller text not null,
    key text not null,
    fingerprint bytea not null,
    status int,
    body bytea,
    created_at timestamptz not null default now(),
    primary key (caller, key)
);
create index ix_idempotency_keys_created_at on idempotency_keys (created_at);
