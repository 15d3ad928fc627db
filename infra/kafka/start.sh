#!/bin/bash
# The broker of docker-compose.yml: services come by 9092, with an account; 9094 is for who is in here.
set -euo pipefail

properties=/tmp/server.properties
sed -e 's|${port}|9094|g' -e 's|${controller_port}|9093|g' -e 's|${data}|/var/lib/kafka/data|' \
    -e 's|${accounts}|0.0.0.0:9092|' -e 's|${advertised}|kafka:9092|' \
    -e 's|${keystore}|/kafka-tls/kafka-keystore.pem|' /infra/server.properties > $properties
/opt/kafka/bin/kafka-storage.sh format --ignore-formatted --cluster-id "$CLUSTER_ID" --config $properties
exec /opt/kafka/bin/kafka-server-start.sh $properties
