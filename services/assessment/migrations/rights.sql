-- Sheets: the api stores and replaces them, and sees whose there are; only a release reads them.
do $$
declare
    prefix text := regexp_replace(current_user, '_owner$', '_');
    sheets text;
begin
    execute format('revoke all on keyed_sheets from %I, %I, %I',
                   prefix || 'api', prefix || 'worker', prefix || 'release');
    execute format('grant insert (release_id, participation_key, round_id, sealed), update (sealed),'
                   ' select (release_id, participation_key, round_id) on keyed_sheets to %I', prefix || 'api');
    execute format('grant select (release_id, participation_key, round_id, sealed) on keyed_sheets to %I',
                   prefix || 'release');
    execute format('revoke all on function prepare_sheets(uuid), drop_sheets(uuid) from %I, %I, %I',
                   prefix || 'api', prefix || 'worker', prefix || 'release');
    execute format('grant execute on function prepare_sheets(uuid) to %I', prefix || 'api');
    execute format('grant execute on function drop_sheets(uuid) to %I', prefix || 'worker');
    for sheets in select inhrelid::regclass::text from pg_inherits where inhparent = 'keyed_sheets'::regclass
    loop
        perform give_sheets_rights(sheets);
    end loop;
    execute format('revoke all on function give_sheets_rights(text) from %I, %I, %I',
                   prefix || 'api', prefix || 'worker', prefix || 'release');
end $$;
