-- Run in the service's own database: the app role gets rows of what the owner creates, no DDL.
revoke all on database ${service} from public;
grant connect on database ${service} to ${service}_app;
revoke all on schema public from public;
grant usage on schema public to ${service}_app;
alter default privileges for role ${service}_owner
    grant select, insert, update, delete on tables to ${service}_app;
alter default privileges for role ${service}_owner
    grant usage, select on sequences to ${service}_app;
alter default privileges for role ${service}_owner
    grant usage on schemas to ${service}_app;
