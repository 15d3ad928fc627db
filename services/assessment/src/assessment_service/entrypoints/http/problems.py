"""The problem document for keys that cannot be used: neither the caller nor the database is at
fault."""

import logging

from fastapi import Request
from fastapi.responses import JSONResponse

from servicekit.problems import render

log = logging.getLogger(__name__)

_DETAIL = (
    "The folder of the rounds' keys is missing or cannot be used. Check that it is mounted, that"
    " the service may read and write it, and that ASSESSMENT_ROUND_KEYS__DIRECTORY names it."
    " Nothing was changed; try again later."
)


async def on_keys_unavailable(request: Request, error: Exception) -> JSONResponse:
    """Exception handler for KeysUnavailableError."""
    log.error("%s", error)  # names a round at most, and no person
    return render(request, 503, "keys-unavailable", _DETAIL)
