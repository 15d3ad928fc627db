"""The codes of persons, rounds and changes of units in words."""

from collections.abc import Mapping

from portal_service.domain.marking import N_

ACT_FIELDS: Mapping[str, str] = {
    "share": N_("The share, as the command printed it"),
    "person_id": N_("The person's id"),
    "person_id_again": N_("The same id once more, to be sure"),
    "name": N_("Name"),
    "email": N_("Mail address"),
    "language": N_("Language of mails"),
    "phone": N_("Phone number"),
    "hsa_id": N_("HSA id"),
    "role": N_("Role"),
    "unit_id": N_("Unit: its id"),
    "valid_from": N_("First day"),
    "valid_to": N_("Last day"),
    "last_day": N_("Last day"),
    "closes_at": N_("Open until (Swedish time)"),
    "item": N_("Part"),
    "parent_id": N_("The unit above it: its id"),
    "unit_ids": N_("The units that end: an id on each line"),
    "into": N_("The unit that they end in: its id"),
    "new_name": N_("Its name, if it is new"),
    "new_units": N_("New units, one on each line: id, name, how many people"),
    "effective_on": N_("First day of the change"),
    "reason": N_("Why? The audit trail keeps it."),
    "reason_without_names": N_("Why? Name nobody."),
}
LANGUAGE_NAMES: Mapping[str, str] = {"sv": N_("Swedish"), "en": N_("English")}
ROUND_STATUSES: Mapping[str, str] = {
    "open": N_("Open"),
    "closed": N_("Closed"),
    "anonymised": N_("Closed, answers deleted"),
}
SOURCES: Mapping[str, str] = {
    "import": N_("from a file"),
    "scim": N_("from another system"),
    "hand": N_("by hand"),
    "delegation": N_("by standing in"),
}
UNIT_CHANGES: Mapping[str, str] = {
    "rename": N_("Rename a unit"),
    "move": N_("Move a unit"),
    "merge": N_("Merge units"),
    "split": N_("Split a unit"),
    "dissolve": N_("Dissolve a unit"),
}
UNIT_CHANGE_STATUSES: Mapping[str, str] = {
    "planned": N_("Planned"),
    "applied": N_("Carried out"),
    "refused": N_("Not possible on its day"),
    "cancelled": N_("Cancelled"),
}
