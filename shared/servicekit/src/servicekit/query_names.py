"""A query parameter that a route does not have is refused: `?dryrun=true` imports no file."""

from collections import Counter

from fastapi import Request
from fastapi.dependencies.utils import get_flat_params
from fastapi.exceptions import RequestValidationError
from fastapi.params import Query
from fastapi.routing import APIRoute


async def check_query_names(request: Request) -> None:
    """FastAPI dependency: answers 422 for an unknown parameter, and for one that is given twice.

    Async although it awaits nothing, because FastAPI runs a plain function in a thread.
    """
    if not request.query_params:
        return
    known = _names(request.scope["route"])
    given = Counter(name for name, _ in request.query_params.multi_items())
    errors = [
        {
            "type": "query_name",
            "loc": ("query", name),
            "msg": "The parameter is given twice."
            if name in known
            else f"There is no such parameter. Known here: {', '.join(sorted(known)) or 'none'}.",
        }
        for name, count in given.items()
        if name not in known or count > 1
    ]
    if errors:
        raise RequestValidationError(errors)


def _names(route: APIRoute) -> set[str]:
    params = get_flat_params(route.dependant)
    return {param.alias for param in params if isinstance(param.field_info, Query)}
