"""An attacker who has copies of everything on the platform's hosts, and the staff list."""
