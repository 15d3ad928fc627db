"""What is referred to must be known: rollouts of rounds, versions of instruments, texts."""

from datetime import UTC, datetime
from typing import Any
from uuid import uuid4

import pytest

from assessment_service.entrypoints.events import CONSUMER_GROUPS
from contracts.workflow import RolloutCreated
from integration.assessment.service import INSTRUMENT, Service
from servicekit.consumer_group import EventMeta


async def test_an_unknown_rollout_is_a_warning_and_an_open_problem_until_it_is_known(
    service: Service,
) -> None:
    body = service.opening(["ward", "clinic"])
    opened = await service.ask("POST", "/rounds", role="service", json=body)
    (warning,) = opened.json()["warnings"]
    assert (warning["code"], warning["reference"]) == ("rollout-unknown", body["rollout_id"])
    of_another = await service.ask("GET", "/instruments?instrument_id=unheard-of")
    assert of_another.json()["items"] == []
    listed = (await service.ask("GET", "/open-problems")).json()
    assert (listed["items"], listed["total"]) == ([warning], 1)
    elsewhere = await service.ask("GET", "/open-problems", units=["office"])
    assert elsewhere.json()["items"] == []
    refused = await service.ask("GET", "/open-problems", role="manager")
    assert (refused.status_code, refused.json()["code"]) == (403, "role-missing")

    created = RolloutCreated(
        rollout_id=body["rollout_id"], name="Pilot", template_id="um", template_version=1
    )
    meta = EventMeta(uuid4(), created.TYPE, datetime.now(UTC), None)
    handlers = {kind: do for group in CONSUMER_GROUPS for kind, do in group.handlers.items()}
    for _ in range(2):
        async with service.app.uow() as uow:
            await handlers[RolloutCreated](created, uow, meta)
    assert (await service.ask("GET", "/open-problems")).json()["items"] == []
    again = await service.ask("POST", "/rounds", role="service", json=body)
    assert again.json()["warnings"] == []


async def test_a_version_after_a_gap_is_refused_with_the_next_one(service: Service) -> None:
    refused = await service.ask("POST", "/instruments", json={**INSTRUMENT, "version": 7})
    assert (refused.status_code, refused.json()["code"]) == (409, "instrument-version-gap")
    assert "version 2" in refused.json()["detail"]
    following = await service.ask("POST", "/instruments", json={**INSTRUMENT, "version": 2})
    listed = (await service.ask("GET", "/instruments?limit=1")).json()
    assert (listed["items"][0]["version"], listed["total"]) == (2, 2)
    file = await service.ask("GET", "/instruments", headers={"accept": "text/csv"})
    lines = file.content.decode("utf-8-sig").splitlines()
    assert [line.split(";")[:2] for line in lines] == [
        ["instrument_id", "version"],
        [INSTRUMENT["instrument_id"], "2"],
        [INSTRUMENT["instrument_id"], "1"],
    ]
    assert following.status_code == 201


@pytest.mark.parametrize(
    ("changes", "pointer"),
    [
        ({"languages": ["sv", "en", "sv"]}, "/body/languages/2"),
        ({"languages": ["de"]}, "/body/languages"),
        ({"source": "\u200b"}, "/body/source"),
        ({"licence_note": " \u00a0 "}, "/body/licence_note"),
    ],
)
async def test_texts_and_languages_of_an_instrument(
    service: Service, changes: dict[str, Any], pointer: str
) -> None:
    body = {**INSTRUMENT, "instrument_id": "another", **changes}
    refused = await service.ask("POST", "/instruments", json=body)
    assert refused.status_code == 422
    assert pointer in [error["pointer"] for error in refused.json()["errors"]]


async def test_what_was_published_before_a_rule_is_shown_as_it_is(service: Service) -> None:
    await service.rows(
        "update instruments set document = jsonb_set(document, '{source}', to_jsonb($1::text))",
        "a\u200bb",
    )
    path = f"/instruments/{INSTRUMENT['instrument_id']}/versions/1"
    assert (await service.ask("GET", path)).json()["source"] == "a\u200bb"
    rounds = await service.open(service.opening(["ward"]))
    whole = await service.ask("GET", f"/rounds/{rounds['ward']}")
    assert whole.json()["instrument"]["source"] == "a\u200bb"
