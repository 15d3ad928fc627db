"""The mail catcher: what it shows of a mail, and that it still knows it after a restart."""

from email.message import EmailMessage
from pathlib import Path

import httpx

from devstack.mailbox import Mailbox, create_app, parse


def mail(encoding: str) -> bytes:
    message = EmailMessage()
    message["Subject"] = "Självskattning för Ängsö är öppen"
    message["To"] = "Åsa Exempelperson <a@example.se>, b@example.se"
    message.set_content("Hej, Åsa\n", cte=encoding)
    message.add_alternative("<p>Hej, Åsa</p>\n", subtype="html", cte=encoding)
    return message.as_bytes()


async def test_words_bodies_and_recipients_are_shown_decoded(tmp_path: Path) -> None:
    mailbox = Mailbox(tmp_path / "messages.jsonl")
    recipients = ["a@example.se", "b@example.se"]
    for encoding in ("8bit", "base64", "quoted-printable"):
        mailbox.add(parse("um@example.se", recipients, mail(encoding)))

    transport = httpx.ASGITransport(create_app(mailbox))
    async with httpx.AsyncClient(transport=transport, base_url="http://mailbox") as client:
        listed = (await client.get("/messages?recipient=B@example.se")).json()
        whole = [(await client.get(f"/messages/{item['id']}")).json() for item in listed["items"]]
    assert listed["total"] == 3
    for item, shown in zip(listed["items"], whole, strict=True):
        assert item["recipients"] == recipients
        assert item["subject"] == item["headers"]["Subject"] == "Självskattning för Ängsö är öppen"
        assert item["headers"]["To"] == "Åsa Exempelperson <a@example.se>, b@example.se"
        assert (item["text"], item["html"]) == ("Hej, Åsa\n", "<p>Hej, Åsa</p>\n")
        assert shown.pop("raw").startswith("Subject: =?utf-8?")
        assert shown == item

    assert Mailbox(tmp_path / "messages.jsonl").find(None) == mailbox.find(None)
