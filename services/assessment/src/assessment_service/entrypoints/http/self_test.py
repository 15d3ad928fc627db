"""HTTP for everybody who is asked: what the self-test found in everything that was published."""

from typing import Annotated

from fastapi import APIRouter, Depends, Request
from pydantic import AwareDatetime, BaseModel, Field

from assessment_service.application.self_testing import (
    CHECKS,
    Check,
    CheckResult,
    Outcome,
    SelfTest,
)
from assessment_service.domain.privacy_rule import PrivacyRule
from assessment_service.entrypoints.app import app_of
from assessment_service.entrypoints.http.access import SelfTestReader, not_cached

router = APIRouter(tags=["self-test"], dependencies=[Depends(not_cached)])

_MEANINGS: dict[Check, dict[str, str]] = {
    "groups": {
        "sv": "Går det att få fram ett värde för färre än {k} personer genom att lägga ihop eller"
        " dra ifrån värden som visas, också från olika införanden?",
        "en": "Can a value for fewer than {k} people be worked out by adding or subtracting values"
        " that are shown, also those of different rollouts?",
    },
    "numbers": {
        "sv": "Går det att räkna ut nästan exakt hur många i en enhet som har svarat, av de"
        " intervall som visas?",
        "en": "Can it be worked out almost exactly how many in a unit answered, from the ranges"
        " that are shown?",
    },
    "extremes": {
        "sv": "Är något värde så nära skalans ände att det visar ungefär vad varje person har"
        " svarat?",
        "en": "Is a value so near an end of the scale that it shows roughly what each person"
        " answered?",
    },
}


class CheckBody(BaseModel):
    """One of the checks. Findings are counted, and never described: that would reveal them."""

    check: Check
    meaning: dict[str, str] = Field(description="The question that it answers, by language.")
    checked: int = Field(
        description="`groups`: results shown; `numbers`: rounds; `extremes`: values shown."
    )
    findings: int

    @classmethod
    def of(cls, result: CheckResult, rule: PrivacyRule) -> "CheckBody":
        meaning = {lang: text.format(k=rule.k) for lang, text in _MEANINGS[result.check].items()}
        return cls(
            check=result.check,
            meaning=meaning,
            checked=result.checked,
            findings=result.findings,
        )


class SelfTestBody(BaseModel):
    """The latest self-test. One that did not finish has not passed."""

    outcome: Outcome
    checked_at: AwareDatetime | None = Field(
        description="Everything that was published by then was checked. Null: there was no test."
    )
    releases: int = Field(description="How many times results had been published.")
    rounds: int = Field(description="How many rounds these results are of.")
    shown_cells: int = Field(description="How many units' results are shown in them.")
    releases_since: Annotated[
        int, Field(description="Published after this test; the next one checks them too.")
    ]
    is_finished: bool = Field(description="If not, a check without findings says nothing.")
    checks: list[CheckBody]

    @classmethod
    def of(cls, test: SelfTest | None, releases: int, rule: PrivacyRule) -> "SelfTestBody":
        done = test.checks if test else ()
        return cls(
            outcome=test.outcome if test else "not_yet",
            checked_at=test.checked_at if test else None,
            releases=test.releases if test else 0,
            rounds=test.rounds if test else 0,
            shown_cells=test.shown_cells if test else 0,
            releases_since=max(releases - (test.releases if test else 0), 0),
            is_finished=test is not None and test.is_finished,
            checks=[CheckBody.of(one, rule) for one in done or _nothing()],
        )


def _nothing() -> list[CheckResult]:
    return [CheckResult(one, 0, 0) for one in CHECKS]


@router.get("/self-test")
async def get_self_test(request: Request, caller: SelfTestReader) -> SelfTestBody:
    """What an independent program could work out about few people, from everything published.

    It runs after each release and at least once a day; this is its latest result.
    """
    app = app_of(request)
    async with app.uow().at_one_moment() as uow:
        latest, releases = await uow.self_tests.latest(), await uow.self_tests.releases()
    return SelfTestBody.of(latest, releases, app.rule)
