"""A development OpenID Connect issuer: sample personas, real signatures, no passwords.

Discovery, JWKS, authorization code with PKCE, refresh with rotation, sign-out from either side,
client credentials, and - for development only - a grant that issues a token for a named persona.
It listens on loopback and lives only here: the services know it merely by its address and verify
its tokens like any other issuer's.
"""

from devstack.issuer.app import create_app
from devstack.issuer.registration import Registration
from devstack.issuer.signing import Issuer, load_key

__all__ = ["Issuer", "Registration", "create_app", "load_key"]
