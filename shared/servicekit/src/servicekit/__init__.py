"""Plumbing shared by the services: database, outbox, relay, inbox, consumer, problems, auth, telemetry."""
