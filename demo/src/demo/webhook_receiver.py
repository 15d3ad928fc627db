"""A subscribed system's web server: takes a webhook only if its signature is right.

Signatures are checked by the `standardwebhooks` library. What was received is appended to a file,
one JSON line per request, before it is answered.
"""

import argparse
import json
import os
import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

from standardwebhooks import Webhook, WebhookVerificationError

_LARGEST_BODY = 1 << 20


def verdict(secret: str, headers: dict[str, str], body: bytes) -> str:
    """Empty when the request is genuine, else what is wrong with it."""
    try:
        Webhook(secret).verify(body, headers)
    except (WebhookVerificationError, ValueError) as error:
        return f"{type(error).__name__}: {error}"
    return ""


class Receiver(BaseHTTPRequestHandler):
    """Answers 204 to a genuine webhook, 401 to any other, 503 before the secret is there."""

    protocol_version = "HTTP/1.1"
    timeout = 30
    secret_file: Path
    out: Path
    lock = threading.Lock()

    def do_POST(self) -> None:
        size = int(self.headers.get("content-length") or 0)
        if size > _LARGEST_BODY:
            self._answer(413)
            return
        body = self.rfile.read(size)
        if not self.secret_file.exists():
            self._answer(503)
            return
        headers = {name.lower(): value for name, value in self.headers.items()}
        wrong = verdict(self.secret_file.read_text(encoding="utf-8"), headers, body)
        self._note(headers.get("webhook-id"), wrong, body)
        self._answer(401 if wrong else 204)

    def _note(self, webhook_id: str | None, wrong: str, body: bytes) -> None:
        content: Any = None
        if not wrong:
            content = json.loads(body)
        entry = {"webhook_id": webhook_id, "verified": not wrong, "wrong": wrong, "body": content}
        with self.lock, self.out.open("a", encoding="utf-8") as file:
            file.write(json.dumps(entry) + "\n")

    def _answer(self, status: int) -> None:
        self.send_response(status)
        self.send_header("content-length", "0")
        self.end_headers()

    def log_message(self, format: str, *arguments: Any) -> None:
        return None


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--secret-file", type=Path, required=True, help="whsec_... is read here")
    parser.add_argument("--out", type=Path, required=True, help="requests are appended here")
    arguments = parser.parse_args()
    Receiver.secret_file, Receiver.out = arguments.secret_file, arguments.out
    server = ThreadingHTTPServer(("127.0.0.1", 0), Receiver)
    server.daemon_threads = True
    print(f"listening on {server.server_port}", flush=True)
    try:
        server.serve_forever()
    except KeyboardInterrupt:
        os._exit(0)


if __name__ == "__main__":
    main()
