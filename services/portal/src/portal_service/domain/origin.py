"""Which requests and which addresses are the portal's own."""

SAFE_METHODS = frozenset({"GET", "HEAD"})


def same_origin(site: str | None, origin: str | None, own: str) -> bool:
    """Whether a request comes from the portal's own pages.

    `site` is `Sec-Fetch-Site`. Another port of the same host is `same-site`: it gets the cookie, so
    it must be refused. Browsers without the header send `Origin`.
    """
    if site is not None:
        return site in ("same-origin", "none")
    return origin == own


_LONGEST_PATH = 1_000  # bytes


def own_path(wanted: str) -> str:
    """The path to return to after signing in: `/start` for whatever is not on this portal, or too
    long for a cookie."""
    on_this_host = wanted.startswith("/") and not wanted.startswith("//")
    # Browsers read a backslash as a slash, and leave out tabs and ends of lines.
    if not on_this_host or "\\" in wanted or not wanted.isprintable():
        return "/start"
    return wanted if len(wanted.encode()) <= _LONGEST_PATH else "/start"
