"""Whatever a role is led to: it works, is theirs, is in one language, and names nobody else."""

import asyncio
import json
import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import urljoin, urlsplit

import httpx
import pytest
from playwright.async_api import Page, expect

from devstack import Stack
from e2e.portal.letters import code_of
from e2e.portal.organisation import (
    APPROVER,
    DEPUTY,
    EMPLOYEES,
    FACILITATOR,
    MANAGER,
    OTHER_MANAGER,
    SAFETY_REPRESENTATIVE,
    STRATEGIST,
    Organisation,
    Services,
)
from e2e.portal.organisation import DATA as SAMPLES
from e2e.portal.texts import foreign, texts_of, untranslated, without_data
from e2e.portal.visitor import Visitors
from support.stack import signed_in

ROLES = (
    "administrator",
    "auditor",
    "operator",
    f"person:{MANAGER}",
    f"person:{OTHER_MANAGER}",
    f"person:{EMPLOYEES[2]}",
    f"person:{EMPLOYEES[4]}",
    *(
        f"person:{one}"
        for one in (APPROVER, STRATEGIST, FACILITATOR, SAFETY_REPRESENTATIVE, DEPUTY)
    ),
)
BY_CODE = "by code"
"""Somebody without an account, who answers by the code of a letter."""
READ_BY_ALL = re.compile(r"/library|/(modules|instruments)(/portal-[\w-]+(/versions/\d+)?)?")
"""Of the administrators' pages, those that everybody with a role may read."""
PERSONS = re.compile(r"/persons/?.*")
"""Pages about persons, which name them; for administrators of the region only."""
_LINKS = "() => [...document.querySelectorAll('a[href]')].map(link => link.href)"
# What is the same in both languages and no text of the portal.
DATA = (
    "portal-",
    "Exempelperson",
    "Sample ",
    "unit_id",
    "Version ",
    "RV ",
    "__Host-portal",
    "English",
    "Svenska",
)

SERVICES = ("assessment", "content", "notification", "people", "workflow")
WRITTEN = {"text", "note", "reason", "paused_reason"}


@dataclass
class Walk:
    """What one person saw: address > texts in Swedish, and what was wrong."""

    who: str
    pages: dict[str, list[str]] = field(default_factory=dict)
    faults: list[str] = field(default_factory=list)


@dataclass(frozen=True)
class Before:
    """What other journeys left. `written`: whole texts, in whatever language. `deputies`: by
    person, those who stand or stood in for them, or they for those."""

    written: frozenset[str]
    deputies: dict[str, set[str]]


class Walker:
    """Follows every link from the start page, below the portal and about these journeys' units."""

    def __init__(
        self,
        page: Page,
        portal: str,
        organisation: Organisation,
        who: str,
        data: tuple[str, ...],
        before: Before,
    ) -> None:
        """`data`: parts of texts that are the same in both languages."""
        self._page, self._portal, self._organisation = page, portal, organisation
        self._data, self._written = data, {*data, *before.written}
        self.walk = Walk(who)
        person = who.removeprefix("person:")
        known = {person, *before.deputies.get(person, ())}
        self._others = {n for p, n in organisation.names.items() if p not in known}

    async def everywhere(self) -> Walk:
        open_, seen = ["/start"], {"/start"}
        while open_:
            address = open_.pop()
            for link in await self._visit(address):
                if link not in seen and self._concerns_us(link):
                    seen.add(link)
                    open_.append(link)
        return self.walk

    async def _visit(self, address: str) -> list[str]:
        answer = await self._page.goto(address, wait_until="domcontentloaded")
        if answer is None or answer.status != 200:
            self._fault(address, f"a link leads to {answer and answer.status}")
            return []
        links: list[str] = await self._page.evaluate(_LINKS)
        mark = "&" if "?" in address else "?"
        translated = await self._page.context.request.get(f"{address}{mark}language=en")
        self._read(address, await answer.text(), await translated.text())
        return [self._own(link) for link in links if link.startswith(self._portal)]

    def _read(self, address: str, in_swedish: str, in_english: str) -> None:
        swedish, english = (
            [text for text in texts_of(without_data(page)) if text not in self._written]
            for page in (in_swedish, in_english)
        )
        self.walk.pages[address] = swedish
        for text in foreign(swedish, "en") + foreign(english, "sv"):
            self._fault(address, f"in the other language: {text}")
        for text in untranslated(swedish, english, self._data):
            self._fault(address, f"in one language: {text}")
        everything = " ".join((*texts_of(in_swedish), *texts_of(in_english)))
        for name in () if PERSONS.fullmatch(address) else self._others:
            if name in everything and urlsplit(address).path != "/deputies":
                self._fault(address, f"names {name}")

    def _fault(self, address: str, what: str) -> None:
        self.walk.faults.append(f"{self.walk.who} at {address}: {what}")

    def _own(self, link: str) -> str:
        parts = urlsplit(urljoin(self._portal, link))
        return parts._replace(scheme="", netloc="", fragment="").geturl()

    def _concerns_us(self, address: str) -> bool:
        path, query = urlsplit(address).path, urlsplit(address).query
        if path.startswith("/operation") and query:  # The same page with a filter.
            return False
        if path.startswith(("/sign-in", "/health", "/static")) or path.endswith(".csv"):
            return False
        parts = path.split("/")
        if parts[1] in ("modules", "instruments", "templates") and len(parts) > 2:
            return parts[2] in (self._organisation.key, "new")
        if path in ("/persons", "/rounds") or path.startswith(("/unit-changes", "/roles")):
            return not query  # The same page with a filter, or with a field that is filled in.
        if parts[1] in ("persons", "rounds"):
            return parts[2] in ("new", self._organisation.round_id, *self._organisation.names)
        ours = ("new", *self._organisation.rollouts, *self._organisation.units)
        return parts[1] not in ("rollouts", "units") or parts[2] in ours


@pytest.fixture
def before(organisation: Organisation, stack: Stack) -> Before:
    """Journeys run in any order."""
    administrator, auditor = Services(stack), Services(stack, "auditor")
    found = [auditor.get(service, "/audit?limit=200") for service in SERVICES]
    for rollout_id in organisation.rollouts:
        found.append(administrator.get("workflow", f"/rollouts/{rollout_id}/journeys"))
        for unit in organisation.units:
            for about in ("progress", "changes"):
                path = f"/units/{unit}/{about}?rollout_id={rollout_id}"
                found.append(administrator.get("content", path))
    deputies: dict[str, set[str]] = {}
    for one in auditor.get("people", "/delegations?limit=200")["items"]:
        both = one["principal_id"], one["delegate_id"]
        for person in both:
            deputies.setdefault(person, set()).update(both)
    return Before(frozenset(text for answer in found for text in _written(answer)), deputies)


def _written(found: Any) -> Iterator[str]:
    match found:
        case {"details": str(details), **others}:
            yield from _written({**others, "said": json.loads(details)})
        case dict():
            yield from (found[name] for name in WRITTEN & found.keys() if found[name])
            for each in found.values():
                yield from _written(each)
        case list():
            for each in found:
                yield from _written(each)


@pytest.fixture
async def walks(
    visitors: Visitors,
    organisation: Organisation,
    stack: Stack,
    before: Before,
    letters: list[str],
) -> dict[str, Walk]:
    """One of each role, at the same time. Other tests' rollouts and units are on pages too."""
    names = []
    async with httpx.AsyncClient(headers=signed_in(stack, "administrator"), timeout=60) as http:
        for kind in ("rollouts", "units"):
            listed = await http.get(f"{stack.env['WORKFLOW_URL']}/v1/{kind}?limit=200")
            names += [one["name"] for one in listed.raise_for_status().json()["items"]]
    instrument = json.loads((SAMPLES / "instrument.json").read_text(encoding="utf-8"))
    data = (*DATA, *names, instrument["source"], instrument["licence_note"])
    pages = [await visitors.signed_in(who) for who in ROLES]
    pages.append(await _by_code(visitors, code_of(letters[0])))
    walkers = [
        Walker(page, visitors.portal, organisation, who, data, before)
        for who, page in zip((*ROLES, BY_CODE), pages, strict=True)
    ]
    found = await asyncio.gather(*(walker.everywhere() for walker in walkers))
    return {walk.who: walk for walk in found}


async def _by_code(visitors: Visitors, code: str) -> Page:
    page = await visitors.somebody()
    await page.goto("/svara")
    await page.get_by_label("Kod").fill(code)
    await page.get_by_role("button", name="Gå vidare").click()
    await expect(page).to_have_url(re.compile("/rounds/"))
    return page


async def test_every_link_leads_to_a_page_of_ones_own_in_one_language(
    visitors: Visitors, organisation: Organisation, walks: dict[str, Walk]
) -> None:
    assert [fault for walk in walks.values() for fault in walk.faults] == []
    administrator = set(walks["administrator"].pages)
    assert {f"/rollouts/{one}" for one in organisation.rollouts} <= administrator
    assert len(administrator) > 25
    led_to = {
        APPROVER: f"/rollouts/{organisation.rollouts[0]}",
        STRATEGIST: f"/rollouts/{organisation.rollouts[0]}/units",
        FACILITATOR: f"/units/{organisation.practising}",
        SAFETY_REPRESENTATIVE: f"/units/{organisation.practising}",
        DEPUTY: f"/units/{organisation.waiting}",
    }
    for one, page_of_theirs in led_to.items():
        assert page_of_theirs in walks[f"person:{one}"].pages
    assert "/start" in walks[BY_CODE].pages

    everything = {address for walk in walks.values() for address in walk.pages}
    for who in (f"person:{EMPLOYEES[2]}", f"person:{EMPLOYEES[4]}"):
        page = await visitors.signed_in(who)
        others = organisation.names.keys() - {who.removeprefix("person:")}
        own = {urlsplit(address).path for address in walks[who].pages}
        for address in sorted(everything):
            if urlsplit(address).path in own:
                continue
            answer = await page.context.request.get(address)
            text = await answer.text()
            if not READ_BY_ALL.fullmatch(urlsplit(address).path):
                assert answer.status in (403, 404), f"{who} is shown {address}"
            assert not any(organisation.names[one] in text for one in others)
