#!/bin/bash
# Runs once, in the new container of docker-compose.yml: the services' databases and roles.
# Each service has an owner role for migrations and an app role for rows (grants.sql).
set -euo pipefail

create_role() { # name, password
    psql -v ON_ERROR_STOP=1 -v name="$1" -v password="$2" <<'SQL'
create role :"name" login password :'password';
SQL
}

for service in assessment content notification people portal workflow; do
    owner_password="${service^^}_OWNER_PASSWORD"
    app_password="${service^^}_APP_PASSWORD"
    create_role "${service}_owner" "${!owner_password}"
    create_role "${service}_app" "${!app_password}"
    createdb --owner "${service}_owner" "$service"
    sed "s/\${service}/$service/g" /infra/grants.sql | psql -v ON_ERROR_STOP=1 -d "$service"
done

# Temporal keeps its own two databases; the temporal-schema job fills them.
create_role temporal "$TEMPORAL_PASSWORD"
createdb --owner temporal temporal
createdb --owner temporal temporal_visibility

psql -v ON_ERROR_STOP=1 -c 'revoke all on database postgres from public'
