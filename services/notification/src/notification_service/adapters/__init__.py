"""The outside world behind the ports: PostgreSQL, SMTP, HTTP, templates."""
