"""The users and groups that SCIM clients see.

Only what the platform uses is declared; other attributes that a client sends are not kept.
"""

from typing import Annotated, Any

from pydantic import Field, field_validator
from scim2_models import (
    URN,
    AnyExtension,
    AuthenticationScheme,
    Bulk,
    CaseExact,
    ChangePassword,
    ComplexAttribute,
    ETag,
    Extension,
    Filter,
    Mutability,
    Patch,
    Reference,
    Required,
    Resource,
    ResourceType,
    ScimPolicy,
    ScimProvider,
    ServiceProviderConfig,
    Sort,
    Uniqueness,
)

from people_service.domain.scim import ENTERPRISE
from servicekit.http import MAX_BODY_BYTES

MAX_RESULTS = 200
MAX_BULK_OPERATIONS = 200


class Name(ComplexAttribute):
    formatted: str | None = None
    """The full name. It is used if there is no displayName."""

    family_name: str | None = None
    """The family name."""

    given_name: str | None = None
    """The given name."""


class Email(ComplexAttribute):
    value: Annotated[str | None, Required.true] = None
    """A mail address."""

    type: str | None = None
    """What the address is for, such as work."""

    primary: bool | None = None
    """Whether mails go to this address."""


class PhoneNumber(ComplexAttribute):
    value: str | None = None
    """A phone number, as 070-123 45 67 or tel:+46-70-123-45-67."""

    type: str | None = None
    """What the number is for. One for work is kept."""

    primary: bool | None = None
    """Whether it is the preferred one. It makes no difference here."""


class User(Resource[AnyExtension]):
    __schema__ = URN("urn:ietf:params:scim:schemas:core:2.0:User")

    user_name: Annotated[str | None, Uniqueness.server, Required.true] = None
    """What the user signs in as at the identity provider."""

    name: Name | None = None
    """The parts of the name."""

    display_name: str | None = None
    """The name as others see it."""

    preferred_language: str | None = None
    """The language of mails, such as sv or en-GB; Swedish if it is any other."""

    active: bool | None = None
    """Whether the user is not switched off. Without it they are not."""

    emails: Annotated[list[Email] | None, Required.true] = None
    """Mail addresses. Mails go to the primary one, or the first."""

    phone_numbers: list[PhoneNumber] | None = None
    """Phone numbers. The first one for work that can be read is the person's."""


class Manager(ComplexAttribute):
    value: Annotated[str | None, CaseExact.true] = None
    """The id of the manager's user."""

    ref: Reference["User"] | None = Field(  # type: ignore[type-arg]
        None, serialization_alias="$ref", validation_alias="$ref"
    )
    """The address of the manager's user."""

    display_name: Annotated[str | None, Mutability.read_only] = None
    """The manager's name."""


class EnterpriseUser(Extension):
    __schema__ = URN(ENTERPRISE)

    employee_number: str | None = None
    """The number of the employment."""

    cost_center: str | None = None
    """The cost centre."""

    organization: str | None = None
    """The organisation."""

    division: str | None = None
    """The division."""

    department: str | None = None
    """The department."""

    manager: Manager | None = None
    """Who leads the user. It gives no role here."""

    @field_validator("manager", mode="before")
    @classmethod
    def _by_id(cls, value: Any) -> Any:
        """Microsoft Entra ID sends the manager's id as a text."""
        return {"value": value} if isinstance(value, str) else value


class Member(ComplexAttribute):
    value: Annotated[str | None, Mutability.immutable, CaseExact.true] = None
    """The id of the member's user."""

    ref: Annotated[Reference["User"] | None, Mutability.immutable] = Field(  # type: ignore[type-arg]
        None, serialization_alias="$ref", validation_alias="$ref"
    )
    """The address of the member's user."""

    type: Annotated[str | None, Mutability.immutable] = Field(None, examples=["User"])
    """What the member is: only users can be members."""

    display: str | None = None
    """The member's name."""


class Group(Resource[Any]):
    __schema__ = URN("urn:ietf:params:scim:schemas:core:2.0:Group")

    display_name: Annotated[str | None, Required.true] = None
    """The name of the group, which may give a role to its members."""

    members: list[Member] | None = None
    """The users in the group."""


def provider() -> ScimProvider:
    """What the discovery endpoints say (RFC 7643, sections 5 to 7), and which departures from the
    RFCs are accepted: those that Microsoft Entra ID is known for."""
    return ScimProvider(
        models=[User, EnterpriseUser, Group],
        resource_types=[
            ResourceType.from_resource(User[EnterpriseUser]),
            ResourceType.from_resource(Group),
        ],
        config=ServiceProviderConfig(
            patch=Patch(supported=True),
            bulk=Bulk(
                supported=True,
                max_operations=MAX_BULK_OPERATIONS,
                max_payload_size=MAX_BODY_BYTES,
            ),
            filter=Filter(supported=True, max_results=MAX_RESULTS),
            change_password=ChangePassword(supported=False),
            sort=Sort(supported=False),
            etag=ETag(supported=True),
            authentication_schemes=[
                AuthenticationScheme(
                    type=AuthenticationScheme.Type.oauthbearertoken,
                    name="Bearer token",
                    description="A token from the settings, or a token of the platform with the"
                    " role provisioner.",
                    spec_uri="https://www.rfc-editor.org/info/rfc6750",
                    primary=True,
                )
            ],
        ),
        policy=ScimPolicy(
            unknown=ScimPolicy.Unknown.ignore,
            remove_value_as_filter=ScimPolicy.RemoveValue.apply,
            unmatched_path_filter=ScimPolicy.UnmatchedPathFilter.create,
        ),
    )
