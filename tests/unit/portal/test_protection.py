"""What every answer has, and which requests are refused."""

import re
from collections.abc import AsyncIterator
from pathlib import Path

import httpx
import pytest

from portal_service.entrypoints.pages import ASSETS, STATIC
from unit.portal.answers import ID
from unit.portal.portal import OWN_PAGE, URL, Browser, browsing

CSP = (
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; "
    "font-src 'self'; connect-src 'self'; form-action 'self' https://idp.example.se; "
    "base-uri 'none'; frame-ancestors 'none'; "
    "require-trusted-types-for 'script'; trusted-types 'none'"
)
HEADERS = {
    "content-security-policy": CSP,
    "cross-origin-opener-policy": "same-origin",
    "cross-origin-resource-policy": "same-origin",
    "permissions-policy": "camera=(), geolocation=(), microphone=()",
    "referrer-policy": "same-origin",
    "strict-transport-security": "max-age=31536000; includeSubDomains",
    "x-content-type-options": "nosniff",
}
OWN_SCRIPT = re.compile(r"""<script src="{{ asset\('[a-z]+\.js'\) }}" defer></script>""")
PUBLIC = "public, max-age=60"
PRIVATE, FIXED = "private, no-store", "public, max-age=31536000, immutable"


async def _every_kind_of_answer(browser: Browser) -> list[httpx.Response]:
    """Pages, redirects, refusals and errors; the first two are the same for everybody."""
    found = [
        await browser.get("/"),
        await browser.get("/about/cookies"),
        await browser.get("/start"),
        await browser.get("/nothing"),
        await browser.get("/sign-in"),
        await browser.get("/sign-in/answer?state=x"),
        await browser.get("/health/live"),
        await browser.get("/metrics"),
        await browser.get("/static/nothing.css"),
        await browser.get("/static/"),
        await browser.get("/units/Not%20an%20id"),
        await browser.request("PUT", "/start", headers=OWN_PAGE),
        await browser.request("POST", "/language"),
        await browser.request("POST", "/language", headers=OWN_PAGE),
        await browser.request("OPTIONS", "/start"),
    ]
    await browser.sign_in()
    found += [await browser.get("/start"), await browser.get(f"/rollouts/{ID}")]
    browser.services.away = {"workflow"}
    found.append(await browser.get(f"/rollouts/{ID}"))
    browser.services.failure = RuntimeError("a fault of ours")
    found.append(await browser.get("/start"))
    return found


async def test_every_answer_is_protected_and_none_that_is_somebodys_is_stored(
    browser: Browser,
) -> None:
    found = await _every_kind_of_answer(browser)
    assert {200, 303, 403, 404, 405, 422, 500, 503} <= {one.status_code for one in found}
    for one in found:
        assert {name: one.headers.get(name) for name in HEADERS} == HEADERS, one.status_code
    caching = [one.headers["cache-control"] for one in found]
    assert caching == [PUBLIC] * 2 + [PRIVATE] * (len(found) - 2)


async def test_static_files_may_be_kept_only_under_their_own_sum(browser: Browser) -> None:
    assert set(ASSETS) == {
        path.relative_to(STATIC).as_posix() for path in STATIC.rglob("*") if path.is_file()
    }
    for name, address in ASSETS.items():
        right = await browser.get(address)
        assert (right.status_code, right.headers["cache-control"]) == (200, FIXED)
        assert right.content == (STATIC / name).read_bytes()
        assert {name: right.headers[name] for name in HEADERS} == HEADERS
        again = await browser.get(address, if_none_match=right.headers["etag"])
        assert (again.status_code, again.headers["cache-control"]) == (304, FIXED)
        path = address.partition("?")[0]
        for wrong in (path, f"{path}?v=000000000000", f"{address}&x", f"{path}?v="):
            assert (await browser.get(wrong)).headers["cache-control"] == PRIVATE
    for missing in ("nothing.css", "vendor", "", "../__init__.py", "..%2f__init__.py"):
        answer = await browser.get(f"/static/{missing}?v=000000000000")
        assert (answer.status_code, answer.headers["cache-control"]) == (404, PRIVATE)


@pytest.mark.parametrize("method", ["POST", "PUT", "PATCH", "DELETE", "OPTIONS"])
@pytest.mark.parametrize(
    ("headers", "accepted"),
    [
        ({"sec-fetch-site": "same-origin"}, True),
        ({"sec-fetch-site": "same-site", "origin": URL}, False),
        ({"sec-fetch-site": "cross-site", "origin": URL}, False),
        ({"origin": URL}, True),
        ({"origin": "null"}, False),
        ({"origin": "https://portal.example.se:8443"}, False),
        ({"origin": "https://evil.example"}, False),
        ({"referer": f"{URL}/start"}, False),
        ({}, False),
    ],
)
async def test_only_the_portals_own_pages_change_anything(
    signed_in: Browser, method: str, headers: dict[str, str], accepted: bool
) -> None:
    answer = await signed_in.request(method, "/sign-out", headers=headers)
    if accepted:
        assert answer.status_code == (303 if method == "POST" else 405)
    else:
        assert answer.status_code == 403
        assert "Det kom inte från en sida i den här portalen." in answer.text
        assert (await signed_in.get("/start")).status_code == 200, "the session goes on"


@pytest.mark.parametrize(
    "path",
    [
        *("/sign-out", "/language", f"/rounds/{ID}", f"/rollouts/{ID}/actions/plan_waves"),
        *("/units/rehab/meetings", "/units/rehab/actions"),
        *(f"/units/rehab/actions/{ID}/check-back", "/sign-out/provider/"),
    ],
)
async def test_another_sites_form_reaches_no_service(signed_in: Browser, path: str) -> None:
    headers = {"sec-fetch-site": "cross-site", "origin": "https://evil.example"}
    answer = await signed_in.request("POST", path, headers=headers, data={"reason": "x"})
    assert answer.status_code == 403
    assert signed_in.services.sent == []


async def test_the_provider_may_end_a_session_from_outside(signed_in: Browser) -> None:
    path = "/sign-out/provider"
    for token, status in (("", 400), ("forged", 400), ("good", 200)):
        answer = await signed_in.request("POST", path, data={"logout_token": token})
        assert answer.status_code == status
    assert (await signed_in.get("/start")).status_code == 303


async def test_over_plain_http_no_https_is_demanded() -> None:
    async with browsing("http://127.0.0.1:8000") as browser:
        assert "strict-transport-security" not in (await browser.get("/")).headers


async def test_a_forged_host_header_changes_nothing(browser: Browser) -> None:
    await browser.sign_in()
    for path in ("/", "/start", "/start/", "/static", f"/rollouts/{ID}/", "/sign-in"):
        answer = await browser.get(path, host="evil.example", x_forwarded_host="evil.example")
        assert "evil.example" not in f"{answer.headers} {answer.text}"
        assert answer.headers.get("location", "/").startswith(("/", "https://idp.example.se/"))


@pytest.mark.parametrize("declared", [True, False])
async def test_a_body_that_is_too_large_is_refused(signed_in: Browser, declared: bool) -> None:
    size = 1024 * 1024 + 1

    async def parts() -> AsyncIterator[bytes]:
        yield b"reason=" + b"x" * size

    content = b"reason=" + b"x" * size if declared else parts()
    kind = {**OWN_PAGE, "content-type": "application/x-www-form-urlencoded"}
    path = f"/rollouts/{ID}/actions/reject_decision"
    answer = await signed_in.request("POST", path, content=content, headers=kind)
    assert answer.status_code == 413
    assert "för stort" in answer.text
    assert signed_in.services.sent == []


async def test_too_many_fields_are_refused(signed_in: Browser) -> None:
    boundary = "\r\n".join(
        f'--b\r\ncontent-disposition: form-data; name="f{n}"\r\n\r\nx' for n in range(1001)
    )
    headers = {**OWN_PAGE, "content-type": "multipart/form-data; boundary=b"}
    path = f"/rounds/{ID}"
    body = f"{boundary}\r\n--b--\r\n".encode()
    answer = await signed_in.request("POST", path, content=body, headers=headers)
    assert answer.status_code == 400
    assert "Det här gjordes inte" in answer.text


def test_no_template_has_inline_script_or_style_or_another_sites_address() -> None:
    templates = Path(STATIC).parent / "templates"
    for path in templates.glob("*.html"):
        source = OWN_SCRIPT.sub("", path.read_text(encoding="utf-8"))
        for forbidden in ("<script", "<style", "style=", "javascript:", "http:", "https:", "|safe"):
            assert forbidden not in source, f"{path.name}: {forbidden}"
        assert re.search(r"<[^>]*\son[a-z]+=", source) is None, path.name


def test_no_script_makes_markup_or_code_of_a_text() -> None:
    """Trusted Types refuse it in browsers that know them."""
    forbidden = ("innerHTML", "outerHTML", "insertAdjacent", "document.write", "eval", "Function(")
    for path in STATIC.glob("*.js"):
        source = path.read_text(encoding="utf-8")
        assert [one for one in (*forbidden, "setTimeout", "import") if one in source] == []
