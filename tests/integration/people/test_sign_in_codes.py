"""One-time codes over HTTP: printed once, redeemed for a token, and guessed in vain."""

import asyncio
import json
import re
from collections import Counter
from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any
from uuid import uuid4

import httpx
import pytest
from sqlalchemy import text

from contracts.assessment import RoundClosed, RoundExtended, RoundOpened
from contracts.workflow import UnitChanged, UnitRegistered
from devstack import Stack
from integration.people.service import (
    Service,
    consuming,
    people_settings,
    person_row,
    serving,
)
from people_service.application.code_ports import Round
from people_service.domain.sign_in_code import digest
from people_service.settings import SignInCodes
from servicekit.issuer_keys import unverified_claims
from servicekit.settings import Database
from support.eventually import eventually
from support.publishing import publish

GRANT = "urn:ietf:params:oauth:grant-type:token-exchange"
CODE_TYPE = "urn:um-platform:params:oauth:token-type:sign-in-code"
PORTAL = "https://portal.example.se"
PAGE = {"accept": "text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8"}
UNIT = "rehabenheten"
SMALL = SignInCodes(portal_url=PORTAL, failures_per_address=5, failures_in_all=12)


@pytest.fixture
async def service(servers: Stack, database: Database, tmp_path: Path) -> AsyncIterator[Service]:
    """With three employees in a unit, two of them without a mail address."""
    settings = people_settings(servers, database, tmp_path, sign_in_codes=SMALL)
    async with serving(lambda _: settings) as service:
        rows = [person_row(n, "employee", UNIT, "en" if n == 2 else "sv") for n in (1, 2, 3)]
        without = [row.replace(f"person000{n}@example.se", "") for n, row in enumerate(rows, 1)]
        imported = await service.import_people(*without[:2], rows[2])
        assert imported.status_code == 200, imported.text
        yield service


async def opened(service: Service, unit: str = UNIT, days: float = 7) -> str:
    """The id of a new round, which is open."""
    now = datetime.now(UTC)
    reported = Round(uuid4(), unit, now + timedelta(days=days), True, now)
    async with service.app.uow() as uow:
        await uow.rounds.remember(reported)
    return str(reported.round_id)


async def issue(
    service: Service,
    round_id: str,
    body: dict[str, Any],
    as_: str = "administrator",
    **request: Any,
) -> httpx.Response:
    return await service.ask(
        "POST", f"/rounds/{round_id}/sign-in-codes", as_=as_, json=body, **request
    )


async def slips(service: Service, round_id: str, count: int) -> list[str]:
    issued = await issue(service, round_id, {"form": "slips", "count": count})
    assert issued.status_code == 200, issued.text
    codes: list[str] = issued.json()["codes"]
    return codes


async def enter(service: Service, code: str, address: str = "192.0.2.1") -> httpx.Response:
    """The tests' server believes what this machine says of a client's address."""
    form = {"grant_type": GRANT, "subject_token": code, "subject_token_type": CODE_TYPE}
    async with httpx.AsyncClient(timeout=30) as client:
        forwarded = {"x-forwarded-for": address}
        return await client.post(f"{service.url}/token", data=form, headers=forwarded)


async def rows(service: Service, statement: str) -> list[Any]:
    async with service.app.uow() as uow:
        return list(await uow.connection.execute(text(statement)))


async def test_slips_are_shown_once_and_stored_as_hashes(service: Service) -> None:
    """The order of the rows says nothing of that of the paper."""
    more = [person_row(n, "employee", UNIT) for n in range(10, 19)]
    without = [re.sub(r"[^,]+@example.se", "", row) for row in more]
    assert (await service.import_people(*without)).status_code == 200
    round_id = await opened(service)
    issued = await issue(service, round_id, {"form": "slips", "count": 11})
    assert issued.headers["cache-control"] == "no-store"
    body = issued.json()
    assert (body["round_id"], body["unit_id"], len(set(body["codes"]))) == (round_id, UNIT, 11)
    plain = [code.replace("-", "") for code in body["codes"]]
    assert all(re.fullmatch(r"[0-9A-HJKMNP-TV-Z]{24}", code) for code in plain)
    stored = await rows(service, "select digest from sign_in_codes order by ctid")
    assert [row.digest for row in stored] == sorted(digest(code) for code in plain)
    repeat = await issue(service, round_id, {"form": "slips", "count": 1})
    assert (repeat.status_code, repeat.json()["code"]) == (409, "codes-exhausted")
    assert "at most 0 more" in repeat.json()["detail"]


async def test_letters_are_a_page_that_needs_nothing_from_anywhere(service: Service) -> None:
    printed = await issue(service, await opened(service), {"form": "letters"}, headers=PAGE)
    assert printed.headers["content-type"] == "text/html; charset=utf-8"
    assert printed.headers["cache-control"] == "no-store"
    assert "default-src 'none'" in printed.headers["content-security-policy"]
    page = printed.text
    letters = page.split("<section")[1:]
    assert ["Exempelperson 0001" in letters[0], "Exempelperson 0002" in letters[1]] == [True, True]
    assert ("Självskattning i" in letters[0], "Self-assessment in" in letters[1]) == (True, True)
    assert "Exempelperson 0003" not in page
    assert page.count("<svg") == 2
    assert "portal.example.se/svara" in page
    assert "koderna visas bara den här gången" in page
    assert not re.search(r"<script|<link|<img|src=|href=|url\(|@import", page)
    code = re.findall(r'class="code">([^<]+)<', page)[0]
    assert (await enter(service, code)).status_code == 200


async def test_who_prints_reads_what_to_do_in_their_language(service: Service) -> None:
    headers = {**PAGE, "accept-language": "en"}
    printed = await issue(service, await opened(service), {"form": "letters"}, headers=headers)
    assert '<html lang="en">' in printed.text
    assert "the codes are shown this once" in printed.text
    assert "Självskattning i" in printed.text, "the first letter is to somebody who reads Swedish"


async def test_a_name_is_no_markup(service: Service) -> None:
    row = person_row(1, "employee", UNIT).replace("person0001@example.se", "")
    await service.import_people(row.replace("Exempelperson 0001", "<script>x</script>"))
    page = (await issue(service, await opened(service), {"form": "letters"}, headers=PAGE)).text
    assert "&lt;script&gt;x&lt;/script&gt;" in page
    assert "<script" not in page


async def test_what_is_kept_tells_nobody_who_has_which_code_or_who_used_one(
    service: Service, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level("DEBUG")
    round_id = await opened(service)
    tables = "select table_name from information_schema.tables where table_schema = 'public'"

    async def everything() -> str:
        names = [row.table_name for row in await rows(service, tables)]
        found = {name: await rows(service, f'select * from "{name}"') for name in names}
        return str({name: sorted(map(str, kept)) for name, kept in found.items()})

    page = (await issue(service, round_id, {"form": "letters"}, headers=PAGE)).text
    shown = re.findall(r'class="code">([^<]+)<', page)
    codes = ["".join(one.split()) for one in shown]
    before = await everything()
    for code in codes:
        assert (await enter(service, code)).status_code == 200
        assert code not in before
        assert code.replace("-", "") not in before
    assert await everything() == before
    for code in codes:
        assert code not in caplog.text
        assert code.replace("-", "") not in caplog.text
    (noted,) = await rows(
        service, "select details from audit_lines where action like 'codes.issue/%'"
    )
    assert json.loads(noted.details)["after"]["count"] == 2


async def test_a_code_gives_a_token_for_its_round_alone(service: Service) -> None:
    round_id = await opened(service, days=300 / 86400)
    (code,) = await slips(service, round_id, 1)
    answers = [await enter(service, typed) for typed in (code, code.lower().replace("-", " "))]
    assert [one.status_code for one in answers] == [200, 200]
    body = answers[0].json()
    assert set(body) == {"access_token", "issued_token_type", "token_type", "expires_in"}
    assert 280 < body["expires_in"] < 300, "it ends with the round"
    assert answers[0].headers["cache-control"] == "no-store"
    assert "set-cookie" not in answers[0].headers
    first, again = (unverified_claims(one.json()["access_token"]) for one in answers)
    assert first["assignments"] == [{"role": "respondent", "unit": UNIT, "round": round_id}]
    assert first["sub"] == again["sub"]


@pytest.mark.parametrize(
    ("body", "code"),
    [
        ({"form": "letters", "count": 1}, "count-given"),
        ({"form": "slips"}, "count-missing"),
        ({"form": "slips", "count": 0}, "invalid-request"),
        ({"form": "mail"}, "invalid-request"),
    ],
)
async def test_a_wrong_request_is_explained(
    service: Service, body: dict[str, Any], code: str
) -> None:
    refused = await issue(service, await opened(service), body)
    assert (refused.status_code, refused.json()["code"]) == (422, code)


async def test_two_who_issue_at_once_issue_no_more_than_allowed(service: Service) -> None:
    round_id = await opened(service)
    body = {"form": "slips", "count": 2}
    answers = await asyncio.gather(*(issue(service, round_id, body) for _ in range(6)))
    assert Counter(one.status_code for one in answers) == {200: 1, 409: 5}


async def test_wrong_unknown_and_ended_codes_are_answered_alike(service: Service) -> None:
    round_id = await opened(service)
    (code,) = await slips(service, round_id, 1)
    async with service.app.uow() as uow:
        await uow.connection.execute(text("update rounds set closes_at = now()"))
    wrong = (code, "0" * 24, "x", "\0", "a" * 999)
    answers = [await enter(service, one, f"192.0.2.{n}") for n, one in enumerate(wrong)]
    assert {(one.status_code, one.text) for one in answers} == {
        (
            400,
            '{"error":"invalid_grant",'
            '"error_description":"This code is not valid, or its round has closed."}',
        )
    }


async def test_guesses_from_one_address_end_after_a_few(service: Service) -> None:
    (code,) = await slips(service, await opened(service), 1)
    limit = SMALL.failures_per_address
    guesses = [f"guess-{n}" for n in range(limit * 6)]
    answers = await asyncio.gather(*(enter(service, one) for one in guesses))
    assert Counter(one.status_code for one in answers) == {400: limit, 429: limit * 5}
    limited = await enter(service, code)
    assert (limited.status_code, limited.json()["error"]) == (429, "slow_down")
    assert 590 < int(limited.headers["retry-after"]) <= 600
    assert limited.headers["cache-control"] == "no-store"
    assert (await enter(service, code, "192.0.2.2")).status_code == 200
    other_of_network = [f"2001:db8::{n}" for n in range(1, limit + 2)]
    same = [(await enter(service, "x", one)).status_code for one in other_of_network]
    assert same == [400] * limit + [429]


async def test_guesses_from_everywhere_lock_the_codes_and_raise_an_alarm(
    service: Service, caplog: pytest.LogCaptureFixture
) -> None:
    (code,) = await slips(service, await opened(service), 1)
    guesses = [enter(service, "x", f"192.0.2.{n}") for n in range(SMALL.failures_in_all)]
    for guess in guesses:
        assert (await guess).status_code == 400
    locked = await enter(service, code, "198.51.100.1")
    assert (locked.status_code, locked.json()["error"]) == (429, "slow_down")
    assert caplog.text.count("one-time codes are locked for ten minutes") == 1
    metrics = (await service.client.get(f"{service.url}/metrics")).text
    assert float(re.findall(r"^sign_in_codes_locks_total (\S+)", metrics, re.M)[0]) >= 1
    assert len(await rows(service, "select * from failed_attempts")) == SMALL.failures_in_all + 1
    async with service.app.uow() as uow:
        await uow.connection.execute(
            text("update failed_attempts set since = since - interval '10 minutes'")
        )
    assert (await enter(service, code, "198.51.100.1")).status_code == 200
    await service.app._forget_failures()
    assert await rows(service, "select * from failed_attempts") == []


async def test_rounds_and_units_are_followed_and_codes_end_with_their_round(
    servers: Stack, kafka: str, service: Service, tmp_path: Path
) -> None:
    unit = f"unit-{uuid4().hex[:8]}"
    row = person_row(9, "employee", unit).replace("person0009@example.se", "")
    assert (await service.import_people(row)).status_code == 200
    round_id, now = uuid4(), datetime.now(UTC)
    about = {"round_id": round_id, "rollout_id": uuid4(), "unit_id": unit, "occasion": "baseline"}
    more = {"release_id": uuid4(), "instrument_id": "x", "instrument_version": 1}
    times = {"opens_at": now, "closes_at": now + timedelta(days=1)}
    place = {"unit_id": unit, "name": "Rehab", "kind": "unit", "headcount": 9}
    async with consuming(people_settings(servers, service.settings.db, tmp_path)):
        await publish(
            kafka,
            UnitRegistered(**place, parent_id=None, version=1),
            UnitChanged(**place, parent_id=UNIT, version=2),
            RoundOpened(**about, **more, **times),
            RoundExtended(**about, closes_at=now + timedelta(days=2)),
        )

        async def extended() -> bool:
            late = "select 1 from rounds where closes_at > now() + interval '36 hours'"
            return bool(await rows(service, late))

        async def issued() -> list[str]:
            answer = await issue(service, str(round_id), {"form": "slips", "count": 1})
            assert answer.status_code == 200, answer.text
            assert datetime.fromisoformat(answer.json()["closes_at"]) > now + timedelta(days=1.5)
            codes: list[str] = answer.json()["codes"]
            return codes

        await eventually(extended, within=60)
        (code,) = await eventually(issued, within=60)
        assert (await enter(service, code)).status_code == 200
        await publish(kafka, RoundClosed(**about, closed_on=now.date()))

        async def gone() -> bool:
            return await rows(service, "select * from sign_in_codes") == []

        await eventually(gone, within=60)
    assert (await enter(service, code)).status_code == 400
    late = await issue(service, str(round_id), {"form": "slips", "count": 1})
    assert (late.status_code, late.json()["code"]) == (409, "round-closed")


async def test_a_code_is_no_other_kind_of_token(service: Service) -> None:
    (code,) = await slips(service, await opened(service), 1)
    async with httpx.AsyncClient() as client:
        form = {"grant_type": GRANT, "subject_token": code}
        as_token = await client.post(f"{service.url}/token", data=form)
    assert (as_token.status_code, as_token.json()["error"]) == (400, "invalid_grant")
    bearer = (await enter(service, code)).json()["access_token"]
    again = await enter(service, bearer)
    assert (again.status_code, again.json()["error"]) == (400, "invalid_grant")


async def test_how_many_have_no_address_is_a_hint_without_names(service: Service) -> None:
    listed = (await service.ask("GET", "/open-problems", as_="auditor")).json()["items"]
    (hint,) = [one for one in listed if one["kind"] == "address-missing"]
    assert (hint["unit_id"], hint["count"], hint["ids"]) == (UNIT, 2, [])
    assert "Exempelperson" not in hint["explanation"]
    imported = (await service.import_people(person_row(3, "employee", UNIT))).json()
    assert hint in imported["warnings"]
    contacts = await service.ask(
        "POST", "/contacts", as_="service", json={"person_ids": ["p-0001", "p-0003"]}
    )
    assert [one["email"] for one in contacts.json()["contacts"]] == ["", "person0003@example.se"]
