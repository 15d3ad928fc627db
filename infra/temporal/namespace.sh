#!/bin/sh
# One-shot job of docker-compose.yml: wait for Temporal and create the platform's namespace.
set -eu

attempt=0
until temporal operator cluster health --address "$TEMPORAL_ADDRESS"; do
    attempt=$((attempt + 1))
    if [ "$attempt" -ge 30 ]; then
        echo "Temporal at $TEMPORAL_ADDRESS is not healthy after 60 seconds" >&2
        exit 1
    fi
    sleep 2
done

temporal operator namespace describe -n "$NAMESPACE" --address "$TEMPORAL_ADDRESS" ||
    temporal operator namespace create -n "$NAMESPACE" --retention 720h --address "$TEMPORAL_ADDRESS"
