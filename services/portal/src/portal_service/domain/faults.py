"""What services find wrong in what rollouts are made of, in words of the catalogues."""

import re
from collections.abc import Mapping, Sequence

from portal_service.domain.marking import N_
from portal_service.domain.organisation_faults import BY_HAND

OTHER = N_("This cannot be used as it is.")
_WORDED: Sequence[tuple[str, str]] = (
    (
        r"The heading .* is already read as (?P<column>\w+)\..*",
        N_("The heading is read as %(column)s already."),
    ),
    (r".* is the same value as .*", N_("A word of the file is there twice.")),
    (r".* is not one of: (?P<choices>.+)\.", N_("Use one of: %(choices)s")),
    (r"The text is missing.*|Add (?P<languages>.+)\.", N_("The text is missing.")),
    (r".*(?:text is blank|at least 1 character).*", N_("The text is missing.")),
    (r"A module needs at least one item\.", N_("A module needs at least one part.")),
    (
        r".* (?:is listed twice|is used twice|is used more than once|is listed more than once)\..*",
        N_("It is there twice. Remove or rename one."),
    ),
    (
        r"The text is not JSON\.",
        N_("The text is no JSON from here on: look for a comma or a bracket."),
    ),
    (r"The name appears twice\.", N_("It is there twice. Remove or rename one.")),
    (r"An item of kind \w+ needs a link\.", N_("A link (https) is needed.")),
    (r"A meeting kit needs at least one variant\.", N_("The kit needs at least one meeting.")),
    (r"Only a meeting kit has variants\.", N_("Only a meeting kit has meetings. Remove them.")),
    (r"A variant needs at least one step\.", N_("The meeting needs at least one step.")),
    (
        r"The steps take (?P<minutes>\d+) minutes; (?P<most>\d+) at most\.",
        N_("The steps take %(minutes)s minutes. %(most)s is the most."),
    ),
    (r"max must be greater .*", N_("A scale has 2 to 101 answers.")),
    (r"Give (?P<count>\d+) labels, .*", N_("%(count)s answers are needed.")),
    (
        r"Use 1 to (?P<most>\d+): no behaviour may have fewer items than that\.",
        N_("Use 1 to %(most)s: no behaviour may have fewer statements than that."),
    ),
    (r"Use one of: .*", N_("Choose one of the seven behaviours.")),
    (r"A round is open for a year at most\.|Must be a year at most\.", N_("A year is the most.")),
    (r"Must be five years at most\.", N_("Five years are the most.")),
    (
        r"Must be later than the checkpoint before it\.",
        N_("It has to be later than the one before it."),
    ),
    (
        r"Every criterion is a dry run, .*",
        N_("No criterion decides. Set dry_run to false for one."),
    ),
    (
        r"Must be a number from (?P<least>\d+) to 100: per cent\.",
        N_("Use a number from %(least)s to 100: per cent."),
    ),
    (
        r"Must not be above pass_at_least \((?P<most>.+?)\).*",
        N_("It may not be above pass_at_least (%(most)s)."),
    ),
    (
        r".* cannot decide: a few pilots .*",
        N_("This measure is shown only: a few pilots cannot prove an effect. Set true."),
    ),
    (
        r"No (?:instrument|module) .* is known here\..*",
        N_("It is not published here. Publish it before a unit needs it, or correct the name."),
    ),
    (
        r".* is not an ISO 8601 duration .*|must be longer than zero|.* is longer than 100 years\.",
        N_("Use a duration such as P14D (14 days), P6M (6 months) or PT30M (30 minutes)."),
    ),
    (
        r"A group has two units at least\.",
        N_(
            "A group has two units or more. Give another unit its number, or leave the field empty."
        ),
    ),
    (
        r".* does not take part in this rollout\.",
        N_("It does not take part in this rollout any more."),
    ),
    (
        r"The units have (?P<people>\d+) people together; (?P<least>\d+) are needed\.",
        N_("The group has %(people)s people together. At least %(least)s are needed."),
    ),
    (r"Unit .* is unknown\.", N_("There is no such unit.")),
    (
        r"Unit .* has no people, .*",
        N_("It has no people, has units below it, or is dissolved."),
    ),
    (
        r"Every unit is a pilot unit: .*",
        N_("Every unit is in the pilot: none is left for the wide introduction."),
    ),
    (
        r"These are \d+ units; a rollout has (?P<most>\d+) at most\..*",
        N_("There are too many: %(most)s is the most."),
    ),
    (r"Field required", N_("It is missing.")),
    (r"Extra inputs are not permitted", N_("There is no such name here. Remove it.")),
    (r"Input should be a valid (?:integer|number).*", N_("A number is needed.")),
    (r"Input should be a valid string", N_("A text in quotation marks is needed.")),
    (r"Input should be a valid boolean", N_("Use true or false.")),
    (r"Input should be a valid (?:list|tuple)", N_("A list in square brackets is needed.")),
    (
        r"Input should be a valid (?:dictionary|mapping).*|Input should be an object",
        N_("Names and values in braces are needed."),
    ),
    (r"Input should be greater than or equal to (?P<least>\S+)", N_("%(least)s is the least.")),
    (r"Input should be less than or equal to (?P<most>\S+)", N_("%(most)s is the most.")),
    (r"Input should be (?P<choices>'.+)", N_("Use one of: %(choices)s")),
    (
        r"(?:String|Value) should have at most (?P<most>\d+) (?:characters?|items after .*)",
        N_("It is too long: %(most)s characters are the most."),
    ),
    (
        r"(?:List|Tuple) should have at least (?P<least>\d+) items? .*",
        N_("At least %(least)s is needed."),
    ),
    (
        r"(?:List|Tuple) should have at most (?P<most>\d+) items? .*",
        N_("There are too many: %(most)s is the most."),
    ),
    (
        r"Expected: 1 to 63 of .*",
        N_("Use 1 to 63 of a-z, 0-9 and hyphens, beginning with a letter or digit."),
    ),
    (
        r".*which nobody can see.*",
        N_("There is a character in it that nobody can see. Write it anew."),
    ),
)
_KNOWN = tuple((re.compile(pattern, re.DOTALL), text) for pattern, text in (*_WORDED, *BY_HAND))


def worded(detail: str) -> tuple[str, Mapping[str, str]]:
    """The text for what a service says, and what is to be put in it."""
    for pattern, text in _KNOWN:
        if match := pattern.fullmatch(detail):
            return text, {
                name: (value or "").replace(" or ", ", ")
                for name, value in match.groupdict().items()
            }
    return OTHER, {}
