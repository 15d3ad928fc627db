"""A session at the portal, without a browser."""

from collections.abc import Mapping

import httpx


async def session_cookie(servers: Mapping[str, str], persona: str) -> str:
    """The cookie of a new session, as a browser gets it: by way of the issuer's page."""
    async with httpx.AsyncClient(timeout=30, trust_env=False) as client:
        begun = await client.get(f"{servers['PORTAL_URL']}/sign-in")
        page = httpx.URL(begun.headers["location"])
        form = {**page.params, "persona": persona}
        granted = await client.post(page.copy_with(query=None), data=form)
        cookie = {"cookie": _cookie_of(begun)}
        back = await client.get(granted.headers["location"], headers=cookie)
        assert back.headers["location"] == "/start", back.text
        return _cookie_of(back)


def _cookie_of(answer: httpx.Response) -> str:
    return str(answer.headers["set-cookie"]).partition(";")[0]
