"""How processes and servers are, in words."""

from collections.abc import Mapping

from portal_service.domain.marking import N_

HEALTH: Mapping[str, str] = {
    "works": N_("Works"),
    "limited": N_("Works in part"),
    "away": N_("Away"),
    "unknown": N_("Not known"),
}
HEALTH_TONES: Mapping[str, str] = {
    "works": "success",
    "limited": "warning",
    "away": "danger",
    "unknown": "neutral",
}
FINDINGS: Mapping[str, str] = {
    "service_away": N_("This service does not answer:"),
    "process_away": N_("This process was not stopped and is not seen any more:"),
    "server_away": N_("This server does not answer:"),
    "no_process": N_("No process runs as:"),
    "held_up": N_("This topic does not take its events:"),
    "unread": N_("Nobody reads events for this group:"),
    "behind": N_("This group is behind:"),
    "dead_letters": N_("Dead letters wait in this group:"),
    "outbox": N_("Events have waited for long to be published by:"),
    "mails": N_("Mails have waited for long in:"),
    "webhooks": N_("Webhooks have waited for long in:"),
    "quarantine": N_("Mails and webhooks are held until an operator lets them go in:"),
    "rounds_overdue": N_("Rounds are open after their closing time in:"),
    "self_test_findings": N_("More follows from published results than was promised, in:"),
    "releases_unchecked": N_("The self-test has not been completed for a long time in:"),
    "stuck_journeys": N_("Units cannot go on, because another service refuses their step, in:"),
}
BACKLOGS: Mapping[str, str] = {
    "mails": N_("Mails"),
    "webhooks": N_("Webhooks"),
    "quarantine": N_("Held after a restore"),
    "rounds_held": N_("Rounds that a pause holds open"),
    "rounds_overdue": N_("Rounds open after their closing time"),
    "self_test_findings": N_("Findings of the self-test"),
    "releases_unchecked": N_("Releases that the self-test has not completed"),
    "stuck_journeys": N_("Units that cannot go on"),
    "waiting_waves": N_("Waves whose planned start has passed"),
}
LIMITS: Mapping[str, str] = {
    "person": N_("Requests of one person"),
    "service": N_("Requests of one of the platform's services"),
    "address": N_("Requests of one address that is not signed in"),
    "connections": N_("Connections at a time"),
    "slow": N_("Connections that are too slow"),
    "trailers": N_("Connections with too much beside their content"),
}
"""Of the metric `requests_refused_total`."""
