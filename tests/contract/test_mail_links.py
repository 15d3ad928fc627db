"""Every link in a mail leads to a page of the portal."""

from string import Formatter
from uuid import uuid4

import pytest
from starlette.routing import Match

from notification_service.domain.message import TEMPLATES, TemplateName
from portal_service.bootstrap import build
from unit.portal.portal import settings

IDS = {"unit_id": "rehab", "round_id": uuid4(), "rollout_id": uuid4(), "delegation_id": uuid4()}


@pytest.mark.parametrize("template", TEMPLATES)
def test_the_link_of_a_mail_is_a_page(template: TemplateName) -> None:
    link = TEMPLATES[template].link
    assert {name for _, name, _, _ in Formatter().parse(link) if name} <= set(IDS)
    path = link.format_map(IDS).partition("#")[0]
    scope = {"type": "http", "method": "GET", "path": path, "root_path": "", "headers": []}
    found = [route.matches(scope)[0] for route in build(settings()).api().routes]
    assert Match.FULL in found
