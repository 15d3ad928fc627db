"""One endpoint is recognised however its URL is spelled, as RFC 3986 section 6.2.2 says."""

import pytest

from notification_service.domain.endpoint import endpoint_of, host_and_port


@pytest.mark.parametrize(
    ("url", "other"),
    [
        ("https://example.se/x", "https://example.se/./x"),
        ("https://example.se/x", "https://example.se/y/../x"),
        ("https://example.se/x", "https://example.se/../../x"),
        ("https://example.se/x", "https://example.se/y/%2E%2e/x"),
        ("https://example.se/x/", "https://example.se/x/y/.."),
        ("https://example.se/x/", "https://example.se/x/."),
        ("https://example.se", "https://example.se/.."),
        ("https://example.se/x", "https://example.se/%78"),
        ("https://example.se/a%2Fb?q=%C3%A5", "https://example.se/a%2fb?%71=%c3%a5"),
        ("https://example.se/", "https://EXAMPLE.se.:443"),
        ("http://example.se/", "http://example.se:80/"),
        ("https://[2606:4700::1111]/", "https://[2606:4700:0:0::1111]:443/"),
        ("https://[2606:4700::a]/", "https://[2606:4700:0000::A]/"),
    ],
)
def test_the_same_endpoint(url: str, other: str) -> None:
    assert endpoint_of(url) == endpoint_of(other)


@pytest.mark.parametrize(
    ("url", "other"),
    [
        ("https://example.se/x", "https://example.se/X"),
        ("https://example.se/x", "https://example.se/x/"),
        ("https://example.se/x", "https://example.se//x"),
        ("https://example.se/a/b", "https://example.se/a%2Fb"),
        ("https://example.se/x%2578", "https://example.se/x%78"),
        ("https://example.se/?a=../x", "https://example.se/?a=x"),
        ("https://example.se/100%", "https://example.se/100%25"),
        ("https://example.se/", "https://example.se:8443/"),
        ("https://example.se/", "http://example.se/"),
    ],
)
def test_another_endpoint(url: str, other: str) -> None:
    assert endpoint_of(url) != endpoint_of(other)


def test_port_0_is_not_the_usual_port() -> None:
    assert host_and_port("https://example.se:0/") == ("example.se", 0)
    assert host_and_port("https://example.se:/") == ("example.se", 443)
