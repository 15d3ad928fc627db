"""The portal's one cookie: the key of a session."""

from fastapi import Request, Response

NAME = "__Host-portal"
_BY_CODE = "code."


def key_of(request: Request) -> str | None:
    value = request.cookies.get(NAME)
    return value and value.removeprefix(_BY_CODE)


def is_by_code(request: Request) -> bool:
    """Whether the session was begun by a one-time code, also when it has ended."""
    return request.cookies.get(NAME, "").startswith(_BY_CODE)


def keep(answer: Response, key: str, by_code: bool = False) -> None:
    value = _BY_CODE + key if by_code else key
    answer.set_cookie(NAME, value, secure=True, httponly=True, samesite="lax", path="/")


def forget(answer: Response) -> None:
    """With what somebody typed on this device: it is not for whoever uses it next."""
    answer.headers["clear-site-data"] = '"storage"'
    answer.delete_cookie(NAME, secure=True, httponly=True, samesite="lax", path="/")
