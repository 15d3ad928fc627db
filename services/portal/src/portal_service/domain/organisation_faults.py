"""What services find wrong in what administrators enter by hand, in words of the catalogues."""

from collections.abc import Sequence

from portal_service.domain.marking import N_

BY_HAND: Sequence[tuple[str, str]] = (
    (
        r"a share is 32 bytes in base64",
        N_("This is no share: it has 44 letters, digits and signs, and ends in =."),
    ),
    (r"There is no unit .*\.", N_("There is no such unit.")),
    (r"Unit .* was dissolved on .*\.", N_("The unit does not exist any more.")),
    (
        r"Unit .* has units below it \((?P<units>.+)\)\. .*",
        N_("It has units below it: %(units)s. Move or end them first."),
    ),
    (
        r"Unit .* has a journey under way, .*",
        N_("Its journey is under way, so no unit can be put below it."),
    ),
    (r"Unit .* is .* itself or below it\.", N_("It is the unit itself, or below it.")),
    (r"There is a unit .* already\.", N_("There is a unit with this id already.")),
    (
        r"Name each unit once, .*",
        N_("Name each unit once, and not the one that they end in."),
    ),
    (
        r".* is not possible: choose a day from (?P<first>.+) to (?P<last>.+)\.",
        N_("Choose a day from %(first)s to %(last)s."),
    ),
    (
        r"The unit .* ends: (?P<day>\S+) is without it\..*",
        N_("The unit ends: from %(day)s on it does not exist any more."),
    ),
    (
        r"The last day has passed\.|Today at the earliest\..*",
        N_("The last day is today at the earliest."),
    ),
    (r"The last day is before the first, .*", N_("The last day is before the first.")),
    (r"The role .* is for all units: .*", N_("The role is for the whole region: leave it empty.")),
    (r"A unit id has .*", N_("A unit's id is needed: a-z, 0-9 and hyphens.")),
    (
        r"An id has 1 to 63 letters .*|String should match pattern .*",
        N_("This is no id that can be used: look for a mistake in writing."),
    ),
    (r"The name contains a control character .*", N_("The name is on one line.")),
    (r"The address is too long\.", N_("The mail address is too long.")),
    (
        r"Letters outside a-z are not supported in an address\.",
        N_("A mail address has no letters outside a-z."),
    ),
    (
        r"This is not a mail address .*",
        N_("This is no mail address such as name@organisation.se."),
    ),
    (
        r"Write the whole number: .*",
        N_("Write the whole number: 070-123 45 67, or with the country's code, +46 70 123 45 67."),
    ),
    (
        r"A HSA id is SE, .*",
        N_(
            "A HSA id is SE, the ten digits of the organisation's number, a hyphen and at most 18"
            " letters or digits, such as SE2321000016-1ABC."
        ),
    ),
    (r".* has this HSA id\.", N_("Somebody else has this HSA id.")),
)
"""Each a pattern of the detail and its text."""
