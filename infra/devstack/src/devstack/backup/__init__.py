"""Backups of the databases: taken while the platform runs, restored to a point in time, signed for.

Reading order: `archive` (what is kept, and how it comes there) > `restore` > `rows` (checksums of
every row) > `report` (a signed account of a drill) > `cli`. Needed of PostgreSQL: its programs and
a login that may replicate.
"""
