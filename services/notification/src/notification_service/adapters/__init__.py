"""Implementations of the ports: PostgreSQL, SMTP, HTTP, template files."""
