-- How files of other systems are read as ours, by system, version 1. Never edit: add import_mappings_2.sql.
create table import_mappings (
    source text primary key,
    document jsonb not null,
    saved_at timestamptz not null
);
