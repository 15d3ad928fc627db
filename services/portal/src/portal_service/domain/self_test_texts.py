"""The self-test of published results, in words."""

from collections.abc import Mapping

from portal_service.domain.marking import N_

SELF_TESTS: Mapping[str, str] = {
    "nothing_found": N_("Nothing was found"),
    "found": N_("Something was found"),
    "not_finished": N_("The test was not completed"),
    "not_yet": N_("No test has been made yet"),
}
SELF_TEST_TONES: Mapping[str, str] = {
    "nothing_found": "success",
    "found": "danger",
    "not_finished": "warning",
    "not_yet": "info",
}
CHECKED: Mapping[str, str] = {
    "groups": N_("results"),
    "numbers": N_("rounds"),
    "extremes": N_("values"),
}
