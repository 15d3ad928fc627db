"""Blocks of settings that every service uses. Secrets have no default."""

import os
from typing import Annotated, Literal, Self

from pydantic import (
    BaseModel,
    ConfigDict,
    Field,
    FilePath,
    IPvAnyNetwork,
    SecretStr,
    ValidationError,
    field_validator,
    model_validator,
)
from pydantic_settings import BaseSettings, SettingsConfigDict, SettingsError

from servicekit.setting_values import HttpAddress, Name, PostgresDsn, Servers, guessable


class _Block(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")


class Database(_Block):
    """PostgreSQL, one database per service."""

    dsn: Annotated[
        PostgresDsn,
        Field(
            description="DSN of the process's own role, such as `content_api`. TLS as in libpq:"
            " `?sslmode=verify-full`, with a CA of your own in `PGSSLROOTCERT`."
        ),
    ]
    migration_dsn: Annotated[
        PostgresDsn | None, Field(description="DSN of the owner role; needed by `migrate` only.")
    ] = None
    pool_size: Annotated[int, Field(ge=2, le=100, description="Connections per process.")] = 10
    statement_timeout_ms: Annotated[
        int, Field(ge=100, description="A statement that takes longer is cancelled.")
    ] = 15_000


class Kafka(_Block):
    """Apache Kafka."""

    bootstrap_servers: Annotated[Servers, Field(description="host:port, comma separated.")]
    session_timeout_ms: Annotated[
        int, Field(ge=1_000, description="A silent consumer loses its partitions after this.")
    ] = 6_000
    request_timeout_ms: Annotated[
        int, Field(ge=1_000, description="An unacknowledged send fails after this.")
    ] = 60_000
    replication_factor: Annotated[
        int, Field(ge=1, description="Copies of each topic that is created: 3 in a real cluster.")
    ] = 1
    security_protocol: Literal["PLAINTEXT", "SSL", "SASL_PLAINTEXT", "SASL_SSL"] = "PLAINTEXT"
    ssl_ca_file: Annotated[
        FilePath | None, Field(description="PEM; authorities to trust in addition to the system's.")
    ] = None
    sasl_mechanism: Literal["PLAIN", "SCRAM-SHA-256", "SCRAM-SHA-512"] = "SCRAM-SHA-512"
    sasl_username: str | None = None
    sasl_password: SecretStr | None = None

    @model_validator(mode="after")
    def _login_is_whole(self) -> Self:
        chosen = f"SECURITY_PROTOCOL={self.security_protocol}"
        given = self.sasl_username, self.sasl_password
        if self.security_protocol.startswith("SASL_"):
            if not all(given):
                raise ValueError(f"{chosen} needs SASL_USERNAME and SASL_PASSWORD")
        elif any(given):
            raise ValueError(f"{chosen} has no login: leave SASL_USERNAME and SASL_PASSWORD out")
        if self.ssl_ca_file and "SSL" not in self.security_protocol:
            raise ValueError(f"{chosen} has no TLS: leave SSL_CA_FILE out")
        return self


class KafkaOfOperator(BaseSettings, Kafka):
    """What a person's command finds in the environment: `KAFKA_BOOTSTRAP_SERVERS` and so on."""

    model_config = SettingsConfigDict(env_prefix="KAFKA_", extra="ignore", frozen=True)


class Limits(_Block):
    """What one process takes from others, before it refuses or ends it."""

    per_person: Annotated[
        int, Field(ge=60, description="Requests per minute of one person; half of them at once.")
    ] = 1_200
    at_once: Annotated[
        int,
        Field(
            ge=1,
            description="Requests of one person under way; more wait for their turn. Half of"
            " `DB__POOL_SIZE`, so that nobody takes all connections.",
        ),
    ] = 5
    per_service: Annotated[
        int, Field(ge=60, description="The same, of one service of the platform.")
    ] = 60_000
    per_address: Annotated[
        int,
        Field(
            ge=60,
            description="The same, from one address, of requests without a token or with one that"
            " is new here. All requests to the portal count.",
        ),
    ] = 12_000
    connections: Annotated[
        int,
        Field(
            ge=10,
            description="Open at a time; half of them from one address that is no trusted proxy.",
        ),
    ] = 2_000
    head_seconds: Annotated[
        float, Field(gt=0, description="Until a request's headers are here; else it is ended.")
    ] = 10
    body_seconds: Annotated[float, Field(gt=0, description="Until its body is here.")] = 60
    unread_seconds: Annotated[
        float, Field(gt=0, description="For a client that does not read the answer.")
    ] = 60


class Http(_Block):
    """The process's own listener. Workers serve health and metrics only."""

    host: Name = "127.0.0.1"
    port: Annotated[int, Field(ge=1, le=65535)]
    trusted_proxies: Annotated[
        tuple[IPvAnyNetwork, ...],
        Field(
            description="JSON list of addresses or networks of the proxies in front of the APIs:"
            " whose `X-Forwarded-For` is believed. By default nobody's."
        ),
    ] = ()
    limits: Limits = Limits()

    @field_validator("trusted_proxies")
    @classmethod
    def _are_not_everybody(cls, networks: tuple[IPvAnyNetwork, ...]) -> tuple[IPvAnyNetwork, ...]:
        if any(network.prefixlen == 0 for network in networks):
            raise ValueError("whoever calls could choose the address that is believed")
        return networks


class Auth(_Block):
    """Where bearer tokens come from."""

    issuer: Annotated[
        HttpAddress,
        Field(description="The people service, which issues them; https in production."),
    ]
    audience: Name = "um-platform"


class Telemetry(_Block):
    """OpenTelemetry traces. Nothing is exported without an endpoint."""

    otlp_endpoint: Annotated[
        HttpAddress | None, Field(description="OTLP/HTTP base address, e.g. http://collector:4318.")
    ] = None
    sample_ratio: Annotated[float, Field(ge=0, le=1)] = 1.0


class Client(_Block):
    """This service's own identity towards other services (OAuth 2.0 client credentials)."""

    client_id: Name
    client_secret: SecretStr
    issuer: Annotated[
        HttpAddress | None,
        Field(description="The identity provider that knows the client, if not `AUTH__ISSUER`."),
    ] = None
    scope: Annotated[
        str | None, Field(description="What the provider wants to be asked for, as Entra ID does.")
    ] = None


class Peer(_Block):
    """Another service's HTTP API."""

    url: HttpAddress


class Audit(_Block):
    """The audit trail (`servicekit.audit_trail`)."""

    signing_keys: Annotated[
        tuple[SecretStr, ...],
        Field(
            description="JSON list of keys of 32 characters or more: the first signs the ends of"
            " the trail, all verify them. Without any nothing is signed; production needs one."
        ),
    ] = ()
    sign_every_seconds: Annotated[int, Field(ge=1, le=3600)] = 60
    keep_days: Annotated[int, Field(ge=365, description="Older lines are deleted.")] = 3650

    @field_validator("signing_keys")
    @classmethod
    def _are_long(cls, keys: tuple[SecretStr, ...]) -> tuple[SecretStr, ...]:
        if any(len(key.get_secret_value()) < 32 for key in keys):
            raise ValueError("each key has at least 32 characters")
        return keys


def service_config(prefix: str) -> SettingsConfigDict:
    """Settings are read from the environment: `ASSESSMENT_DB__DSN` sets `db.dsn`."""
    return SettingsConfigDict(env_prefix=prefix, env_nested_delimiter="__", frozen=True)


class ProcessSettings(BaseSettings):
    """What every process needs to know."""

    environment: Literal["local", "test", "production"] = "production"
    db: Database
    http: Http
    auth: Auth
    telemetry: Telemetry = Telemetry()

    @model_validator(mode="after")
    def _refuse_unsafe(self) -> Self:
        if self.environment == "production" and not self.auth.issuer.startswith("https://"):
            raise ValueError("AUTH__ISSUER: must be https in production")
        if self.environment == "production" and (known := list(guessable(self))):
            raise ValueError(f"{known[0]}: others may know or guess it; choose another at random")
        return self

    @model_validator(mode="after")
    def _refuse_unknown(self) -> Self:
        """A part of a block that is unknown is refused by the block."""
        prefix, blocks = str(self.model_config.get("env_prefix", "")), type(self).model_fields
        for variable in os.environ:
            name = variable.removeprefix(prefix)
            is_ours = prefix and name != variable and "__" in name
            if is_ours and name.partition("__")[0].lower() not in blocks:
                raise ValueError(f"{name}: there is no such setting")
        return self


class ServiceSettings(ProcessSettings):
    """What every service needs to know that has an API and events."""

    kafka: Kafka
    audit: Audit = Audit()

    @model_validator(mode="after")
    def _refuse_unsigned(self) -> Self:
        if self.environment == "production" and not self.audit.signing_keys:
            raise ValueError("AUDIT__SIGNING_KEYS: needed in production")
        return self


def what_is_wrong(prefix: str, error: ValidationError | SettingsError) -> list[str]:
    """One line per wrong setting: the variable, then what is wrong; never the value."""
    if isinstance(error, SettingsError):
        field = prefix + str(error).partition('"')[2].partition('"')[0].upper()
        text = getattr(error.__cause__, "doc", None)  # what is no JSON
        given = [name for name, value in os.environ.items() if value == text]
        found = [name for name in given if name.startswith(field)]
        return [f"{name}: not valid JSON" for name in found or [field]]
    lines = []
    for problem in error.errors():
        said = problem["msg"].removeprefix("Value error, ")
        place = "__".join(str(part).upper() for part in problem["loc"])
        lines.append(f"{prefix}{place}: {said}" if place else f"{prefix}{said}")
    return lines
