"""The examples of the project's domain brief, each with the rule it is there for."""

import pytest

from workstation.core.markings import (
    BannerBelowPortions,
    Kind,
    MarkingInvalid,
    Vocabulary,
    check,
    parse,
    require_rolls_up,
)

VALID = (
    "UNCLASSIFIED",
    "CUI",
    "CONFIDENTIAL",
    "SECRET",
    "TOP SECRET",
    "CONFIDENTIAL//NOFORN",
    "SECRET//NOFORN",
    "SECRET//REL TO USA, GBR",
    "SECRET//REL TO USA, FVEY",
    "SECRET//REL TO USA, AUS, CAN, GBR, NZL",
    "SECRET//REL TO USA, DEU, NATO",
    "SECRET//RELIDO",
    "SECRET//ORCON/NOFORN",
    "SECRET//NOFORN/PROPIN",
    "SECRET//NOFORN/FISA",
    "SECRET//SI//NOFORN",
    "TOP SECRET//SI//NOFORN",
    "TOP SECRET//SI//REL TO USA, FVEY",
    "TOP SECRET//SI/TK//NOFORN",
    "TOP SECRET//SI-G//ORCON/NOFORN",
    "SECRET//TK//RELIDO",
    "SECRET//TK//FGI//NOFORN",
    "TOP SECRET//FGI DEU GBR//REL TO USA, DEU, NATO",
    "SECRET//SAR-BP//NOFORN",
    "//NATO SECRET",
    "//JOINT SECRET CAN USA",
    "(U)",
    "(CUI)",
    "(S//NF)",
    "(TS//SI//NF)",
    "(S//REL TO USA, FVEY)",
)
INVALID = {
    "TS//SI//NOFORN": "MRK-110",
    "TOP SECRET/SI/NOFORN": "MRK-109",
    "SECRET // NOFORN": "MRK-105",
    "secret//noforn": "MRK-104",
    "SECRET//NF": "MRK-116",
    "SECRET//NOFORN//SI": "MRK-120",
    "SECRET//NOFORN/ORCON": "MRK-123",
    "SECRET//NOFORN/REL TO USA, GBR": "MRK-142",
    "SECRET//NOFORN/RELIDO": "MRK-142",
    "SECRET//NOFORN/DISPLAY ONLY AFG": "MRK-142",
    "SECRET//RELIDO/DISPLAY ONLY AFG": "MRK-142",
    "SECRET//REL TO USA": "MRK-129",
    "SECRET//REL TO CAN, USA": "MRK-128",
    "SECRET//REL TO CAN, GBR": "MRK-127",
    "SECRET//REL TO USA, GBR, AUS": "MRK-126",
    "SECRET//REL TO USA, NATO, DEU": "MRK-126",
    "SECRET//REL TO USA GBR": "MRK-125",
    "UNCLASSIFIED//NOFORN": "MRK-140",
    "UNCLASSIFIED//SI": "MRK-140",
    "CONFIDENTIAL//TK//NOFORN": "MRK-140",
    "SECRET//SI-G//ORCON/NOFORN": "MRK-140",
    "TOP SECRET//SI-G//NOFORN": "MRK-143",
    "TOP SECRET//HCS//REL TO USA, GBR": "MRK-143",
    "TOP SECRET//SI": "MRK-144",
    "SECRET//FOUO": "MRK-141",
    "SECRET//CUI": "MRK-151",
    "CUI//PROPIN": "MRK-150",
    "RESTRICTED//NOFORN": "MRK-112",
    "SECRET//FGI USA": "MRK-130",
    "SECRET//FGI NZL CAN": "MRK-126",
    "//NATO TOP SECRET": "MRK-115",
}


@pytest.mark.parametrize("text", VALID)
def test_a_valid_example_is_accepted_as_written(text: str, vocabulary: Vocabulary) -> None:
    """A valid example is accepted and is already canonical."""
    answer = check(text, vocabulary=vocabulary)
    assert answer.broken == ()
    assert answer.marking is not None
    assert answer.marking.text(answer.kind) == text


@pytest.mark.parametrize(("text", "rule"), INVALID.items())
def test_an_invalid_example_is_refused_for_its_reason(text: str, rule: str, vocabulary: Vocabulary) -> None:
    """An invalid example is refused, and the rule it was written for is among those named."""
    with pytest.raises(MarkingInvalid) as refusal:
        parse(text, vocabulary=vocabulary)
    assert rule in refusal.value.rules


def test_secret_over_a_top_secret_portion_is_refused(vocabulary: Vocabulary) -> None:
    """The last invalid example: a SECRET banner over a (TS) portion does not roll up."""
    portion = parse("(TS)", Kind.PORTION, vocabulary=vocabulary)
    with pytest.raises(BannerBelowPortions) as refusal:
        require_rolls_up(parse("SECRET", vocabulary=vocabulary), [portion], "compiled")
    assert refusal.value.expected == "TOP SECRET"
