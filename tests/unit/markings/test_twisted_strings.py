"""Strings nobody had when the rules were written: one twist each, valid beside invalid."""

import pytest

from workstation.app.markings import check_marking
from workstation.core.markings import Kind, Profile

BANNER, PORTION = Kind.BANNER, Kind.PORTION

STRINGS: list[tuple[str, Kind, Profile, bool]] = [
    ("TOP SECRET//SI/TK//ORCON/NOFORN", BANNER, Profile.IC_DOD, True),
    ("TOP SECRET//TK/SI//NOFORN", BANNER, Profile.IC_DOD, False),
    ("SECRET//REL TO USA, AUS, CAN", BANNER, Profile.IC_DOD, True),
    ("SECRET//REL TO USA, CAN, AUS", BANNER, Profile.IC_DOD, False),
    ("SECRET//REL TO USA,AUS", BANNER, Profile.IC_DOD, False),
    ("SECRET//REL TO AUS, CAN, USA", BANNER, Profile.IC_DOD, False),
    ("SECRET//REL TO USA, DEU, FVEY, NATO", BANNER, Profile.IC_DOD, True),
    ("SECRET//REL TO USA, NATO, FVEY", BANNER, Profile.IC_DOD, False),
    ("SECRET//REL TO USA, USA, GBR", BANNER, Profile.IC_DOD, False),
    ("SECRET//REL TO USA, GBR, GBR", BANNER, Profile.IC_DOD, False),
    ("CONFIDENTIAL//REL TO USA, NATO", BANNER, Profile.IC_DOD, True),
    ("UNCLASSIFIED//REL TO USA, GBR", BANNER, Profile.IC_DOD, False),
    ("UNCLASSIFIED//ORCON", BANNER, Profile.IC_DOD, False),
    ("SECRET//ORCON", BANNER, Profile.IC_DOD, True),
    ("SECRET//IMCON/NOFORN", BANNER, Profile.IC_DOD, True),
    ("SECRET//NOFORN/IMCON", BANNER, Profile.IC_DOD, False),
    ("SECRET//RSEN/NOFORN", BANNER, Profile.IC_DOD, True),
    ("SECRET//RSEN/ORCON/NOFORN", BANNER, Profile.IC_DOD, True),
    ("SECRET//ORCON/RSEN", BANNER, Profile.IC_DOD, False),
    ("SECRET//PROPIN/NOFORN", BANNER, Profile.IC_DOD, False),
    ("SECRET//PROPIN/RELIDO", BANNER, Profile.IC_DOD, True),
    ("SECRET//RELIDO/PROPIN", BANNER, Profile.IC_DOD, False),
    ("SECRET//FISA/NOFORN", BANNER, Profile.IC_DOD, False),
    ("SECRET//DISPLAY ONLY AFG", BANNER, Profile.IC_DOD, True),
    ("SECRET//REL TO USA, GBR/DISPLAY ONLY AFG", BANNER, Profile.IC_DOD, True),
    ("SECRET//REL TO USA, GBR/RELIDO", BANNER, Profile.IC_DOD, True),
    ("SECRET//RELIDO/REL TO USA, GBR", BANNER, Profile.IC_DOD, False),
    ("SECRET//REL TO USA, GBR/NOFORN", BANNER, Profile.IC_DOD, False),
    ("CONFIDENTIAL//SI//NOFORN", BANNER, Profile.IC_DOD, True),
    ("UNCLASSIFIED//TK", BANNER, Profile.IC_DOD, False),
    ("SECRET//TK//NOFORN", BANNER, Profile.IC_DOD, True),
    ("TOP SECRET//SI-G//NOFORN/ORCON", BANNER, Profile.IC_DOD, False),
    ("TOP SECRET//SI-G//ORCON/REL TO USA, GBR", BANNER, Profile.IC_DOD, True),
    ("TOP SECRET//HCS//NOFORN", BANNER, Profile.IC_DOD, True),
    ("TOP SECRET//HCS//ORCON/NOFORN", BANNER, Profile.IC_DOD, True),
    ("SECRET//SAR-BP//REL TO USA, GBR", BANNER, Profile.IC_DOD, True),
    ("SECRET//NOFORN//SAR-BP", BANNER, Profile.IC_DOD, False),
    ("SECRET//SAR-BP//SI//NOFORN", BANNER, Profile.IC_DOD, False),
    ("SECRET//SI//SAR-BP//NOFORN", BANNER, Profile.IC_DOD, True),
    ("SECRET//FGI DEU GBR//NOFORN", BANNER, Profile.IC_DOD, True),
    ("SECRET//FGI GBR DEU//NOFORN", BANNER, Profile.IC_DOD, False),
    ("SECRET//FGI DEU, GBR//NOFORN", BANNER, Profile.IC_DOD, False),
    ("SECRET//FGI//SI//NOFORN", BANNER, Profile.IC_DOD, False),
    ("SECRET//SI//FGI DEU//NOFORN", BANNER, Profile.IC_DOD, True),
    ("//COSMIC TOP SECRET", BANNER, Profile.IC_DOD, True),
    ("//NATO CONFIDENTIAL", BANNER, Profile.IC_DOD, True),
    ("NATO SECRET", BANNER, Profile.IC_DOD, False),
    ("//JOINT SECRET USA CAN", BANNER, Profile.IC_DOD, False),
    ("//JOINT SECRET CAN", BANNER, Profile.IC_DOD, False),
    ("SECRET//", BANNER, Profile.IC_DOD, False),
    ("//SECRET", BANNER, Profile.IC_DOD, False),
    ("SECRET//NOFORN/", BANNER, Profile.IC_DOD, False),
    ("SECRET//NOFORN//", BANNER, Profile.IC_DOD, False),
    ("SECRET//noforn", BANNER, Profile.IC_DOD, False),
    ("Secret//NOFORN", BANNER, Profile.IC_DOD, False),
    ("SECRET//\uff2e\uff2f\uff26\uff2f\uff32\uff2e", BANNER, Profile.IC_DOD, False),
    ("SECRET//NOFORN\u200b", BANNER, Profile.IC_DOD, False),
    ("SECRET//NOFORN ", BANNER, Profile.IC_DOD, False),
    ("TOPSECRET//SI//NOFORN", BANNER, Profile.IC_DOD, False),
    ("TOP  SECRET//SI//NOFORN", BANNER, Profile.IC_DOD, False),
    ("SECRET//NOFORN/NOFORN", BANNER, Profile.IC_DOD, False),
    ("(S//NOFORN)", PORTION, Profile.IC_DOD, False),
    ("(SECRET//NF)", PORTION, Profile.IC_DOD, False),
    ("(S//OC/NF)", PORTION, Profile.IC_DOD, True),
    ("(S//NF/OC)", PORTION, Profile.IC_DOD, False),
    ("(C//REL TO USA, GBR)", PORTION, Profile.IC_DOD, True),
    ("(TS//SI/TK//NF)", PORTION, Profile.IC_DOD, True),
    ("(TS//SI-G//OC/NF)", PORTION, Profile.IC_DOD, True),
    ("S//NF", PORTION, Profile.IC_DOD, False),
    ("(S//NF", PORTION, Profile.IC_DOD, False),
    ("(U//FOUO)", PORTION, Profile.IC_DOD, True),
    ("(U//NF)", PORTION, Profile.IC_DOD, False),
    ("(S//REL)", PORTION, Profile.IC_DOD, True),
    ("CUI", BANNER, Profile.DOD_CUI, True),
    ("CUI//SP-CTI", BANNER, Profile.DOD_CUI, False),
    ("CUI//SP-CTI//NOFORN", BANNER, Profile.NARA_CUI, True),
    ("CUI//NOFORN//SP-CTI", BANNER, Profile.NARA_CUI, False),
    ("CONTROLLED//SP-PRVCY", BANNER, Profile.NARA_CUI, True),
    ("(CUI)", PORTION, Profile.DOD_CUI, True),
]


@pytest.mark.parametrize(("text", "kind", "profile", "valid"), STRINGS)
def test_each_is_answered_by_the_rules(text: str, kind: Kind, profile: Profile, *, valid: bool) -> None:
    """A valid one breaks nothing; an invalid one breaks a rule, and what is offered instead breaks none."""
    answer = check_marking(text, kind, profile)
    assert (not answer.broken) is valid
    if answer.suggestion:
        assert not check_marking(answer.suggestion, kind, profile).broken
