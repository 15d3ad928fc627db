#!/bin/bash
# The services' databases and roles. Runs once, in the new container of docker-compose.yml; elsewhere with
# POSTGRES_ADMIN_DSN, GRANTS (the path of grants.sql), and the passwords of infra/docker/new_secrets.py.
# Each service has an owner role for migrations, and a role per process for rows (grants.sql).
set -euo pipefail

server="${POSTGRES_ADMIN_DSN:-postgres}"

create_role() { # name, password
    psql -d "$server" -v ON_ERROR_STOP=1 -v name="$1" -v password="$2" <<'SQL'
create role :"name" login password :'password';
SQL
}

create_service() { # name, its processes, what a process takes a role for
    for role in owner $2; do
        password="${1^^}_${role^^}_PASSWORD"
        create_role "$1_$role" "${!password}"
    done
    createdb --maintenance-db "$server" --owner "$1_owner" "$1"
    {
        echo "\\connect $1"
        sed -e "s/\${service}/$1/g" -e "s/\${roles}/$2 $3/" "${GRANTS:-/infra/grants.sql}"
    } | psql -d "$server" -v ON_ERROR_STOP=1
}

create_service assessment "api worker" "relay release"
create_service content "api worker" relay
create_service notification "api worker" relay
create_service people "api worker" relay
create_service portal web ""
create_service workflow "api worker temporal" relay

# Temporal keeps its own two databases; the temporal-schema job fills them. One that exists has its own.
if [ -n "${TEMPORAL_PASSWORD:-}" ]; then
    create_role temporal "$TEMPORAL_PASSWORD"
    createdb --maintenance-db "$server" --owner temporal temporal
    createdb --maintenance-db "$server" --owner temporal temporal_visibility
fi

psql -d "$server" -v ON_ERROR_STOP=1 -c 'revoke all on database postgres from public'
