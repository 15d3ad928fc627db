"""Making a rollout by its page."""

from uuid import UUID

import pytest
from pydantic import ValidationError

from portal_service.application.ports import ServiceRefused
from portal_service.domain.faults import OTHER, worded
from portal_service.domain.rollout_form import Fault, body_of, faults_in
from servicekit.auth import EVERY_UNIT, Assignment
from unit.portal import answers
from unit.portal.answers import ID
from unit.portal.portal import Browser
from workflow_service.application.rollout.commands import CreateRollout
from workflow_service.application.rollout.handlers import _chosen
from workflow_service.domain.errors import DomainError
from workflow_service.domain.organisation.unit import Unit, UnitFacts
from workflow_service.domain.rollout.rollout import MAX_UNITS
from workflow_service.entrypoints.http.rollout_schemas import NewRolloutBody

PATH = "/rollouts/new"
TYPED = {
    "name": " Pilot <2026> ",
    "template": "um 2",
    "pilots": "rehab, heart\r\ncare\r\n",
    "units": "  \r\n",
    "sent": ID,
}
BODY = {
    "name": "Pilot <2026>",
    "template_id": "um",
    "template_version": 2,
    "pilot_unit_ids": ["rehab", "heart", "care"],
    "unit_ids": None,
}


async def test_what_was_typed_makes_a_rollout(signed_in: Browser) -> None:
    signed_in.services.answers["workflow", "/rollouts"] = answers.new_rollout()
    answer = await signed_in.post(PATH, **TYPED)
    assert (answer.status_code, answer.headers["location"]) == (303, f"/rollouts/{ID}")
    assert signed_in.services.sent == [("workflow", "/rollouts", BODY, ID)]
    NewRolloutBody.model_validate(BODY)


async def test_a_refused_rollout_comes_back_with_every_fault(signed_in: Browser) -> None:
    errors = (
        {"pointer": "/body/pilot_unit_ids/1", "detail": "Unit heart is unknown."},
        {"pointer": "/body/name", "detail": "String should have at least 1 character"},
    )
    refusal = ServiceRefused(422, "rollout-invalid", "x", errors)
    signed_in.services.refused_when_sent["workflow", "/rollouts"] = refusal
    answer = await signed_in.post(PATH, **{**TYPED, "template": "um 1"})
    assert answer.status_code == 422
    for said in (
        'value=" Pilot &lt;2026&gt; "',
        ">\nrehab, heart\r\ncare\r\n</textarea>",
        '<option value="um 1" selected>',
        "<code>heart</code>: Den enheten finns inte.",
        "Införandet kan inte skapas på det här sättet.",
        '<a class="ds-link" href="#name">Namn</a>: Texten saknas.',
    ):
        assert said in answer.text
    assert f'value="{ID}"' not in answer.text, "a form that was refused is a new one"


async def test_without_a_template_there_is_a_way_to_one(signed_in: Browser) -> None:
    signed_in.services.answers["workflow", "/templates"] = answers.page()
    text = (await signed_in.get(PATH)).text
    assert "Ingen mall är publicerad än" in text
    assert 'href="/templates/new"' in text
    assert "<textarea" not in text


async def test_only_who_may_make_one_is_led_there(signed_in: Browser) -> None:
    assert f'href="{PATH}"' in (await signed_in.get("/start")).text
    signed_in.authenticator.assignments = frozenset({Assignment("auditor", EVERY_UNIT)})
    assert f'href="{PATH}"' not in (await signed_in.get("/start")).text
    assert (await signed_in.get(PATH)).status_code == 403
    assert (await signed_in.post(PATH, **TYPED)).status_code == 403
    assert signed_in.services.sent == []


def test_faults_are_at_their_fields() -> None:
    errors = [
        {"pointer": "/body/template_id", "detail": "a"},
        {"pointer": "/body/unit_ids", "detail": "b"},
        {"pointer": "/body/pilot_unit_ids/7", "detail": "c"},
    ]
    assert faults_in(BODY, errors) == [
        Fault("template", "", "a"),
        Fault("units", "", "b"),
        Fault("pilots", "", "c"),
    ]


@pytest.mark.parametrize("typed", [{}, {"name": "x" * 201, "pilots": "Å", "template": "um x"}])
def test_every_fault_of_a_body_has_words(typed: dict[str, str]) -> None:
    with pytest.raises(ValidationError) as caught:
        NewRolloutBody.model_validate(body_of(typed))
    # A pattern's message is put into words by servicekit.
    texts = [str(one["msg"]) for one in caught.value.errors() if "pattern" not in one["type"]]
    assert texts
    assert [text for text in texts if worded(text)[0] == OTHER] == []


def test_every_fault_of_the_units_has_words() -> None:
    facts = [UnitFacts(f"u-{n}", "Sample", "unit", None, 9) for n in range(MAX_UNITS + 1)]
    units = {
        one.unit_id: Unit(one, 1) for one in (*facts, UnitFacts("empty", "x", "unit", None, 0))
    }

    def details(pilots: tuple[str, ...], others: tuple[str, ...] | None) -> list[str]:
        command = CreateRollout(UUID(ID), "Sample", "um", 1, pilots, others, "account-1")
        with pytest.raises(DomainError) as caught:
            _chosen(command, units)
        return [one["detail"] for one in caught.value.errors]

    found = details(("u-1", "u-1", "empty", "unknown"), ()) + details(("u-1",), None)
    assert len(found) == 5
    assert [detail for detail in found if worded(detail)[0] == OTHER] == []


async def test_units_beyond_the_first_page_are_reached_without_losing_what_was_typed(
    signed_in: Browser,
) -> None:
    units = answers.page(answers.unit("Rehab 7"), total=2_000) | {"limit": 200, "page": 7}
    signed_in.services.answers["workflow", "/units"] = units
    answer = await signed_in.post(PATH, **TYPED, units_page="7")
    assert answer.status_code == 200
    assert signed_in.services.sent == []
    assert ("workflow", "/units", {"limit": "200", "page": "7"}) in signed_in.services.asked
    for said in (
        ">\nrehab, heart\r\ncare\r\n</textarea>",
        'id="ids" open>',
        "Rehab 7: <code>rehab</code>",
        'name="units_page" value="6" formaction="#ids" formnovalidate',
        'name="units_page" value="8" formaction="#ids" formnovalidate',
        "Sida 7 av 10",
    ):
        assert said in answer.text
    create, next_page = (answer.text.index(one) for one in ("Skapa införandet</", "units_page"))
    assert create < next_page, "the key Enter creates"


async def test_every_template_can_be_chosen(signed_in: Browser) -> None:
    asked = signed_in.services.answers["workflow", "/templates"]
    signed_in.services.answers["workflow", "/templates"] = asked | {"limit": 200, "total": 401}
    text = (await signed_in.get(PATH)).text
    pages = [query.get("page") for _, path, query in signed_in.services.asked if "templ" in path]
    assert pages == [None, "2", "3"]
    assert text.count('<option value="um 1"') == 3
