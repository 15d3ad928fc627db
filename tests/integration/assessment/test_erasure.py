"""An erased person is in no reason any more; results and other reasons stay as they were."""

from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any
from uuid import uuid4

import httpx

from assessment_service.adapters.free_texts import FREE_TEXTS
from integration.assessment.service import Service
from servicekit.settings import Database
from support.erasing import NAMED, UNNAMED, WORDS, assert_whole, erase
from support.searching import tables_with


async def test_an_erased_person_is_in_no_reason(
    service: Service, database: Database, tmp_path: Path
) -> None:
    dsn = database.dsn.get_secret_value()
    rounds = await service.open(service.opening(["ward", "clinic"]))
    later = (datetime.now(UTC) + timedelta(days=1)).isoformat()

    async def extend(unit: str, reason: str, key: str) -> httpx.Response:
        body = {"closes_at": later, "reason": reason}
        path = f"/rounds/{rounds[unit]}/extend"
        return await service.ask("POST", path, json=body, key=key)

    key = str(uuid4())
    assert (await extend("ward", NAMED, key)).is_success
    assert (await extend("clinic", "Many were on leave.", str(uuid4()))).is_success
    await service.fill(rounds, {"ward": 3})
    await service.close(rounds["ward"])
    for file in (tmp_path / "keys").glob("[!.]*"):
        file.unlink()
    off: dict[str, Any] = {"json": {"reason": NAMED}}
    assert (await service.ask("POST", f"/rounds/{rounds['ward']}/write-off", **off)).is_success
    held = {table for table, _ in await tables_with(dsn, WORDS)}
    assert held >= {"rounds", "audit_lines"}

    rows = await erase("assessment", FREE_TEXTS, service.app.uow)
    assert await tables_with(dsn, WORDS) == set()
    assert (rows["rounds"], rows["audit_lines"]) == (1, 2)
    stored = await service.rows(
        "select extension_reason, write_off_reason from rounds order by unit_id"
    )
    assert [tuple(row) for row in stored] == [("Many were on leave.", None), (UNNAMED, UNNAMED)]
    await assert_whole(database, rows["audit_lines"])
