"""The codes of webhooks and their deliveries in words."""

from collections.abc import Mapping

from portal_service.domain.marking import N_

SUBSCRIPTION_STATUSES: Mapping[str, str] = {
    "active": N_("Active"),
    "disabled": N_("Disabled"),
}
DISABLED_REASONS: Mapping[str, str] = {
    "gone": N_("The receiver answered that it wants no more deliveries."),
    "retries-exhausted": N_("A delivery was given up while no other succeeded."),
}
DELIVERY_STATUSES: Mapping[str, str] = {
    "pending": N_("Waits to be sent"),
    "sent": N_("Accepted"),
    "failed": N_("Given up"),
}
DELIVERY_REASONS: Mapping[str, str] = {
    "": N_("Accepted"),
    "address-refused": N_("The host has an address that webhooks may not use."),
    "connection-failed": N_("No connection, or the certificate is not valid for the host."),
    "gone": N_("The receiver answered that it wants no more deliveries."),
    "host-unknown": N_("The name servers do not know the host."),
    "http-error": N_("The receiver answered with an error."),
    "internal-error": N_("A fault in this service. It tries again."),
    "not-http": N_("The receiver did not answer as a web server does."),
    "redirect-not-followed": N_("The receiver answered with a redirect, which is not followed."),
    "retries-exhausted": N_("Every attempt failed."),
    "signing-key-missing": N_("The signing key of the secret is not configured."),
    "timeout": N_("The receiver did not answer in time."),
    "timestamp-refused-check-clocks": N_(
        "The receiver refused the time of the request: a clock is probably wrong."
    ),
}
