"""What every service publishes about its audit trail."""

from datetime import datetime
from typing import Annotated

from pydantic import BaseModel, Field


class AuditHead(BaseModel):
    """The end of a service's audit trail, signed. It vouches for every line up to `seq`.

    Whoever keeps it can show later that a line was changed or removed. It says nothing about what
    the lines hold.
    """

    service: Annotated[str, Field(examples=["workflow"])]
    seq: Annotated[int, Field(examples=[1204], description="Number of the last line.")]
    hash: Annotated[str, Field(examples=["9f86d081884c7d65"], description="Hash of the last line.")]
    signed_at: datetime
    signature: Annotated[
        str,
        Field(
            description="JWS in compact form (RFC 7515, Ed25519) of the other fields;"
            " `kid` names the key, which `GET /v1/audit/key` returns."
        ),
    ]
