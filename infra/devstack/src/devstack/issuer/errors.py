"""What the issuer answers when it refuses."""


class OAuthError(Exception):
    """An error answer of RFC 6749, section 5.2."""

    def __init__(self, code: str, description: str, status: int = 400) -> None:
        super().__init__(description)
        self.code, self.status = code, status


class UsedAgain(OAuthError):
    """A code or refresh token came a second time, so somebody has stolen it: `sid` has ended."""

    def __init__(self, what: str, sid: str) -> None:
        super().__init__("invalid_grant", f"the {what} was used before; its session has ended")
        self.sid = sid
