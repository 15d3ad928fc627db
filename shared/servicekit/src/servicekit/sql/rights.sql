-- What each process may do with rows. The owner runs it after every migration, in one transaction.
-- A process role gets every table of its service; the tables that every service has are listed.
do $$
declare
    prefix text := regexp_replace(current_user, '_owner$', '_');
    processes text[] := array['api', 'worker', 'temporal', 'web', 'release'];
    kernel text[] := array['outbox', 'outbox_pending', 'inbox', 'idempotency_keys',
        'import_mappings', 'audit_lines', 'audit_heads', 'processes', 'erasures_to_confirm'];
    role text;
    given record;
begin
    if not exists (select from pg_roles where rolname = any(array[prefix || 'api', prefix || 'web'])) then
        raise exception 'There are no roles %api and so on: run infra/postgres/grants.sql first', prefix;
    end if;
    foreach role in array processes || array['relay'] loop
        continue when to_regrole(prefix || role) is null;
        execute format('revoke all on all tables in schema public from %I', prefix || role);
        execute format('revoke all on all sequences in schema public from %I', prefix || role);
        execute format('revoke all on all functions in schema public from %I', prefix || role);
        continue when role = 'relay';
        execute format('grant usage on all sequences in schema public to %I', prefix || role);
        for given in
            select relname as name from pg_class where relnamespace = 'public'::regnamespace
            and relkind in ('r', 'p', 'v') and not relispartition
            and relname <> all(kernel || array['alembic_version'])
        loop
            execute format('grant select, insert, update, delete on %I to %I', given.name, prefix || role);
        end loop;
    end loop;
    for given in
        select r.* from (values
            ('outbox', 'insert, select (created_on, id)', array['api', 'worker', 'temporal', 'release']),
            ('outbox', 'select (topic, headers)', array['api']), -- it says how old the oldest is
            ('outbox', 'select', array['relay', 'worker']), -- a worker is who replays
            ('outbox_pending', 'insert', array['api', 'worker', 'temporal', 'release']),
            ('outbox_pending', 'select', array['relay', 'worker', 'api']),
            ('outbox_pending', 'delete', array['relay']),
            ('inbox', 'select, insert, update, delete', array['worker']),
            ('idempotency_keys', 'select, insert, update, delete', array['api']),
            ('idempotency_keys', 'select, update, delete', array['worker']), -- it erases, and deletes old ones
            ('import_mappings', 'select, insert, update, delete', array['api']),
            ('audit_lines', 'select, insert', array['api', 'worker', 'temporal']),
            ('audit_heads', 'select', array['api', 'worker']),
            ('audit_heads', 'insert', array['worker']),
            ('processes', 'select, insert, update, delete', array['api', 'worker', 'temporal', 'web']),
            ('erasures_to_confirm', 'select, insert, delete', array['worker']),
            ('alembic_version', 'select', processes)
        ) as r(name, privileges, roles)
        where to_regclass(r.name) is not null
    loop
        foreach role in array given.roles loop
            continue when to_regrole(prefix || role) is null;
            execute format('grant %s on %I to %I', given.privileges, given.name, prefix || role);
        end loop;
    end loop;
    for given in
        select oid::regprocedure as signature, proname as name from pg_proc
        where pronamespace = 'public'::regnamespace and proowner = current_user::regrole
    loop
        execute format('revoke all on function %s from public', given.signature);
        -- The release before has one role for all its processes, which are replaced one by one.
        if to_regrole(prefix || 'app') is not null then
            execute format('grant execute on function %s to %I', given.signature, prefix || 'app');
        end if;
        foreach role in array case
            when given.name in ('outbox_maintain_partitions', 'audit_retire') then array['worker']
            when given.name = 'audit_erase' then array['api', 'worker']
            else processes end
        loop
            continue when to_regrole(prefix || role) is null;
            execute format('grant execute on function %s to %I', given.signature, prefix || role);
        end loop;
    end loop;
end $$;
