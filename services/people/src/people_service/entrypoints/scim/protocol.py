"""The protocol of SCIM as scim2-server has it, with the limits and refusals of this platform."""

import logging
from http import HTTPStatus
from typing import Any

from scim2_models import (
    Context,
    Error,
    InvalidFilterException,
    InvalidSyntaxException,
    Resource,
    ResponseParameters,
    SCIMException,
)
from scim2_server.responses import ScimResponse
from scim2_server.service import ScimService

from people_service.domain.errors import DomainError
from servicekit.failures import is_invalid_value, is_unavailable

log = logging.getLogger(__name__)

LONGEST_FILTER = 2_000
MOST_CHANGES = 1_000
_REFUSALS = {
    "invalid": (HTTPStatus.BAD_REQUEST, "invalidValue"),
    "conflict": (HTTPStatus.CONFLICT, "uniqueness"),
}


class ScimProtocol(ScimService):
    """A PATCH is answered with the resource, whatever is asked for."""

    def patch_response(
        self,
        base_url: str,
        resource: Resource[Any],
        response_parameters: ResponseParameters[Any],
    ) -> ScimResponse:
        return self.resource_response(
            self.publish(base_url, resource),
            Context.RESOURCE_REPLACEMENT_RESPONSE,
            response_parameters,
        )

    @staticmethod
    def error_of(exception: Exception) -> Error:
        if isinstance(exception, SCIMException):
            return exception.to_error()
        if isinstance(exception, DomainError):
            status, scim_type = _REFUSALS[exception.kind]
            return Error(status=status, scim_type=scim_type, detail=exception.detail)
        if is_invalid_value(exception):
            detail = "A value cannot be stored: a NUL in a text, or a number too large."
            return Error(status=400, scim_type="invalidValue", detail=detail)
        if is_unavailable(exception):
            log.warning("database unavailable: %s", type(exception).__name__)
            return Error(status=503, detail="The database does not answer. Try again.")
        log.error("unhandled %s", type(exception).__name__, exc_info=exception)
        return Error(status=500, detail="Something went wrong on our side.")


def check_filter(text: str) -> None:
    """Raises InvalidFilterException for a filter that would take too long to read."""
    if len(text) > LONGEST_FILTER:
        detail = f"A filter or a path has {LONGEST_FILTER} characters at most."
        raise InvalidFilterException(detail=detail)


def check_size(value: Any) -> None:
    """Raises SCIMException for a body with a filter or a path that is too long, or too many
    changes in one PATCH."""
    if isinstance(value, list):
        for one in value:
            check_size(one)
    elif isinstance(value, dict):
        for name, inner in value.items():
            if name.casefold() in ("filter", "path") and isinstance(inner, str):
                check_filter(inner)
            is_list = name.casefold() == "operations" and isinstance(inner, list)
            if is_list and len(inner) > MOST_CHANGES:
                detail = f"A request has {MOST_CHANGES} operations at most."
                raise InvalidSyntaxException(detail=detail)
            check_size(inner)
