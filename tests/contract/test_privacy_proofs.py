"""docs/privacy-proofs.md: its rows name tests that exist, and no promise is missing."""

import re
from pathlib import Path

import pytest

from assessment_service.domain.privacy_rule import PrivacyRule
from assessment_service.entrypoints.http.who_sees_what import who_sees_what
from notification_service.domain.reported_together import together

ROOT = Path(__file__).parents[2]
DOCUMENT = (ROOT / "docs" / "privacy-proofs.md").read_text(encoding="utf-8")
ROWS = dict(re.findall(r"^\| ([GP]\d+) \| (.*) \|$", DOCUMENT, re.MULTILINE))
PROMISES = dict(
    re.findall(r"^\| ([^|]+) \| ([^|]+) \|$", DOCUMENT.partition("## Promises")[2], re.M)
)
EXPECTED = {"G48", "G49", "G50", *(f"P{number}" for number in range(1, 21))}
MAILS = ROOT / "services/notification/src/notification_service/templates"
PORTAL = ROOT / "services/portal/src/portal_service/locale/sv/LC_MESSAGES/portal.po"
A_PROMISE = re.compile(
    r"only you|not stored|confidential|anonym|protects each person|destroyed|who answered", re.I
)


OTHERS = "the other units"


def sentences(text: str) -> list[str]:
    return re.split(r"(?<=\.)\s+", text.strip())


def test_every_claim_has_a_row() -> None:
    assert set(ROWS) == EXPECTED


@pytest.mark.parametrize("row", sorted(EXPECTED))
def test_the_tests_of_a_row_exist(row: str) -> None:
    tests = re.findall(r"`(tests/[^`]+)::(\w+)`", ROWS[row])
    assert tests
    for file, name in tests:
        assert f"def {name}(" in (ROOT / file).read_text(encoding="utf-8"), (file, name)


def in_mails() -> list[str]:
    found = []
    for mail in (*MAILS.glob("round_*.en.txt"), *MAILS.glob("follow_up_opened.en.txt")):
        found += sentences(mail.read_text(encoding="utf-8"))
    return [one for one in found if A_PROMISE.search(one)]


def in_the_portal() -> list[str]:
    entries = re.findall(r'^msgid ((?:".*"\n)+)', PORTAL.read_text(encoding="utf-8"), re.M)
    texts = ["".join(re.findall(r'"(.*)"', entry)) for entry in entries]
    return [text for text in texts if A_PROMISE.search(text)]


@pytest.mark.parametrize(
    "source",
    [
        lambda: sentences(who_sees_what(PrivacyRule(), False)["en"]),
        lambda: sentences(who_sees_what(PrivacyRule(), True)["en"]),
        lambda: sentences(who_sees_what(PrivacyRule(), False, [OTHERS])["en"]),
        lambda: [together({"others": OTHERS}, {}, "en")],
        in_mails,
        in_the_portal,
    ],
    ids=[
        "before answering",
        "before answering, with a custodian",
        "before answering in a report group",
        "invitation to a report group",
        "mails",
        "portal",
    ],
)
def test_every_promise_names_the_rows_that_prove_it(source) -> None:
    promises = source()
    assert promises
    for promise in promises:
        assert promise in PROMISES, promise
        assert set(re.findall(r"[GP]\d+", PROMISES[promise])) <= EXPECTED
        assert re.search(r"[GP]\d+", PROMISES[promise])
