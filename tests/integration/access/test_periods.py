"""An assignment counts from its first day to its last: no other day puts it into a token, from
which every service learns who somebody is.

With the real clock, in the Swedish calendar. Shown to fail for an end or a beginning that is not
looked at, and for a last day that is left out.
"""

import json
from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import httpx
import pytest

from integration.access.expectations import OWN
from integration.access.service import Service
from integration.people import issuers
from integration.people.issuers import OwnIssuer
from integration.people.platform import GRANT
from people_service.domain.calendar import civil_date
from people_service.domain.roles import PERSON_ROLES, ROLES, RoleName
from servicekit.auth import EVERY_UNIT, Assignment, Authenticator
from servicekit.settings import Auth, Database
from support.databases import SERVICES
from support.tokens import ISSUER

TODAY = civil_date(datetime.now(UTC))
YESTERDAY, TOMORROW = TODAY - timedelta(days=1), TODAY + timedelta(days=1)
PERIODS = {
    "ended": ("", YESTERDAY, False),
    "ended-long-ago": (TODAY - timedelta(days=400), TODAY - timedelta(days=40), False),
    "begins-tomorrow": (TOMORROW, TOMORROW + timedelta(days=30), False),
    "today-only": (TODAY, TODAY, True),
    "until-today": ("", TODAY, True),
    "from-today": (TODAY, TOMORROW, True),
}
"""The first day, the last, and whether it holds today."""
HEADER = "person_id,name,email,language,role,unit_id,valid_from,valid_to\n"
LASTING = Assignment("employee", "unit-b1")


def unit_of(role: RoleName) -> str:
    return "" if ROLES[role].unit == "none" else OWN


def rows(role: RoleName, period: str) -> str:
    """A sample person who works in one unit for good, and holds the role for a time."""
    first, last, _ = PERIODS[period]
    who = f"{role}.{period},Exempelperson,{role}.{period}@example.se,sv"
    return f"{who},employee,{LASTING.unit},,\n{who},{role},{unit_of(role)},{first},{last}\n"


@pytest.fixture
def migrations_folder() -> Path:
    return SERVICES / "people" / "migrations"


@pytest.fixture
async def provider() -> AsyncIterator[OwnIssuer]:
    async with issuers.running() as issuer:
        yield issuer


@pytest.fixture
async def people(database: Database, tmp_path: Path, provider: OwnIssuer) -> AsyncIterator[Service]:
    trusted = {"name": "region", "issuer": provider.url, "audiences": ["um-platform"]}
    service = Service("people", database, tmp_path, PEOPLE_PROVIDERS=json.dumps([trusted]))
    everybody = (rows(role, period) for role in PERSON_ROLES for period in PERIODS)
    file = HEADER + "".join(everybody)
    await service.done("POST", "/v1/persons/import", "administrator", csv=file)
    yield service
    await service.close()


async def seen_as(people: Service, theirs: str) -> frozenset[Assignment]:
    """Whom another service takes the holder of the provider's token for."""
    form = {"grant_type": GRANT, "subject_token": theirs}
    answer = await people.client.post("/token", data=form)
    assert answer.status_code == 200, answer.text
    transport = httpx.ASGITransport(people.api)
    another_service = Authenticator(Auth(issuer=ISSUER), httpx.AsyncClient(transport=transport))
    return (await another_service.authenticate(answer.json()["access_token"])).assignments


@pytest.mark.parametrize("period", PERIODS)
async def test_who_somebody_is_today(people: Service, provider: OwnIssuer, period: str) -> None:
    for role in PERSON_ROLES:
        found = await seen_as(people, provider.token(sub=f"{role}.{period}", groups=[]))
        then = Assignment(role, unit_of(role) or EVERY_UNIT, ROLES[role].below)
        assert found == {LASTING, *([then] if PERIODS[period][2] else [])}, role


async def test_who_has_been_somebody_only_gets_no_token(
    people: Service, provider: OwnIssuer
) -> None:
    """A deputy whose last day was yesterday, and nothing else."""
    row = f"p-0001,Exempelperson 0001,p1@example.se,sv,deputy,{OWN},,{YESTERDAY}\n"
    await people.done("POST", "/v1/persons/import", "administrator", csv=HEADER + row)
    form = {"grant_type": GRANT, "subject_token": provider.token(sub="p-0001", groups=[])}
    answer = await people.client.post("/token", data=form)
    assert (answer.status_code, answer.json()["error"]) == (400, "invalid_grant")
