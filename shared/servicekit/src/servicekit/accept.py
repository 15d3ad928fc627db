"""What kinds of answer a caller asks for by name (RFC 9110, section 12.5.1)."""

from fastapi import Request


def wanted(request: Request) -> dict[str, float]:
    """The media types of the Accept header, each with its `q`."""
    return dict(_preference(part) for part in request.headers.get("accept", "").split(","))


def _preference(part: str) -> tuple[str, float]:
    """A media type of an Accept header, and its `q`: 1 if none is given, 0 if it is no number."""
    media_type, *parameters = (each.strip().lower() for each in part.split(";"))
    given = [each.removeprefix("q=") for each in parameters if each.startswith("q=")]
    try:
        return media_type, float(given[0]) if given else 1.0
    except ValueError:
        return media_type, 0.0
