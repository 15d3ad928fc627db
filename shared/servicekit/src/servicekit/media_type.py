"""What a Content-Type header says, in one spelling."""

from email.message import Message
from functools import lru_cache


def media_type(header: str) -> str:
    """Type and charset in lower case, UTF-8 if none is declared; JSON is UTF-8 whatever it says."""
    charset = "utf-8" if is_json(header) else _parsed(header).get_content_charset("utf-8")
    return f"{_parsed(header).get_content_type()};{charset}"


@lru_cache(maxsize=64)
def is_json(header: str) -> bool:
    """Whether FastAPI reads the body as JSON: application/json, or any application/*+json."""
    parsed = _parsed(header)
    subtype = parsed.get_content_subtype()
    is_application = parsed.get_content_maintype() == "application"
    return is_application and (subtype == "json" or subtype.endswith("+json"))


def _parsed(header: str) -> Message:
    message = Message()
    message["content-type"] = header
    return message
