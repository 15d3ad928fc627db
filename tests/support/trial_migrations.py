"""Migrations of a change as docs/upgrade.md asks for it, to try them under load: a column is added,
filled, indexed, checked, and in the end removed. Also two changes that must be seen as faults.
"""

import shutil
from collections.abc import Sequence
from pathlib import Path

import asyncpg
from alembic.script import ScriptDirectory

TABLE = "idempotency_keys"  # Each service with a write API has it, and writes it at every request.
EXPAND = (
    f"op.execute(\"alter table {TABLE} add column trial text default 'no'\")",
    f'migrations.index_concurrently("ix_trial", "{TABLE}", ["trial"])',
    f"""migrations.in_batches("update {TABLE} set trial = 'yes' where ctid = any (array("
        "select ctid from {TABLE} where trial = 'no' and caller = 'trial' limit 2000))")""",
    f"op.execute(\"alter table {TABLE} add constraint ck_trial check (trial <> '') not valid\")",
    f'op.execute("alter table {TABLE} validate constraint ck_trial")',
)
CONTRACT = (f'op.execute("alter table {TABLE} drop column trial")',)
REQUIRED = (
    f"""op.execute("alter table {TABLE} add column trial text not null default ''")
    op.execute("alter table {TABLE} alter column trial drop default")""",
)
REWRITES = (
    f'op.execute("alter table {TABLE} alter column caller type varchar(900)")',
    f'op.execute("alter table {TABLE} alter column status type bigint")',
)


async def fill(dsn: str, rows: int) -> None:
    """So many rows that a change of the whole table takes its time; `dsn`: the owner's."""
    connection = await asyncpg.connect(dsn)
    await connection.execute(
        f"insert into {TABLE} (caller, key, fingerprint, status, body)"
        " select 'trial', n::text, '', 200, repeat('x', 200)::bytea from generate_series(1, $1) n",
        rows,
    )
    await connection.close()


def with_trial(folder: Path, steps: Sequence[str], copy: Path) -> Path:
    """A copy of a folder of migrations, with a migration for each step behind its last one."""
    shutil.copytree(folder, copy, dirs_exist_ok=True)
    last = ScriptDirectory(str(copy)).get_current_head()
    for number, step in enumerate(steps, 1):
        revision = f"{last}t{number}"
        (copy / "versions" / f"trial_{revision}.py").write_text(
            "from alembic import op\nfrom servicekit import migrations\n"
            f"revision, down_revision = {revision!r}, {last!r}\n"
            f"branch_labels = depends_on = None\n\n\ndef upgrade():\n    {step}\n",
            encoding="utf-8",
        )
        last = revision
    return copy
