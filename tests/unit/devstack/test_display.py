"""Where a person finds what runs."""

from devstack.display import WIDTH, address_lines

ENV = {
    "PORTAL_URL": "http://127.0.0.1:65535",
    "WORKFLOW_URL": "http://127.0.0.1:65534",
    "KAFKA_BOOTSTRAP_SERVERS": "127.0.0.1:65533",
    "POSTGRES_ADMIN_DSN": "postgresql://postgres:secret@127.0.0.1/postgres",
}


def test_the_portal_is_named_last_with_who_to_sign_in_as() -> None:
    *addresses, portal, who = address_lines(ENV)
    assert len(addresses) == 3
    assert portal == "The portal: http://127.0.0.1:65535"
    assert "administrator" in who
    assert max(map(len, (*addresses, portal, who))) <= WIDTH


def test_without_services_only_servers_are_listed() -> None:
    assert address_lines(ENV, services=False) == ["  KAFKA_BOOTSTRAP_SERVERS  127.0.0.1:65533"]
