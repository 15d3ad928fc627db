"""The codes of what rollouts are made of in words."""

from collections.abc import Mapping

from portal_service.domain.marking import N_

MODULE_KINDS: Mapping[str, str] = {
    "text": N_("Text to read"),
    "meeting_kit": N_("Meeting kit"),
    "film": N_("Film"),
    "e_learning": N_("Course"),
    "news": N_("News"),
    "faq": N_("Question and answer"),
}
PLACES: Mapping[str, str] = {
    "items": N_("Part"),
    "variants": N_("Meeting"),
    "steps": N_("Step"),
    "labels": N_("Answer"),
    "title": N_("Title"),
    "summary": N_("What it is for"),
    "body": N_("Text"),
    "text": N_("Text"),
    "kind": N_("Kind"),
    "url": N_("Link (https)"),
    "item_id": N_("Id: a-z, 0-9 and hyphens"),
    "module_id": N_("Address: a-z, 0-9 and hyphens"),
    "instrument_id": N_("Address: a-z, 0-9 and hyphens"),
    "minutes": N_("Minutes"),
    "variant": N_("Length"),
    "phase": N_("Step of the journey"),
    "length_minutes": N_("Minutes that one person needs"),
    "behaviours": N_("Behaviours"),
    "behaviour": N_("Behaviour"),
    "scale": N_("Scale"),
    "min": N_("Number of the first answer"),
    "max": N_("Number of the last answer"),
    "not_applicable": N_("It may also be answered that it does not apply"),
    "missing_rule": N_("Rule for what is not answered"),
    "min_answered": N_("Statements of a behaviour to answer at least"),
    "source": N_("Source"),
    "licence_note": N_("Licence"),
    "languages": N_("Languages"),
    "version": N_("Version"),
    "columns": N_("Heading in the file"),
    "values": N_("Other words in the file"),
    "defaults": N_("Our word in every row, if the file does not have the column"),
    "sv": N_("in Swedish"),
    "en": N_("in English"),
}
ITEM_STATUSES: Mapping[str, str] = {
    "not_started": N_("Not begun"),
    "started": N_("Begun"),
    "done": N_("Done"),
    "waived": N_("Left out"),
}
ROLLOUT_FIELDS: Mapping[str, str] = {
    "name": N_("Name"),
    "template": N_("Template"),
    "pilots": N_("Units of the pilot: an id on each line"),
    "units": N_("All units: an id on each line"),
}
MEASURES: Mapping[str, str] = {
    "participation": N_("Took part in the self-assessment"),
    "meetings_held": N_("Units that held a meeting"),
    "actions_chosen": N_("Units that chose an action"),
    "actions_checked_back": N_("Units that checked back on their action"),
    "modules_completed": N_("Units that completed their modules"),
    "change_since_baseline": N_("Change since the first self-assessment"),
}
ORDERS: Mapping[str, str] = {
    "headcount": N_("largest units first"),
    "unit_id": N_("by the units' ids"),
}
IMPORT_STEPS: Mapping[str, str] = {
    "reading": N_("The file is being read."),
    "comparing": N_("The file is being compared with what is stored."),
    "storing": N_("The persons are being stored."),
    "done": N_("The file is imported"),
    "refused": N_("The file was refused. Nothing was changed."),
}
