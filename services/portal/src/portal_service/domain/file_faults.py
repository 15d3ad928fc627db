"""What is wrong in a file, or is not done of it: the services' codes in words.

The values are those that the services give with a code.
"""

from collections.abc import Mapping

from portal_service.domain.marking import N_

OTHER = N_("It cannot be read as it is.")
HEADING = N_("In the file, the column is %(heading)s.")
FILE_FAULTS: Mapping[str, str] = {
    "address-form": N_("This is no mail address such as name@organisation.se."),
    "address-letters": N_("A mail address has no letters outside a-z."),
    "address-too-long": N_("The mail address is too long."),
    "cell-error": N_("The cell has the error %(error)s."),
    "cell-of-other-kind": N_("The cell has a value of a kind that is not read."),
    "cell-too-long": N_("The cell has more than %(most)s characters."),
    "cell-without-heading": N_("Cell %(cell)s has a value, but its column has no heading."),
    "cells-merged": N_("The cells %(cells)s are merged. Unmerge them and fill each."),
    "character-unseen": N_(
        "Character %(position)s (%(code_point)s) cannot be seen. Remove it, or write the value"
        " anew."
    ),
    "charset-not-read": N_(
        'The charset %(charset)s is not read. Save the file as "CSV UTF-8" and choose it again.'
    ),
    "charset-wrong": N_(
        "The file is not %(charset)s: character %(position)s (%(looks)s) cannot be read. Save it as"
        ' "CSV UTF-8" and choose it again.'
    ),
    "column-missing": N_("The column is missing. The header needs: %(needed)s"),
    "column-missing-separator": N_(
        "The column is missing; the columns were taken to be separated by %(separator)s. The header"
        " needs: %(needed)s"
    ),
    "column-twice": N_("The header has the column twice. Remove one."),
    "columns-too-many": N_("A sheet with more than %(most)s columns is not read."),
    "csv-without-sheets": N_("A CSV file has no sheets."),
    "day-form": N_("Write the day as YYYY-MM-DD."),
    "dissolved-left-out": N_(
        "%(count)s rows of units that were dissolved were left out: %(units)s"
    ),
    "file-empty": N_("The file is empty. Its header is %(header)s"),
    "formula-without-value": N_(
        "The cell has a formula without a value. Open the file in Excel and save it again."
    ),
    "header-missing": N_("The file has a line sep=, but no header."),
    "headcount-needed": N_("A unit whose journey is under way needs at least 1 person."),
    "headcount-negative": N_(
        "%(headcount)s people is not possible. Write the number of people, such as 12."
    ),
    "headcount-no-number": N_("%(headcount)s is no whole number of people, such as 12."),
    "headcount-too-large": N_("%(headcount)s is more than %(most)s. Check the number."),
    "hsa-id-form": N_(
        "A HSA id is SE, the ten digits of the organisation's number, a hyphen and at most 18"
        " letters or digits, such as SE2321000016-1ABC."
    ),
    "id-became-date": N_(
        "Excel made a date or a time of the id. Format the column as text and write the id anew."
    ),
    "id-is-number": N_(
        "The cell is a number: leading zeros would be lost. Format the column as text and write the"
        " id anew."
    ),
    "id-null-word": N_("%(word)s means that there is no value. Give the id, or leave the row out."),
    "ids-become-same": N_(
        "%(id)s and %(other)s on line %(line)s become the same id. Write it in one way everywhere,"
        " or give both in how the file is read."
    ),
    "language-unknown": N_("Use one of: %(choices)s"),
    "last-day-before-first": N_("The last day is before the first, %(first)s."),
    "last-day-missing": N_("A deputy stands in until a day: give the last one."),
    "lines-too-many": N_("The file has %(count)s lines; %(most)s are the most. Split it."),
    "managers-elsewhere": N_(
        "The column manager_id is not read: import who manages a unit with the persons, in the role"
        " manager."
    ),
    "more-not-listed": N_("%(count)s more are not listed."),
    "name-control-character": N_("The name has a line break or a character that cannot be seen."),
    "name-length": N_("A name has 1 to 200 characters."),
    "nul-character": N_('This is no text file. Save the file as "CSV UTF-8" and choose it again.'),
    "null-word": N_("%(word)s means that there is no value. Leave the cell empty."),
    "parent-dissolved": N_(
        "Unit %(unit)s was dissolved. Name the unit that this one is below now."
    ),
    "parent-under-way": N_(
        "Unit %(unit)s has a journey under way, so no unit can be put below it. Wait until the"
        " journey has ended, or stop the unit first."
    ),
    "parent-unknown": N_(
        "Unit %(unit)s is neither in the file nor known. Add it to the file, correct the id, or"
        " leave the cell empty for a unit at the top."
    ),
    "parents-in-ring": N_(
        "These %(count)s units are above themselves: %(ring)s. Correct one of their parent_id."
    ),
    "person-id-form": N_("An id has 1 to 63 of a-z, A-Z, digits, '.', '_' and '-'."),
    "phone-form": N_(
        "Write the whole number: 070-123 45 67, or with the country's code, +46 70 123 45 67."
    ),
    "quote-open": N_(
        "A double quote opens a value here that does not end on this line. A value in double quotes"
        " ends with one and holds them doubled."
    ),
    "role-unknown": N_("Use one of: %(choices)s"),
    "row-repeated": N_("The row repeats line %(line)s. Remove one."),
    "row-unreadable": N_(
        "The row cannot be read. A value in double quotes ends with one and holds them doubled."
    ),
    "rows-missing": N_("The file has a header but no rows."),
    "rows-too-many": N_("The sheet has more than %(most)s rows. Split it."),
    "sheet-empty": N_("The sheet is empty. Its header is %(header)s"),
    "sheet-unknown": N_("There is no such sheet. Sheets that are not hidden: %(names)s"),
    "sheet-without-rows": N_("The sheet has a header but no rows."),
    "unit-given": N_("The role %(role)s is for all units: leave the cell empty."),
    "unit-id-form": N_("A unit's id has 1 to 63 of a-z, 0-9 and '-'."),
    "unit-id-missing": N_("Every unit needs an id."),
    "unit-id-wrong": N_(
        "%(unit)s is no unit's id: use 1 to 63 of a-z, 0-9 and '-', beginning with a letter or"
        " digit."
    ),
    "unit-kind-unknown": N_("%(kind)s is none of: %(choices)s"),
    "unit-name-missing": N_("Every unit needs a name."),
    "unit-name-too-long": N_("%(count)s characters are too many: %(most)s are the most."),
    "unit-twice": N_("Unit %(unit)s is on line %(line)s already. Keep one of the two."),
    "utf-16": N_('The file is UTF-16. Save it as "CSV UTF-8" and choose it again.'),
    "value-differs": N_("It is another value than in an earlier row of the same person."),
    "values-missing": N_(
        "The row has %(count)s values, and the header %(columns)s columns. Write a %(delimiter)s"
        " for each empty value too."
    ),
    "values-too-many": N_(
        "The row has %(count)s values, and the header %(columns)s columns. Put values that hold a"
        " %(delimiter)s in double quotes."
    ),
    "workbook-as-csv": N_("This is an Excel workbook that was sent as a CSV file."),
    "workbook-controls": N_(
        'The workbook has controls. Save it as "Excel Workbook (.xlsx)", without them.'
    ),
    "workbook-damaged": N_("The workbook is damaged, or Excel did not save it. Save it anew."),
    "workbook-document-type": N_("The workbook has something in it that no spreadsheet has."),
    "workbook-embedded": N_(
        'The workbook has embedded files. Save it as "Excel Workbook (.xlsx)", without them.'
    ),
    "workbook-macros": N_(
        'The workbook has macros. Save it as "Excel Workbook (.xlsx)", without them.'
    ),
    "workbook-old": N_(
        'This is an Excel file of the old kind (.xls). Save it as "Excel Workbook (.xlsx)".'
    ),
    "workbook-password": N_(
        "The workbook is protected by a password. Remove it and choose the file again."
    ),
    "workbook-too-large": N_(
        "Unpacked, the workbook is larger than %(megabytes)s MB. Copy the table into a new"
        " workbook, or split it."
    ),
    "workbook-unreadable": N_("This is no Excel workbook, or it is damaged."),
    "zip-encrypted": N_("The file is an encrypted zip. Choose the workbook itself."),
    "zip-no-workbook": N_(
        'This zip is no Excel workbook. Save the workbook as "Excel Workbook (.xlsx)".'
    ),
}


def text_of(code: str, given: Mapping[str, str]) -> str:
    """The text for a code; the general one if it is not known, or a value for it is missing."""
    text = FILE_FAULTS.get(code, OTHER)
    try:
        text % given
    except KeyError:
        return OTHER
    return text
