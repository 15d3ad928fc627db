-- Run in the service's own database, by an administrator; safe to repeat. Who may do what with rows is
-- decided by the owner, at the end of every migration: shared/servicekit/src/servicekit/sql/rights.sql.

-- A role per process, which logs in; and roles that a process takes for one kind of work.
do $$
declare
    role text;
begin
    foreach role in array string_to_array('${roles}', ' ') loop
        if to_regrole('${service}_' || role) is null then
            execute format('create role %I', '${service}_' || role);
        end if;
        execute format('grant connect on database %I to %I', current_database(), '${service}_' || role);
        execute format('grant usage on schema public to %I', '${service}_' || role);
    end loop;
    foreach role in array array['relay', 'release'] loop
        if to_regrole('${service}_' || role) is not null then
            execute format('grant %I to %I with inherit false, set true',
                           '${service}_' || role, '${service}_worker');
        end if;
    end loop;
    -- An administrator discards a round that nobody can read: the api looks whether that is so.
    if to_regrole('${service}_release') is not null then
        grant ${service}_release to ${service}_api with inherit false, set true;
    end if;
end $$;
revoke all on database ${service} from public;
revoke all on schema public from public;
