#!/bin/bash
# Runs once, in the new container of docker-compose.yml: the services' databases and roles.
# Each service has an owner role for migrations, and a role per process for rows (grants.sql).
set -euo pipefail

create_role() { # name, password
    psql -v ON_ERROR_STOP=1 -v name="$1" -v password="$2" <<'SQL'
create role :"name" login password :'password';
SQL
}

create_service() { # name, its processes, what a process takes a role for
    for role in owner $2; do
        password="${1^^}_${role^^}_PASSWORD"
        create_role "$1_$role" "${!password}"
    done
    createdb --owner "$1_owner" "$1"
    sed -e "s/\${service}/$1/g" -e "s/\${roles}/$2 $3/" /infra/grants.sql | psql -v ON_ERROR_STOP=1 -d "$1"
}

create_service assessment "api worker" "relay release"
create_service content "api worker" relay
create_service notification "api worker" relay
create_service people "api worker" relay
create_service portal web ""
create_service workflow "api worker temporal" relay

# Temporal keeps its own two databases; the temporal-schema job fills them.
create_role temporal "$TEMPORAL_PASSWORD"
createdb --owner temporal temporal
createdb --owner temporal temporal_visibility

psql -v ON_ERROR_STOP=1 -c 'revoke all on database postgres from public'
