"""Every code of the services that a page can meet has a text."""

import ast
import re
from dataclasses import fields
from pathlib import Path
from typing import Any, get_args, get_type_hints

import pytest

from assessment_service.domain.instrument import Behaviour
from assessment_service.domain.round import Occasion
from assessment_service.domain.round import Status as RoundStatus
from content_service.domain.correction import ChangeKind
from content_service.domain.module import Variant
from contracts import permissions
from notification_service.domain import delivery, subscription
from notification_service.entrypoints.http.delivery_schemas import explanation
from people_service.domain.person import Language, Source
from people_service.domain.person_import import RegionRoleKind
from people_service.domain.roles import PERSON_ROLES
from portal_service.domain import texts
from portal_service.domain.acts import GIVE_ROLE
from portal_service.domain.reasons import UNKNOWN_REASON
from portal_service.domain.unit_change_form import ACTS
from workflow_service.domain.journey import journey, turn
from workflow_service.domain.organisation import unit_change
from workflow_service.domain.rollout import commands, gate, rollout, waves
from workflow_service.domain.rollout.wave_steps import CompleteWave, StartWave, VerifyWave
from workflow_service.domain.template import template

ROOT = Path(__file__).parents[3]
NO_PERSONS = {"provisioner", "service", "subscriber"}
KINDS = [
    (rollout.Phase, texts.PHASES),
    (rollout.Status, texts.STATUSES),
    (waves.WaveStatus, texts.STATUSES),
    (journey.Status, texts.STATUSES),
    (template.StepName, texts.STEPS),
    (Occasion, texts.OCCASIONS),
    (gate.Outcome, texts.OUTCOMES),
    (rollout.DecisionOutcome, texts.OUTCOMES),
    (get_type_hints(rollout.Decision)["status"], texts.DECISION_STATUSES),
    (waves.PrerequisiteKind, texts.PREREQUISITES),
    (Behaviour, texts.BEHAVIOURS),
    (RegionRoleKind, texts.REGION_ROLES),
    (Variant, texts.VARIANTS),
    (ChangeKind, texts.CHANGES),
    (delivery.Status, texts.DELIVERY_STATUSES),
    (subscription.DisabledReason, texts.DISABLED_REASONS),
    (RoundStatus, texts.ROUND_STATUSES),
    (Language, texts.LANGUAGE_NAMES),
    (Source, texts.SOURCES),
    (unit_change.Status, texts.UNIT_CHANGE_STATUSES),
]


@pytest.mark.parametrize(("codes", "known"), KINDS)
def test_every_value_of_a_services_literal_has_a_text(codes: Any, known: dict[str, str]) -> None:
    assert set(get_args(codes)) <= set(known)


def test_every_reason_of_a_delivery_that_the_service_explains_has_a_text() -> None:
    explained = [code for code in texts.DELIVERY_REASONS if explanation(code)]
    assert len(explained) == len(texts.DELIVERY_REASONS) - 1, "all but none"


def test_every_role_of_a_person_has_a_text() -> None:
    assert set(get_args(permissions.Role)) - NO_PERSONS <= set(texts.ROLES)


def test_every_role_that_is_given_by_hand_can_be_chosen() -> None:
    [role] = [field for field in GIVE_ROLE.fields if field.name == "role"]
    assert set(role.choices) == set(PERSON_ROLES) - {"deputy"}


def test_every_kind_of_change_of_units_has_a_form() -> None:
    kinds = {each.__dataclass_fields__["kind"].default for each in get_args(unit_change.Change)}
    assert kinds == set(ACTS) == set(texts.UNIT_CHANGES)
    shown = {field.name for act in ACTS.values() for field in act.fields}
    assert shown <= set(texts.ACT_FIELDS)


def test_every_problem_has_a_text() -> None:
    page = (ROOT / "docs/generated/problems.md").read_text(encoding="utf-8")
    rows = re.findall(r"^\| `([^`]+)` \| [^|]+ \| ([^|]+) \|$", page, re.MULTILINE)
    services = {"assessment", "content", "notification", "people", "servicekit", "workflow"}
    codes = {code for code, owners in rows if services & set(owners.split(", "))}
    assert len(codes) > 100
    assert codes - set(texts.REASONS) == set()


def test_every_reason_why_an_action_is_not_possible_has_a_text() -> None:
    assert set(reasons_of_actions()) - set(texts.REASONS) == set()


def reasons_of_actions() -> list[str]:
    """Codes that the workflow service gives for what is not possible."""
    folder = ROOT / "services/workflow/src/workflow_service/domain"
    calls = [
        node
        for path in folder.rglob("*.py")
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8")))
        if isinstance(node, ast.Call) and getattr(node.func, "id", "") == "Reason"
    ]
    found = [call.args[0].value for call in calls if isinstance(call.args[0], ast.Constant)]
    assert len(found) > 30
    return [str(one) for one in found]


def test_every_action_and_step_of_a_history_has_a_text() -> None:
    folder = ROOT / "services/workflow/src/workflow_service/domain/rollout"
    pattern = re.compile(r'action: Literal\["(\w+)"\]')
    written = {
        name for path in folder.glob("*.py") for name in pattern.findall(path.read_text("utf-8"))
    }
    assert len(written) > 20
    assert written | set(commands.COMMANDS) <= set(texts.ACTIONS)


def test_every_parameter_in_a_history_has_a_text() -> None:
    steps = [*commands.COMMANDS.values(), StartWave, VerifyWave, CompleteWave]
    names = {one.name for step in steps for one in fields(step)}
    assert names - {"action", "decision_id", "reason", "reasons"} <= set(texts.FIELDS)


def test_everything_that_a_unit_can_wait_for_has_a_text() -> None:
    needs = {need for step in turn.NEEDS.values() for need in step}
    own = {turn.TIME, turn.MANAGER, turn.ANSWER}
    paused = {"rollout-paused", "unit-in-other-rollout", "completed", "stopped"}
    assert needs | own | paused <= set(texts.WAITING)
    assert set(texts.REASONS) <= set(texts.WAITING), "a refused request is listed by its code"


def test_a_code_that_is_not_known_yet_is_shown_in_words() -> None:
    assert texts.named(texts.STEPS, "some_new-step") == "Some new step"
    for reasons in (texts.REASONS, texts.WAITING):
        assert texts.named(reasons, "some-new-reason") == UNKNOWN_REASON
