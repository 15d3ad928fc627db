-- Erasures of persons that are to be confirmed, version 1. Never edit: add erasures_2.sql.

-- What was removed for each, until the people service knows it.
create table erasures_to_confirm (
    erasure_id uuid primary key,
    rows jsonb not null
);
