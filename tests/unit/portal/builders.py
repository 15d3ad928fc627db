"""Sessions for tests."""

from datetime import UTC, datetime, timedelta

from portal_service.domain.session import PlatformToken, ProviderTokens, Session, SignIn

LONG_AGO = datetime(2020, 1, 1, tzinfo=UTC)


def provider_tokens(
    expires_at: datetime, refresh_token: str | None = "refresh-1"
) -> ProviderTokens:
    return ProviderTokens(
        "provider-token", expires_at, refresh_token, "id-token", subject="subject-1"
    )


def session(
    at: datetime, provider_session: str | None = "sid-1", name: str = "Sample Person"
) -> Session:
    """One that began at `at`, and whose tokens hold an hour from then."""
    later = at + timedelta(hours=1)
    platform = PlatformToken("platform-token", later)
    return Session(name, provider_session, provider_tokens(later), platform, at, at)


def sign_in(return_to: str = "/start") -> SignIn:
    return SignIn("state", "nonce", "verifier", return_to)
