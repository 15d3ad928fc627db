"""Every setting of the notification service. Secrets have no default; see docs for the list."""

from typing import Annotated, Literal, Self
from zoneinfo import ZoneInfo

from pydantic import BaseModel, ConfigDict, Field, SecretStr, field_validator, model_validator

from notification_service.domain.contact import address_fault
from notification_service.domain.delivery import MAIL_RETRY_SECONDS, WEBHOOK_RETRY_SECONDS
from notification_service.domain.egress import AllowedHost
from servicekit.setting_values import HttpAddress, Name
from servicekit.settings import Client, Peer, ServiceSettings, service_config

Seconds = Annotated[float, Field(gt=0)]


class _Block(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")


class _Sending(_Block):
    """How long one attempt may take, and for how long an item is claimed."""

    deadline_seconds: Seconds = 20
    lease_seconds: Seconds = 30

    @model_validator(mode="after")
    def _lease_outlives_attempt(self) -> Self:
        if self.lease_seconds <= self.deadline_seconds:
            raise ValueError("LEASE_SECONDS must be longer than DEADLINE_SECONDS")
        return self


class Smtp(_Sending):
    """The mail server, and the address that mails come from."""

    channel: Annotated[
        Literal["smtp", "null"], Field(description="`null` accepts every mail and sends none.")
    ] = "smtp"
    host: Name
    port: Annotated[int, Field(ge=1, le=65535)] = 25
    sender: Annotated[str, Field(description="Address that mails come from.")]
    sender_name: Annotated[
        str, Field(max_length=200, description="Name that mail readers show for the sender.")
    ] = "Utvecklande medarbetarskap"
    contact: Annotated[
        str,
        Field(
            max_length=200,
            description="Whom the last line of every mail names for questions: an address, which is"
            " also the Reply-To, or a few words. Without it, the sender.",
        ),
    ] = ""
    security: Annotated[
        Literal["opportunistic", "starttls", "tls"],
        Field(description="`opportunistic` is refused in production."),
    ] = "opportunistic"
    username: str | None = None
    password: SecretStr | None = None
    timeout_seconds: Annotated[Seconds, Field(description="For each step.")] = 10
    connections: Annotated[int, Field(ge=1, le=50)] = 4
    retry_seconds: tuple[Seconds, ...] = MAIL_RETRY_SECONDS

    @property
    def reply_to(self) -> str | None:
        """The contact, if it is another address than the sender's."""
        is_address = self.contact and address_fault(self.contact) is None
        return self.contact if is_address and self.contact != self.sender else None

    @field_validator("sender_name", "contact")
    @classmethod
    def _is_one_line(cls, text: str) -> str:
        if not text.isprintable():
            raise ValueError("must not contain a line break or another control character")
        return text.strip()

    @field_validator("sender")
    @classmethod
    def _is_an_address(cls, sender: str) -> str:
        if fault := address_fault(sender):
            raise ValueError(fault)
        return sender


class Links(_Block):
    """The portal that mails link to, and the time zone of the times in them."""

    portal_url: HttpAddress
    time_zone: str = "Europe/Stockholm"

    @field_validator("time_zone")
    @classmethod
    def _is_known(cls, name: str) -> str:
        try:
            ZoneInfo(name)
        except (KeyError, ValueError, OSError) as error:
            raise ValueError(f"time zone {name!r} is not known on this machine") from error
        return name


class Webhook(_Sending):
    """Signed webhooks to other systems."""

    signing_keys: Annotated[
        tuple[SecretStr, ...],
        Field(
            min_length=1,
            description="JSON list of keys of 32 characters or more; all secrets derive from them. "
            "New secrets use the first; keep the others until every secret is rotated and "
            "`rotation_overlap_hours` have passed.",
        ),
    ]
    allowed_hosts: Annotated[
        tuple[str, ...],
        Field(
            description="JSON list of host:port that may be on a private network or use http; "
            "without a port 443 only, with `:*` any port (not in production). Loopback and "
            "link-local must be listed as the address itself."
        ),
    ] = ()
    timeout_seconds: Annotated[
        Seconds,
        Field(
            description="For the receiver's answer. What deadline_seconds leaves beside it is for "
            "the name lookup, the connection and TLS."
        ),
    ] = 10
    concurrency: Annotated[int, Field(ge=4, le=500, description="Deliveries under way.")] = 64
    per_subscription: Annotated[
        int, Field(ge=1, le=50, description="Deliveries under way to one subscription.")
    ] = 4
    retry_seconds: tuple[Seconds, ...] = WEBHOOK_RETRY_SECONDS
    rotation_overlap_hours: Annotated[
        float, Field(gt=0, description="How long a replaced secret signs too.")
    ] = 24

    @property
    def connect_seconds(self) -> float:
        """For the lookup and the connection, and again for TLS; a tenth is kept in reserve."""
        return (self.deadline_seconds - self.timeout_seconds) * 0.45

    @model_validator(mode="after")
    def _deadline_leaves_the_answer_its_time(self) -> Self:
        if self.deadline_seconds <= self.timeout_seconds:
            raise ValueError("DEADLINE_SECONDS must be longer than TIMEOUT_SECONDS")
        return self

    @field_validator("signing_keys")
    @classmethod
    def _are_long(cls, keys: tuple[SecretStr, ...]) -> tuple[SecretStr, ...]:
        if any(len(key.get_secret_value().encode()) < 32 for key in keys):
            raise ValueError("each key must be of 32 characters or more")
        return keys

    @field_validator("allowed_hosts")
    @classmethod
    def _are_hosts(cls, hosts: tuple[str, ...]) -> tuple[str, ...]:
        for host in hosts:
            AllowedHost.parse(host)
        return hosts


class Retention(_Block):
    """How long the log of messages and deliveries is kept."""

    days: Annotated[
        int, Field(ge=7, description="Sent and failed ones are removed after this, with their log.")
    ] = 90


class Reminders(_Block):
    """When those who have not answered a round are reminded."""

    after_share: Annotated[
        float,
        Field(gt=0, lt=1, description="Part of a round's time after which the first is sent."),
    ] = 0.5
    before_close_hours: Annotated[
        float,
        Field(
            gt=0,
            description="The second is sent so long before the round closes; not, if that is less"
            " than so long after the first is due.",
        ),
    ] = 24
    at_most: Annotated[int, Field(ge=0, le=2, description="Reminders of a round; 0 for none.")] = 2


class LoadCap(_Block):
    """How often a person is invited to rounds, over all units and rollouts."""

    invitations: Annotated[int, Field(ge=1, description="So many at most,")] = 4
    days: Annotated[int, Field(ge=1, le=366, description="in so many days.")] = 90


class Settings(ServiceSettings):
    """The notification service."""

    model_config = service_config("NOTIFICATION_")

    client: Client
    people: Peer
    assessment: Peer
    smtp: Smtp
    links: Links
    webhook: Webhook
    retention: Retention = Retention()
    reminders: Reminders = Reminders()
    load_cap: LoadCap = LoadCap()

    @model_validator(mode="after")
    def _refuse_unsafe_sending(self) -> Self:
        if self.environment != "production":
            return self
        if self.smtp.channel == "smtp" and self.smtp.security == "opportunistic":
            raise ValueError("SMTP__SECURITY: must be starttls or tls in production")
        if not self.links.portal_url.startswith("https://"):
            raise ValueError("LINKS__PORTAL_URL: must be https in production")
        for entry in self.webhook.allowed_hosts:
            host = AllowedHost.parse(entry)
            if host.port is None:
                raise ValueError(f"WEBHOOK__ALLOWED_HOSTS: {entry} must have a port in production")
            address = host.address
            if address and (address.is_loopback or address.is_link_local):
                raise ValueError(f"WEBHOOK__ALLOWED_HOSTS: {entry} is not for production")
        return self
