"""Tokens as the vendors of identity providers document them. All values are samples.

Each has its source. `{issuer}` stands for the address under which the provider publishes its
metadata; where a token says another `iss`, the provider's setting `token_issuers` has it.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

TENANT = "11111111-1111-1111-1111-111111111111"
APPLICATION = "22222222-2222-2222-2222-222222222222"
HSA_ID = "SE2321000131-P000000000001"

_ENTRA_ACCESS = "https://learn.microsoft.com/entra/identity-platform/access-token-claims-reference"
_ENTRA_ID = "https://learn.microsoft.com/entra/identity-platform/id-token-claims-reference"
_KEYCLOAK = "Keycloak 26.4 Server Administration Guide, Protocol mappers; read off a running server"
_ADFS = (
    "https://learn.microsoft.com/windows-server/identity/ad-fs/development/"
    "ad-fs-openid-connect-oauth-concepts"
)
_INERA = "https://inera.atlassian.net/wiki/spaces/ST, IdP: Attributlista"
_OIDC_SWEDEN = "https://www.oidc.se/specifications/swedish-oidc-claims-specification-1_0.html"


@dataclass(frozen=True)
class Shape:
    """A token, how its provider is set up, and what comes of it.

    `gives` are the roles with their units for somebody who is imported as p-0001, manager of rehab,
    and as p-0002 with the HSA id, employee of rehab; or `refused` is a part of the reason.
    """

    name: str
    source: str
    claims: Mapping[str, Any]
    provider: Mapping[str, Any]
    gives: Sequence[tuple[str, str | None]] = ()
    refused: str = ""
    header: Mapping[str, Any] = field(default_factory=lambda: {"typ": "JWT"})


_ENTRA_PROVIDER: dict[str, Any] = {
    "audiences": [APPLICATION],
    "person_claim": "employeeid",
    "group_claims": ["roles"],
    "group_roles": {"Platform.Administrator": "administrator"},
    "client_roles": {"hr-system": "subscriber"},
}
_ENTRA_USER: dict[str, Any] = {
    "iss": "{issuer}",
    "aud": APPLICATION,
    "tid": TENANT,
    "ver": "2.0",
    "sub": "pairwise-AAAA",
    "oid": "33333333-3333-3333-3333-333333333333",
    "azp": "44444444-4444-4444-4444-444444444444",
    "azpacr": "0",
    "scp": "access_as_user",
    "name": "Exempelperson 0001",
    "preferred_username": "person0001@example.se",
    "employeeid": "p-0001",
    "roles": ["Platform.Administrator"],
    "rh": "0.AAAA",
    "uti": "BBBB",
}
_V1 = f"https://sts.windows.net/{TENANT}/"
_ENTRA_V1: dict[str, Any] = {
    **{n: v for n, v in _ENTRA_USER.items() if n not in ("azp", "azpacr", "preferred_username")},
    "iss": _V1,
    "ver": "1.0",
    "appid": "44444444-4444-4444-4444-444444444444",
    "appidacr": "0",
    "unique_name": "person0001@example.se",
    "upn": "person0001@example.se",
}
_WITHOUT_GROUPS = {n: v for n, v in _ENTRA_USER.items() if n != "roles"}
_BY_GROUPS = {
    **_ENTRA_PROVIDER,
    "person_claim": "extn.nothing",
    "group_claims": ["groups"],
    "group_roles": {"55555555-5555-5555-5555-555555555555": "administrator"},
}
_KEYCLOAK_USER: dict[str, Any] = {
    "iss": "{issuer}",
    "aud": ["um-platform", "account"],
    "sub": "66666666-6666-6666-6666-666666666666",
    "typ": "Bearer",
    "azp": "portal",
    "sid": "77777777-7777-7777-7777-777777777777",
    "acr": "1",
    "allowed-origins": ["https://portal.example.se"],
    "realm_access": {"roles": ["um-administrator", "offline_access", "uma_authorization"]},
    "resource_access": {"um-platform": {"roles": ["auditor"]}, "account": {"roles": ["x"]}},
    "scope": "openid profile email",
    "email": "person0001@example.se",
    "email_verified": True,
    "preferred_username": "person0001",
    "employee_number": "p-0001",
}
_KEYCLOAK_PROVIDER: dict[str, Any] = {
    "audiences": ["um-platform"],
    "person_claim": "employee_number",
    "group_claims": ["realm_access.roles", "resource_access.um-platform.roles"],
    "group_roles": {"um-administrator": "administrator", "auditor": "auditor"},
    "client_roles": {"hr-system": "subscriber"},
}
_TRUST = "http://adfs.example.se/adfs/services/trust"
_ADFS_USER: dict[str, Any] = {
    "aud": "microsoft:identityserver:um-platform",
    "iss": _TRUST,
    "apptype": "Public",
    "appid": "88888888-8888-8888-8888-888888888888",
    "authmethod": "urn:oasis:names:tc:SAML:2.0:ac:classes:PasswordProtectedTransport",
    "sub": "base64-pairwise=",
    "upn": "person0001@example.se",
    "role": "UM-Admins",
    "http://schemas.example.se/employeeid": "p-0001",
    "ver": "1.0",
    "scp": "openid",
}
_ADFS_PROVIDER: dict[str, Any] = {
    "token_issuers": [_TRUST],
    "audiences": ["microsoft:identityserver:um-platform", "88888888-8888-8888-8888-888888888888"],
    "person_claim": "http://schemas.example.se/employeeid",
    "group_claims": ["role"],
    "group_roles": {"UM-Admins": "administrator"},
}
_HSA_USER: dict[str, Any] = {
    "iss": "{issuer}",
    "aud": "um-platform",
    "sub": "opaque-at-the-provider",
    "acr": "http://id.sambi.se/loa/loa3",
    "amr": ["urn:oasis:names:tc:SAML:2.0:ac:classes:TLSClient"],
    "given_name": "Exempel",
    "family_name": "Person",
    "name": "Exempel Person",
    "employeeHsaId": HSA_ID,
    "allEmployeeHsaIds": [HSA_ID, "SE2321000131-P000000000002"],
    "commissionHsaId": "SE2321000131-U000000000001",
    "commissionName": "Vård och behandling",
    "commissionPurpose": "Vård och behandling",
    "allCommissions": '[{"commissionHsaId": "SE2321000131-U000000000001"}]',
    "healthCareUnitHsaId": "SE2321000131-E000000000001",
    "credentialPersonalIdentityNumber": "199001012384",
}
_MANAGER, _ADMINISTRATOR = ("manager", "rehab"), ("administrator", "*")

SHAPES: Sequence[Shape] = (
    Shape(
        "Entra ID, access token v2.0",
        _ENTRA_ACCESS,
        _ENTRA_USER,
        _ENTRA_PROVIDER,
        [_ADMINISTRATOR, _MANAGER],
    ),
    Shape(
        "Entra ID, access token v1.0",
        _ENTRA_ACCESS,
        _ENTRA_V1,
        {**_ENTRA_PROVIDER, "token_issuers": [_V1]},
        [_ADMINISTRATOR, _MANAGER],
    ),
    Shape(
        "Entra ID, access token v1.0 where only v2.0 is set",
        _ENTRA_ACCESS,
        _ENTRA_V1,
        _ENTRA_PROVIDER,
        refused=f"'{_V1}' is not trusted here",
    ),
    Shape(
        "Entra ID, id token",
        _ENTRA_ID,
        {n: v for n, v in _ENTRA_USER.items() if n not in ("azp", "azpacr", "scp")},
        _ENTRA_PROVIDER,
        [_ADMINISTRATOR, _MANAGER],
    ),
    Shape(
        "Entra ID, a system's own token",
        _ENTRA_ACCESS,
        {
            **{n: v for n, v in _WITHOUT_GROUPS.items() if n not in ("scp", "employeeid", "name")},
            "sub": "99999999-9999-9999-9999-999999999999",
            "oid": "99999999-9999-9999-9999-999999999999",
            "azp": "hr-system",
            "azpacr": "1",
            "idtyp": "app",
            "roles": ["Events.Read", "Platform.Administrator"],
        },
        {**_ENTRA_PROVIDER, "roles_without_person": ["administrator"]},
        [("subscriber", None)],
    ),
    Shape(
        "Entra ID, more than 200 groups",
        _ENTRA_ACCESS,
        {
            **_WITHOUT_GROUPS,
            "_claim_names": {"groups": "src1"},
            "_claim_sources": {"src1": {"endpoint": "https://graph.windows.net/x/users/y"}},
        },
        _BY_GROUPS,
        refused="claim groups: The provider left the groups out",
    ),
    Shape(
        "Entra ID, groups left out of an implicit flow's token",
        _ENTRA_ACCESS,
        {**_WITHOUT_GROUPS, "hasgroups": True},
        _BY_GROUPS,
        refused="claim groups: The provider left the groups out",
    ),
    Shape(
        "Keycloak, access token",
        _KEYCLOAK,
        _KEYCLOAK_USER,
        _KEYCLOAK_PROVIDER,
        [_ADMINISTRATOR, ("auditor", "*"), _MANAGER],
    ),
    Shape(
        "Keycloak, a service account's token",
        _KEYCLOAK,
        {
            **{n: v for n, v in _KEYCLOAK_USER.items() if n not in ("sid", "employee_number")},
            "azp": "hr-system",
            "client_id": "hr-system",
            "preferred_username": "service-account-hr-system",
        },
        {**_KEYCLOAK_PROVIDER, "roles_without_person": ["administrator", "auditor"]},
        [("subscriber", None)],
    ),
    Shape("AD FS, access token", _ADFS, _ADFS_USER, _ADFS_PROVIDER, [_ADMINISTRATOR, _MANAGER]),
    Shape(
        "AD FS, id token",
        _ADFS,
        {
            **{n: v for n, v in _ADFS_USER.items() if n not in ("apptype", "appid", "scp")},
            "iss": "{issuer}",
            "aud": "88888888-8888-8888-8888-888888888888",
        },
        _ADFS_PROVIDER,
        [_ADMINISTRATOR, _MANAGER],
    ),
    Shape(
        "Inera IdP (SITHS), id token",
        _INERA,
        _HSA_USER,
        {"audiences": ["um-platform"], "hsa_claim": "employeeHsaId"},
        [("employee", "rehab")],
    ),
    Shape(
        "Swedish OpenID Connect profile, organisational identity",
        _OIDC_SWEDEN,
        {
            "iss": "{issuer}",
            "aud": "um-platform",
            "sub": "opaque",
            "https://id.oidc.se/claim/personalIdentityNumber": "199001012384",
            "https://id.oidc.se/claim/orgAffiliation": "p-0001@2321000131",
            "https://id.oidc.se/claim/orgNumber": "2321000131",
        },
        {
            "audiences": ["um-platform"],
            "person_claim": "https://id.oidc.se/claim/orgAffiliation",
        },
        refused="It has not the form of an id",
    ),
)
