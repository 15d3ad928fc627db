"""Names and bodies of the actions are derived from the command classes."""

from datetime import date
from typing import Any, get_args
from uuid import UUID

import pytest
from fastapi.routing import APIRoute
from pydantic import ValidationError

from workflow_service.domain.duration import parse_duration
from workflow_service.domain.rollout import commands as c
from workflow_service.entrypoints.http.action_bodies import ACTION_BODIES
from workflow_service.entrypoints.http.rollouts import router

DECISION = UUID(int=7)
EXAMPLES: list[tuple[dict[str, Any], c.AnyCommand]] = [
    ({}, c.StartPilot()),
    ({"duration": "P14D", "reason": " x "}, c.ExtendPilot(parse_duration("P14D"), "x")),
    ({}, c.EvaluateGate()),
    ({"outcome": "pass", "reason": "x"}, c.OverrideGate("pass", "x")),
    ({"decision_id": str(DECISION)}, c.ApproveDecision(DECISION)),
    ({"decision_id": str(DECISION), "reason": "x"}, c.RejectDecision(DECISION, "x")),
    ({}, c.PlanWaves()),
    ({"wave_size": 3}, c.PlanWaves(3)),
    (
        {"wave": 1, "kind": "risk_assessment", "reference": "y", "recorded_on": "2026-02-01"},
        c.RecordPrerequisite(1, "risk_assessment", "y", date(2026, 2, 1)),
    ),
    ({}, c.StartBroadIntroduction()),
    ({"unit_id": "u1", "reason": "x"}, c.PauseUnit("u1", "x")),
    ({"unit_id": "u1", "reason": "x"}, c.ResumeUnit("u1", "x")),
    ({"unit_id": "u1", "reason": "x"}, c.StopUnit("u1", "x")),
    ({"reason": "x"}, c.Pause("x")),
    ({"reason": "x"}, c.Resume("x")),
    ({"reason": "x"}, c.Stop("x")),
]


def test_every_command_has_a_name_of_its_own() -> None:
    assert len(c.COMMANDS) == len(get_args(c.AnyCommand))
    for action, command in c.COMMANDS.items():
        assert action.replace("_", "") == command.__name__.lower()


def test_every_command_has_an_example() -> None:
    chosen_id = c.ProposeDecision  # Never equal to another: it has a test of its own below.
    examples = {type(command) for _, command in EXAMPLES}
    assert examples == set(c.COMMANDS.values()) - {chosen_id}


@pytest.mark.parametrize(("body", "command"), EXAMPLES, ids=lambda each: type(each).__name__)
def test_a_body_becomes_its_command(body: dict[str, Any], command: c.AnyCommand) -> None:
    parsed = ACTION_BODIES[command.action].model_validate({**body, "expected_version": 4})
    assert parsed.command() == command
    assert parsed.expected_version == 4


def test_every_action_is_described() -> None:
    described = {
        route.name: route.description
        for route in router.routes
        if isinstance(route, APIRoute) and "actions" in route.tags
    }
    assert set(described) == set(c.COMMANDS)
    assert all(described.values())
    assert described["start_pilot"] == "Start the pilot units' journeys."


def test_what_the_platform_chooses_is_no_parameter() -> None:
    body = {"outcome": "stop", "reasons": "x", "diary_number": "RV 1"}
    proposed = ACTION_BODIES["propose_decision"].model_validate(body)
    assert proposed.command().decision_id != proposed.command().decision_id
    with pytest.raises(ValidationError, match="not permitted"):
        ACTION_BODIES["propose_decision"].model_validate({**body, "decision_id": str(DECISION)})


@pytest.mark.parametrize(
    ("action", "body", "wrong"),
    [
        ("extend_pilot", {"duration": "PT0S", "reason": "x"}, "longer than zero"),
        ("extend_pilot", {"duration": 14, "reason": "x"}, "ISO 8601"),
        ("pause", {"reason": "  "}, "blank"),
        ("pause", {"reason": "a\0b"}, "U\\+0000"),
        ("pause", {}, "required"),
        ("pause_unit", {"unit_id": "Ä", "reason": "x"}, "match"),
        ("plan_waves", {"wave_size": 0}, "greater than or equal to 1"),
        ("start_pilot", {"reason": "x"}, "not permitted"),
    ],
)
def test_a_parameter_out_of_its_limits_is_refused(
    action: str, body: dict[str, Any], wrong: str
) -> None:
    with pytest.raises(ValidationError, match=wrong):
        ACTION_BODIES[action].model_validate(body)
