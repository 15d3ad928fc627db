"""A migration does not stop who works with the last release: squawk reads each one's SQL."""

from pathlib import Path

import pytest
from alembic.script import ScriptDirectory

from devstack.options import SERVICES
from servicekit import migrations
from support.squawk import found

FOLDERS = Path(__file__).parents[2] / "services"
# Each ran before there was an installation, so on empty tables that nobody read. Nothing is added
# here for a migration that an installation will run, except the last step of a removal
# ("ban-drop-..."), with the release that stopped using what is dropped.
BEFORE_THE_FIRST_RELEASE = {
    "assessment-0005": {"require-concurrent-index-creation"},
    "assessment-0007": {"ban-drop-column", "ban-drop-default", "ban-drop-table"},
    "content-0008": {"require-concurrent-index-creation"},
    "notification-0004": {"ban-drop-table"},
    "notification-0007": {"ban-drop-table"},
    "notification-0009": {"adding-field-with-default"},
    "notification-0010": {"require-concurrent-index-creation"},
    "notification-0012": {"adding-field-with-default"},
    "people-0001": {"prefer-identity"},
    "people-0002": {
        "ban-drop-constraint",
        "constraint-missing-not-valid",
        "disallowed-unique-constraint",
    },
    "people-0004": {"require-concurrent-index-creation"},
    "people-0007": {"ban-drop-table"},
    "people-0009": {
        "adding-field-with-default",
        "constraint-missing-not-valid",
        "disallowed-unique-constraint",
        "require-concurrent-index-creation",
    },
    "people-0012": {"constraint-missing-not-valid", "disallowed-unique-constraint"},
    "people-0014": {"require-concurrent-index-creation"},
    "people-0016": {"ban-drop-constraint"},
    "people-0017": {"require-concurrent-index-creation"},
    "portal-0002": {"ban-drop-table"},
    "portal-0004": {"require-concurrent-index-creation"},
    "workflow-0006": {"ban-drop-column"},
    "workflow-0008": {"require-concurrent-index-creation"},
}


def every_migration() -> dict[str, str]:
    """`<service>-<revision>` > its SQL, as Alembic prints it without a database."""
    statements = {}
    for service in SERVICES:
        folder = FOLDERS / service / "migrations"
        for script in ScriptDirectory(str(folder)).walk_revisions():
            step = f"{script.down_revision or 'base'}:{script.revision}"
            statements[f"{service}-{script.revision}"] = migrations.sql(folder, step)
    return statements


def test_no_migration_stops_who_works_with_the_last_release(tmp_path: Path) -> None:
    assert found(every_migration(), tmp_path) == BEFORE_THE_FIRST_RELEASE


@pytest.mark.parametrize(
    ("change", "rule"),
    [
        ("add column note text not null", "adding-required-field"),
        ("alter column version type bigint", "changing-column-type"),
        ("alter column note set not null", "adding-not-nullable-field"),
        ("rename column note to remark", "renaming-column"),
        ("drop column note", "ban-drop-column"),
        ("add check (version > 0)", "constraint-missing-not-valid"),
    ],
)
def test_what_stops_others_is_found(change: str, rule: str, tmp_path: Path) -> None:
    seeded = f"begin; alter table rounds {change}; commit;"
    assert found({"seeded": seeded}, tmp_path) == {"seeded": {rule}}


def test_an_index_that_stops_writers_is_found(tmp_path: Path) -> None:
    seeded = "begin; create index ix_rounds_note on rounds (note); commit;"
    rule = "require-concurrent-index-creation"
    assert found({"seeded": seeded}, tmp_path) == {"seeded": {rule}}
