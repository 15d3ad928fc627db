"""Names are looked up when a subscription is made; what is wrong is a warning, not a refusal."""

from socket import gaierror

import pytest

from notification_service.adapters.hosts import GuardedBackend, Hosts
from notification_service.domain.egress import EgressPolicy, EgressRefused


def hosts(*addresses: str, allowed: str = "listed.example.se") -> Hosts:
    def resolve(host: str, port: int) -> list[str]:
        if not addresses:
            raise gaierror
        return list(addresses)

    return Hosts(EgressPolicy.of([allowed]), 1, resolve)


async def test_a_host_with_public_addresses_gets_no_warning() -> None:
    assert await hosts("93.184.216.34").warnings("https://hr.example.se/events") == []
    assert await hosts("10.1.2.3").warnings("https://listed.example.se/") == []


async def test_an_unknown_host_is_named() -> None:
    (warning,) = await hosts().warnings("https://hr.exmaple.se/events")
    assert warning == "hr.exmaple.se is not known to the name servers. Check its spelling."


@pytest.mark.parametrize("address", ["10.1.2.3", "127.0.0.1", "169.254.169.254", "::1"])
async def test_an_address_that_is_refused_is_warned_of_and_not_shown(address: str) -> None:
    (warning,) = await hosts("93.184.216.34", address).warnings("https://hr.example.se/")
    assert "private, local or reserved" in warning
    assert address not in warning
    with pytest.raises(EgressRefused):
        await hosts(address).permitted("hr.example.se", 443)


async def test_a_url_that_is_refused_as_such_gets_no_warning_beside_the_error() -> None:
    for url in ("http://hr.example.se/", "https://[::1", "https://user@hr.example.se/", "x"):
        assert await hosts().warnings(url) == []


@pytest.mark.parametrize("name", ["a" * 300 + ".se", "a..b"])
async def test_what_cannot_be_a_name_is_unknown(name: str) -> None:
    found = Hosts(EgressPolicy(), 1)
    with pytest.raises(gaierror):
        await found.permitted(name, 443)
    with pytest.raises(gaierror):
        await GuardedBackend(found).connect_tcp(name, 443)
