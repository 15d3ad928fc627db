"""Phone numbers and HSA ids as people write them. The numbers are among those that the Swedish
numbering plan keeps for fiction."""

import pytest

from people_service.domain.hsa_id import hsa_id_fault, hsa_id_of
from people_service.domain.phone import e164, phone_fault


@pytest.mark.parametrize(
    "written",
    [
        "0701740605",
        "070-174 06 05",
        "070 - 174 06 05",
        "(070) 174.06.05",
        "070/1740605",
        "+46701740605",
        "+46 (0)70-174 06 05",
        "0046 70 174 06 05",
        "0046(0)701740605",
        "tel:+46-70-174-06-05",
        "070\u00a0174\u00a006\u00a005",
        "070\u2011174 06 05",
    ],
)
def test_a_number_is_the_same_however_it_is_written(written: str) -> None:
    assert e164(written) == "+46701740605"
    assert phone_fault(written) is None


@pytest.mark.parametrize(
    ("written", "stored"),
    [
        ("08-465 004 00", "+46846500400"),
        ("+47 22 00 00 00", "+4722000000"),
        ("00358 9 000 0000", "+35890000000"),
    ],
)
def test_numbers_of_a_town_and_of_other_countries(written: str, stored: str) -> None:
    assert e164(written) == stored


@pytest.mark.parametrize(
    "written",
    [
        "",
        "-",
        "174 06 05",
        "701740605",
        "+460701740605",
        "070-174 06 05 ankn. 12",
        "070-174 06 05, 070-174 06 06",
        "0701740605123",
        "+1234567890123456",
        "+0701740605",
        "070+1740605",
        "\u0660\u0667\u0660\u0661\u0667\u0664\u0660\u0666\u0660\u0665",
        "070-174 06 05\r\nBcc: x",
        "saknas",
    ],
)
def test_what_is_no_number_is_none(written: str) -> None:
    assert e164(written) is None
    assert phone_fault(written)


def test_a_hsa_id_is_of_upper_case_letters() -> None:
    assert hsa_id_of(" se2321000016-1abc ") == "SE2321000016-1ABC"
    assert hsa_id_of("SE2321000131-P00000000000000001") == "SE2321000131-P00000000000000001"


@pytest.mark.parametrize(
    "written",
    [
        "",
        "2321000016-1ABC",
        "SE232100001-1ABC",
        "SE2321000016",
        "SE2321000016-",
        "SE2321000016-1ÅÄÖ",
        "SE2321000016-1 ABC",
        "SE232100-0016-1ABC",
        "SE2321000016-" + "A" * 19,
        "SE2321000016-1ABC\nx",
        "SE\u0662321000016-1ABC",
        "SE2321000016-ﬁ",
        "199001012384",
    ],
)
def test_what_is_no_hsa_id_is_none(written: str) -> None:
    assert hsa_id_of(written) is None
    assert hsa_id_fault(written)
