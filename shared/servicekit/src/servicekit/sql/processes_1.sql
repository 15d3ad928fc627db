-- What each process of the service says of itself, version 1. Never edit: add processes_2.sql.

-- A row is written anew every few seconds, and removed when its process stops.
create table processes (
    instance uuid primary key,
    name text not null,
    role_names text[] not null,
    place text not null,
    version text not null,
    started_at timestamptz not null,
    seen_at timestamptz not null,
    servers jsonb not null,
    figures jsonb not null
);
