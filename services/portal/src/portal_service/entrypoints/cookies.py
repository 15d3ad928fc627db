"""The portal's one cookie: the key of a session."""

from fastapi import Request, Response

NAME = "__Host-portal"


def key_of(request: Request) -> str | None:
    return request.cookies.get(NAME)


def keep(answer: Response, key: str) -> None:
    answer.set_cookie(NAME, key, secure=True, httponly=True, samesite="lax", path="/")


def forget(answer: Response) -> None:
    forget_drafts(answer)
    answer.delete_cookie(NAME, secure=True, httponly=True, samesite="lax", path="/")


def forget_drafts(answer: Response) -> None:
    """What somebody typed on this device is not for whoever uses it next."""
    answer.headers["clear-site-data"] = '"storage"'
