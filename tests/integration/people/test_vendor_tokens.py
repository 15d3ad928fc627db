"""Every documented token shape through the real exchange, as its provider would be set up."""

from pathlib import Path

import pytest

from devstack import Stack
from integration.people.issuers import OwnIssuer
from integration.people.platform import Platform
from integration.people.service import HEADER, people_settings, person_row, serving
from people_service.settings import ProviderSettings
from servicekit.settings import Auth, Database
from support.vendor_tokens import HSA_ID, SHAPES, Shape

PEOPLE = [f"{person_row(1, 'manager')},", f"{person_row(2)},{HSA_ID.lower()}"]


@pytest.mark.parametrize("shape", SHAPES, ids=lambda shape: shape.name)
async def test_a_token_of_this_shape_gives_what_it_says(
    servers: Stack, database: Database, tmp_path: Path, region: OwnIssuer, shape: Shape
) -> None:
    vendor = ProviderSettings(name="vendor", issuer=region.url, **shape.provider)
    plain = people_settings(servers, database, tmp_path / "keys")
    settings = plain.model_copy(update={"providers": [*plain.providers, vendor]})
    async with serving(
        lambda url: settings.model_copy(update={"auth": Auth(issuer=url)})
    ) as service:
        platform = Platform(service, servers.env["ISSUER_URL"], region, region)
        await platform.import_as_administrator(*PEOPLE, header=f"{HEADER},hsa_id")
        iss = str(shape.claims["iss"]).replace("{issuer}", region.url)
        token = region.token(shape.header, **{"groups": None, **shape.claims, "iss": iss})
        if shape.refused:
            assert shape.refused in await platform.refusal(token)
            return
        who = await platform.principal(await platform.exchange(token))
        assert {(one.role, one.unit) for one in who.assignments} == set(shape.gives)
