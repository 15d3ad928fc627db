"""Answers of a server that is not ours: each ends in time, and is of a size that fits in memory."""

import asyncio

import httpx

_LARGEST_BYTES = 1_000_000
NO_ANSWER = (httpx.HTTPError, httpx.InvalidURL, TimeoutError)
NOT_AS_EXPECTED = (ValueError, KeyError, TypeError, AttributeError, RecursionError)
"""Of JSON that is read without a look at its form; it may be nested without end."""


async def ask(
    client: httpx.AsyncClient,
    method: str,
    url: str,
    *,
    seconds: float,
    form: dict[str, str] | None = None,
    login: tuple[str, str] | None = None,
) -> httpx.Response:
    """The whole answer. httpx's own timeouts are for each part of it, however small.

    Raises httpx.HTTPError, also when it takes longer than `seconds` or is too large.
    """
    auth = httpx.BasicAuth(*login) if login else httpx.Auth()
    content = bytearray()
    try:
        async with (
            asyncio.timeout(seconds),
            client.stream(method, url, data=form, auth=auth) as answer,
        ):
            async for part in answer.aiter_bytes():
                content += part
                if len(content) > _LARGEST_BYTES:
                    raise httpx.RemoteProtocolError("the answer is too large")
    except TimeoutError as error:
        raise httpx.ReadTimeout(f"no whole answer within {seconds:.0f} s") from error
    return httpx.Response(answer.status_code, content=bytes(content), request=answer.request)
