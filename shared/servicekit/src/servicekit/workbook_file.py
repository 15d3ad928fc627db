"""What a file that claims to be an Excel workbook (.xlsx) is, before anything in it is parsed.

An .xlsx is a zip of XML parts (ISO/IEC 29500-2). zipfile gives no more of a part than the zip
declares, so that the declared sizes bound what a zip bomb can become.
"""

import io
import re
from zipfile import BadZipFile, ZipFile

from servicekit.fault_text import FaultText
from servicekit.file_table import Unreadable

MEDIA_TYPE = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
FILE_TYPES = ("text/csv", MEDIA_TYPE)
"""The files that a service imports."""
MAX_UNPACKED_BYTES = 128 * 1024 * 1024
"""A sheet of 100,000 rows and 20 columns has about 100 MB of XML."""
_MAX_PARTS = 1_000
_ZIP = b"PK\x03\x04"
_COMPOUND = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"  # MS-CFB: .xls, and workbooks with a password
_ENCRYPTED = "EncryptedPackage".encode("utf-16-le")  # MS-OFFCRYPTO 2.3.4.4
_SAVE_AS = 'Save it as "Excel Workbook (.xlsx)"'
_MACROS = FaultText("workbook-macros", f"The workbook has macros. {_SAVE_AS}, without them.")
_CONTROLS = FaultText("workbook-controls", f"The workbook has controls. {_SAVE_AS}, without them.")
_EMBEDDED = FaultText(
    "workbook-embedded", f"The workbook has embedded files. {_SAVE_AS}, without them."
)
_UNWANTED = (
    ("vbaproject", _MACROS),
    ("xl/macrosheets/", _MACROS),
    ("xl/activex/", _CONTROLS),
    ("xl/embeddings/", _EMBEDDED),
)
_CHUNK = 1024 * 1024
_MERGED = re.compile(
    rb'<(?:\w+:)?mergeCell\s[^>]*?ref="([A-Z]{1,3}[0-9]{1,7}:[A-Z]{1,3}[0-9]{1,7})"'
)


def is_workbook(content: bytes) -> bool:
    """Whether it is none of our text files, but a workbook of some kind or another zip."""
    return content.startswith((_ZIP, _COMPOUND))


def opened(content: bytes) -> ZipFile:
    """The workbook's parts. Raises Unreadable if it is none, or one that is not read."""
    if content.startswith(_COMPOUND):
        if _ENCRYPTED in content:
            text = "The workbook is protected by a password. Remove it and send the file again."
            raise Unreadable(1, FaultText("workbook-password", text))
        text = f"This is an Excel file of the old kind (.xls). {_SAVE_AS}."
        raise Unreadable(1, FaultText("workbook-old", text))
    try:
        archive = ZipFile(io.BytesIO(content))
    except (BadZipFile, ValueError, OSError) as error:
        text = "This is not an Excel workbook, or it is damaged."
        raise Unreadable(1, FaultText("workbook-unreadable", text)) from error
    _refuse_unwanted(archive)
    return archive


def merged_ranges(archive: ZipFile, part: str) -> list[str]:
    """The merged cells of a sheet, such as `A2:A5`."""
    found: list[str] = []
    before = b""
    with archive.open(part) as xml:
        while chunk := xml.read(_CHUNK):
            seen = before + chunk
            found += [match.decode() for match in _MERGED.findall(seen)]
            before = seen[seen.rfind(b"<") :][-_CHUNK:]
    return found


def _refuse_unwanted(archive: ZipFile) -> None:
    parts = archive.infolist()
    if len(parts) > _MAX_PARTS or sum(part.file_size for part in parts) > MAX_UNPACKED_BYTES:
        detail = FaultText(
            "workbook-too-large",
            "Unpacked, the workbook is larger than {megabytes} MB, or has more than {parts} parts."
            " Copy the table into a new workbook, or split it.",
            megabytes=MAX_UNPACKED_BYTES // 1024 // 1024,
            parts=_MAX_PARTS,
        )
        raise Unreadable(1, detail)
    names = [part.filename.lower() for part in parts]
    for fragment, detail in _UNWANTED:
        if any(fragment in name for name in names):
            raise Unreadable(1, detail)
    if "xl/workbook.xml" not in names:
        text = f"This zip is not an Excel workbook (.xlsx). {_SAVE_AS}."
        raise Unreadable(1, FaultText("zip-no-workbook", text))
    if any(part.flag_bits & 1 for part in parts):
        text = "The file is an encrypted zip. Send the workbook itself."
        raise Unreadable(1, FaultText("zip-encrypted", text))
    for part in parts:
        if part.filename.lower().endswith((".xml", ".rels")):
            _refuse_dtd(archive, part.filename)


def _refuse_dtd(archive: ZipFile, part: str) -> None:
    """Entities of a DTD could grow without end. It stands before the root element, so that the
    first bytes are enough."""
    with archive.open(part) as xml:
        head = xml.read(_CHUNK)
    if b"<!DOCTYPE" in head or b"<\x00!\x00D\x00O\x00C\x00T" in head:
        text = "The workbook declares a document type, which no spreadsheet does."
        raise Unreadable(1, FaultText("workbook-document-type", text))
