"""The notification service: a subscription of somebody else's, and a delivery to it."""

from integration.access.expectations import Ask, Asks
from integration.access.service import Service

_HERE = "http://127.0.0.1:9/events"


async def prepare(service: Service) -> Asks:
    """Nothing is sent: that needs the worker."""
    wanted = {"url": _HERE, "event_types": ["external.wave.*"]}
    made = await service.done("POST", "/v1/subscriptions", "subscriber", json=wanted)
    subscription_id = made["subscription_id"]
    one = f"/v1/subscriptions/{subscription_id}"
    sent = await service.done("POST", f"{one}/test", "subscriber")
    delivery = f"/v1/deliveries/{sent['delivery_id']}"
    shows = {subscription_id: "subscriptions.read"}
    return {
        "GET /v1/messages": Ask("/v1/messages"),
        "GET /v1/quarantine": Ask("/v1/quarantine"),
        "POST /v1/quarantine/lift": Ask(
            "/v1/quarantine/lift", {"already_sent_until": None}, refused_as="nothing-held"
        ),
        "GET /v1/load-cap": Ask("/v1/load-cap"),
        "GET /v1/event-types": Ask("/v1/event-types", makes_own=True),
        "POST /v1/subscriptions": Ask(
            "/v1/subscriptions", {**wanted, "url": f"{_HERE}/more"}, makes_own=True
        ),
        "GET /v1/subscriptions": Ask("/v1/subscriptions", listing=True, shows=shows),
        "GET /v1/subscriptions/{subscription_id}": Ask(one),
        "PATCH /v1/subscriptions/{subscription_id}": Ask(one, {"event_types": ["external.*"]}),
        "DELETE /v1/subscriptions/{subscription_id}": Ask(one),
        "POST /v1/subscriptions/{subscription_id}/rotate-secret": Ask(f"{one}/rotate-secret"),
        "POST /v1/subscriptions/{subscription_id}/enable": Ask(
            f"{one}/enable", refused_as="subscription-active"
        ),
        "POST /v1/subscriptions/{subscription_id}/test": Ask(f"{one}/test"),
        "GET /v1/deliveries": Ask("/v1/deliveries", listing=True, shows=shows),
        "GET /v1/deliveries/{delivery_id}": Ask(delivery),
        "POST /v1/deliveries/{delivery_id}/redeliver": Ask(
            f"{delivery}/redeliver", refused_as="delivery-pending"
        ),
    }
