"""Every setting of the content service; see docs/generated/settings.md for the list."""

from servicekit.settings import ServiceSettings, service_config


class Settings(ServiceSettings):
    """The content service needs nothing beyond what every service needs."""

    model_config = service_config("CONTENT_")
