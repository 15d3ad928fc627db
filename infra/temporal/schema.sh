#!/bin/sh
# One-shot job of docker-compose.yml: bring Temporal's two databases to the image's schema.
set -eu

update() { # database, folder of the schema
    tool="temporal-sql-tool --plugin postgres12 --ep $SQL_HOST -p 5432 -u $SQL_USER --db $1"
    # A database that has a schema already refuses a second set-up; the update then decides.
    $tool setup-schema -v 0.0 || echo "$1 has a schema already"
    $tool update-schema -d "/etc/temporal/schema/postgresql/v12/$2/versioned"
}

update temporal temporal
update temporal_visibility visibility
