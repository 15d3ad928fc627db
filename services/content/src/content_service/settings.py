"""Every setting of the content service; see docs/generated/settings.md for the list."""

from servicekit.settings import Client, Peer, ServiceSettings, service_config


class Settings(ServiceSettings):
    """What the content service needs beyond every service's needs."""

    model_config = service_config("CONTENT_")

    people: Peer
    client: Client
