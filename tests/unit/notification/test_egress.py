"""Where webhooks may go. The URLs are tricks that worked on other senders."""

from ipaddress import ip_address

import pytest

from notification_service.domain.egress import EgressPolicy, EgressRefused

PUBLIC = "93.184.216.34"
POLICY = EgressPolicy.of(
    [
        *("hr.region.example", "hr.region.example:8443", "plain.example:80"),
        *("127.0.0.1:9000", "10.1.2.3:*", "[::1]:9000", "[fd00::9]:*"),
    ]
)
NO_NAMES = ["a" * 300 + ".se", "a" * 64 + ".se", "a." * 127 + "a", "a..b", ".se", "example.se.."]

REFUSED_URLS = [
    "http://example.se/",
    "ftp://example.se/",
    "file:///etc/passwd",
    "gopher://127.0.0.1:25/_MAIL",
    "https://",
    "https:///path",
    "//example.se/",
    "https://user@example.se/",
    "https://user:pass@example.se/",
    "https://example.se@127.0.0.1/",
    "https://127.0.0.1#@example.se/",
    "https://127.0.0.1\\@example.se/",
    "https://example.se/\r\nHost: internal",
    "https://example.se/a b",
    "https://example.se:99999/",
    "https://example.se:port/",
    "https://example.se:0/",
    "http://10.1.2.3:0/",
    "https://exämple.se/",
    "https://example。se/",
    "https://[::1/",
    "https://127.0.0.1/",
    "https://127.0.0.1:8443/",
    "https://127.1/",
    "https://127.0.1/",
    "https://2130706433/",
    "https://017700000001/",
    "https://0x7f000001/",
    "https://0x7f.1/",
    "https://0177.0.0.1/",
    "https://127.0.0.1./",
    "https://0/",
    "https://0.0.0.0/",
    "https://10.0.0.1/",
    "https://172.16.0.1/",
    "https://192.168.1.1/",
    "https://100.64.0.1/",
    "https://169.254.169.254/latest/meta-data/",
    "https://198.18.0.1/",
    "https://192.0.2.1/",
    "https://224.0.0.1/",
    "https://240.0.0.1/",
    "https://255.255.255.255/",
    "https://[::]/",
    "https://[::1]/",
    "https://[fe80::1]/",
    "https://[fc00::1]/",
    "https://[fec0::1]/",
    "https://[ff02::1]/",
    "https://[::ffff:127.0.0.1]/",
    "https://[::ffff:a9fe:a9fe]/",
    "https://[::ffff:7f00:1]/",
    "https://[::7f00:1]/",
    "https://[64:ff9b::7f00:1]/",
    "https://[64:ff9b:1::a00:1]/",
    "https://[2002:7f00:1::]/",
    "https://[2001:0:7f00:1::]/",
    "https://[2001:db8::1]/",
    "http://127.0.0.1:9001/",
    "http://hr.region.example.evil.se/",
    "http://hr.region.example/",
    "http://plain.example:8080/",
    "https://" + "a" * 2000 + ".se/",
]


@pytest.mark.parametrize("url", REFUSED_URLS)
def test_refused_urls(url: str) -> None:
    with pytest.raises(EgressRefused):
        POLICY.check_url(url)


@pytest.mark.parametrize("name", NO_NAMES)
def test_what_no_name_server_takes_is_refused_with_its_reason(name: str) -> None:
    with pytest.raises(EgressRefused, match="1 to 63 characters each, 253 in all"):
        POLICY.check_url(f"https://{name}/")


@pytest.mark.parametrize(
    "url",
    [
        "https://" + ".".join(["a" * 63, "b" * 63, "c" * 63, "d" * 61]) + "./",
        "https://example.se/hook?tenant=1",
        "https://EXAMPLE.se.:8443/",
        f"https://{PUBLIC}/",
        "https://[2606:4700::1111]/",
        "http://plain.example/events",
        "http://hr.region.example:443/",
        "http://[fd00::9]:81/",
        "https://hr.region.example:8443/",
        "http://127.0.0.1:9000/",
        "http://10.1.2.3/",
        "http://[::1]:9000/",
    ],
)
def test_permitted_urls(url: str) -> None:
    POLICY.check_url(url)


@pytest.mark.parametrize(
    ("host", "address"),
    [
        ("example.se", "127.0.0.1"),
        ("example.se", "10.0.0.1"),
        ("example.se", "169.254.169.254"),
        ("example.se", "::ffff:10.0.0.1"),
        ("example.se", "64:ff9b::a00:1"),
        ("example.se", "fd00::1"),
        ("plain.example", "10.0.0.1"),
        ("hr.region.example", "127.0.0.1"),
        ("hr.region.example", "::1"),
        ("hr.region.example", "169.254.169.254"),
        ("hr.region.example", "0.0.0.0"),
        ("hr.region.example", "fe80::1%eth0"),
    ],
)
def test_a_name_that_turns_inward_is_refused(host: str, address: str) -> None:
    with pytest.raises(EgressRefused):
        POLICY.check_address(host, 443, ip_address(address))


@pytest.mark.parametrize(
    ("host", "port", "address"),
    [
        ("example.se", 443, PUBLIC),
        ("hr.region.example", 443, "10.20.30.40"),
        ("HR.region.example.", 8443, "fd00::1"),
        ("127.0.0.1", 9000, "127.0.0.1"),
        ("elsewhere.example", 443, "10.1.2.3"),
        ("elsewhere.example", 8080, "10.1.2.3"),
    ],
)
def test_permitted_addresses(host: str, port: int, address: str) -> None:
    POLICY.check_address(host, port, ip_address(address))


@pytest.mark.parametrize(
    "entry", ["", "http://x", "a/b", "user@host", "host:port", "host?x", "x:1:*", "*", ":*", "x:0"]
)
def test_a_bad_allow_list_entry_is_refused(entry: str) -> None:
    with pytest.raises(ValueError, match=r"host|[Pp]ort"):
        EgressPolicy.of([entry])


def test_an_entry_without_a_port_is_for_https_only() -> None:
    listed = EgressPolicy.of(["hr.region.example"])
    private = ip_address("10.20.30.40")
    listed.check_address("hr.region.example", 443, private)
    for port in (80, 22, 5432, 8443):
        with pytest.raises(EgressRefused):
            listed.check_address("hr.region.example", port, private)
