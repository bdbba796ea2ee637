"""Portions to banner: the published table, and an independent slow model."""

import importlib.util
import re
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from workstation.core.markings import (
    BannerBelowPortions,
    CompilationUnexplained,
    Kind,
    Level,
    Marking,
    NothingToRollUp,
    Profile,
    ReleaseListMissing,
    Vocabulary,
    parse,
    require_rolls_up,
    rollup,
)

_SPEC = importlib.util.spec_from_file_location(
    "markings_rollup_drawing", Path(__file__).with_name("drawing.py")
)
assert _SPEC is not None
assert _SPEC.loader is not None
drawing = importlib.util.module_from_spec(_SPEC)
_SPEC.loader.exec_module(drawing)
VOCABULARY = drawing.VOCABULARY

# Table 3 of the Register and Manual 2016 and the precedence of each marking: portions, banner.
TABLE = {
    "(S//NF) (S)": "SECRET//NOFORN",
    "(S//NF) (S//REL TO USA, GBR)": "SECRET//NOFORN",
    "(S//NF) (S//RELIDO)": "SECRET//NOFORN",
    "(S//NF) (S//DISPLAY ONLY AFG)": "SECRET//NOFORN",
    "(S) (U//SBU-NF)": "SECRET//NOFORN",
    "(S//REL TO USA, GBR) (U//SBU-NF)": "SECRET//NOFORN",
    "(S) (U//LES-NF)": "SECRET//NOFORN//LES",
    "(S//REL TO USA, GBR) (S//REL TO USA, CAN)": "SECRET//NOFORN",
    "(S//REL TO USA, GBR) (S//RELIDO)": "SECRET//NOFORN",
    "(S//REL TO USA, GBR) (S//DISPLAY ONLY AFG)": "SECRET//NOFORN",
    "(S//REL TO USA, GBR) (S)": "SECRET//NOFORN",
    "(S//RELIDO) (S)": "SECRET//NOFORN",
    "(S//RELIDO) (S//DISPLAY ONLY AFG)": "SECRET//NOFORN",
    "(S//DISPLAY ONLY AFG) (S)": "SECRET//NOFORN",
    "(S//DISPLAY ONLY AFG) (S//DISPLAY ONLY IRQ)": "SECRET//NOFORN",
    "(S//REL TO USA, CAN, GBR) (C//REL TO USA, GBR, NZL)": "SECRET//REL TO USA, GBR",
    "(S//REL TO USA, FVEY) (S//REL TO USA, AUS, DEU, GBR)": "SECRET//REL TO USA, AUS, GBR",
    "(S//REL TO USA, FVEY) (S//REL TO USA, FVEY)": "SECRET//REL TO USA, FVEY",
    "(S//REL TO USA, FVEY) (S//REL TO USA, ACGU)": "SECRET//REL TO USA, AUS, CAN, GBR",
    "(S//REL TO USA, NATO) (S//REL TO USA, DEU)": "SECRET//NOFORN",
    "(S//REL TO USA, DEU, NATO) (S//REL TO USA, NATO)": "SECRET//REL TO USA, NATO",
    "(S//RELIDO) (C//RELIDO)": "SECRET//RELIDO",
    "(S//DISPLAY ONLY AFG) (S//DISPLAY ONLY AFG, IRQ)": "SECRET//DISPLAY ONLY AFG",
    "(S//DISPLAY ONLY AFG) (S//REL TO USA, AFG, GBR)": "SECRET//DISPLAY ONLY AFG",
    "(S//REL TO USA, GBR/DISPLAY ONLY AFG) (S//REL TO USA, GBR/DISPLAY ONLY AFG, IRQ)": (
        "SECRET//REL TO USA, GBR/DISPLAY ONLY AFG"
    ),
    "(S//REL) (S//REL TO USA, GBR) (U)": "SECRET//REL TO USA, GBR",
    "(S//REL TO USA, GBR) (U) (U//FOUO) (CUI)": "SECRET//REL TO USA, GBR",
    "(S) (C) (U)": "SECRET",
    "(U) (U//FOUO)": "UNCLASSIFIED//FOUO",
    "(U//FOUO) (CUI)": "CUI",
    "(U)": "UNCLASSIFIED",
    "(S//OC) (S//OC-USGOV)": "SECRET//ORCON",
    "(TS//SI-G ABCD//OC/NF) (S//TK//NF)": "TOP SECRET//SI-G ABCD/TK//ORCON/NOFORN",
    "(S//SAR-BP//NF) (S//SAR-CD//NF)": "SECRET//SAR-BP/CD//NOFORN",
    "(S//SAR-A1) (S//SAR-B1) (S//SAR-C1) (S//SAR-D1) (S//SAR-E1)": "SECRET//SAR-MULTIPLE PROGRAMS",
    "(S//RD-SG 14//NF) (S//FRD-SG 18//NF) (S//TFNI//NF)": "SECRET//RD-SIGMA 14 18//NOFORN",
    "(S//FRD//NF) (S//TFNI//NF)": "SECRET//FRD//NOFORN",
    "(U//DCNI) (S//REL TO USA, GBR)": "SECRET//NOFORN",
    "(S//NF//XD) (S//NF//ND)": "SECRET//NOFORN//NODIS",
    "(//GBR S) (//GBR R)": "//GBR SECRET",
    "(//GBR R) (U)": "CONFIDENTIAL//FGI GBR",
    "(//GBR S) (//DEU C)": "SECRET//FGI DEU GBR",
    "(//GBR S) (//FGI C)": "SECRET//FGI",
    "(//NS) (//CTS//BOHEMIA) (//NC//ATOMAL)": "//COSMIC TOP SECRET//BOHEMIA//ATOMAL",
    "(//NS) (S//NF)": "SECRET//FGI NATO//NOFORN",
    "(//JOINT S CAN USA) (//JOINT S)": "//JOINT SECRET CAN USA",
    "(//JOINT S CAN USA//REL TO USA, CAN) (//JOINT S CAN USA)": "SECRET//FGI CAN//NOFORN",
    "(//JOINT TS CAN GBR USA) (C//NF)": "TOP SECRET//FGI CAN GBR//NOFORN",
}


def portions(text: str) -> list[Marking]:
    """The portion marks in a text."""
    return [parse(mark, Kind.PORTION, vocabulary=VOCABULARY) for mark in re.findall(r"\([^)]*\)", text)]


@pytest.mark.parametrize(("marks", "banner"), TABLE.items())
def test_the_published_table_is_followed(marks: str, banner: str) -> None:
    """Each row of the public roll-up rules gives its banner."""
    assert str(rollup(portions(marks))) == banner


def _slow_release(marks: list[Marking], codes: list[str]) -> tuple[str, set[str], set[str]]:
    """Ask of every country one by one whether each classified portion lets it have, or see, the text."""
    classified = [mark for mark in marks if mark.level.classified]
    silent = {"SBU NOFORN", "LES NOFORN", "EXDIS", "NODIS", "DOD UCNI", "DOE UCNI"}
    words = [{*mark.other, *(a.name for a in mark.aea)} for mark in marks]
    if any("NOFORN" in mark.dissem for mark in marks) or (classified and any(w & silent for w in words)):
        return "NOFORN", set(), set()
    decided = [bool(m.rel_to or m.display_only or "RELIDO" in m.dissem) for m in classified]
    if not any(decided):
        return "", set(), set()
    have: set[str] = set()
    see: set[str] = set()
    for code in codes:
        may_have = [code in VOCABULARY.expand(m.rel_to) or code in m.rel_to for m in classified]
        may_see = [code in VOCABULARY.expand(m.display_only) or code in m.display_only for m in classified]
        if all(may_have):
            have.add(code)
        elif all(h or s for h, s in zip(may_have, may_see, strict=True)):
            see.add(code)
    have -= {"USA"}
    relido = all("RELIDO" in mark.dissem for mark in classified)
    see = see - {"USA"} if any(mark.display_only for mark in classified) else set()
    if relido:
        return "RELIDO", have, see
    return ("NOFORN", set(), set()) if not have and not see else ("", have, see)


@given(texts=st.lists(drawing.PORTIONS, min_size=1, max_size=5))
@settings(max_examples=400, deadline=None)
def test_a_roll_up_equals_the_slow_model(texts: list[str]) -> None:
    """Level, controls, programs and every single country come out as an independent model says."""
    marks = [parse(text, Kind.PORTION, vocabulary=VOCABULARY) for text in texts]
    banner = rollup(marks)
    order = [Level.UNCLASSIFIED, Level.CUI, Level.CONFIDENTIAL, Level.SECRET, Level.TOP_SECRET]
    assert order.index(banner.level) == max(order.index(mark.level) for mark in marks)
    codes = sorted(
        {*VOCABULARY.countries, *(g for g, group in VOCABULARY.tetragraphs.items() if not group.members)}
    )
    word, have, see = _slow_release(marks, codes)
    release = {"NOFORN", "RELIDO"} & set(banner.dissem)
    assert release == ({word} if word else set())
    released = set(VOCABULARY.expand(banner.rel_to)) - {"USA"}
    shown = set(VOCABULARY.expand(banner.display_only)) - {"USA"}
    assert released == have
    assert shown - released == see  # a group may name again what is released anyway
    if banner.level is Level.CUI:
        assert str(banner) == "CUI"
        return
    wanted = {
        (p.name, c.name, s) for m in marks for p in m.sci for c in p.compartments for s in (*c.subs, "")
    }
    assert {(p.name, c.name, s) for p in banner.sci for c in p.compartments for s in (*c.subs, "")} == wanted
    assert {p.name for p in banner.sci} == {p.name for m in marks for p in m.sci}
    names = {p.name for m in marks for p in m.sap}
    assert {p.name for p in banner.sap} == (names if len(names) <= 4 else {"MULTIPLE PROGRAMS"})
    low = VOCABULARY.unclassified_only if banner.level.classified else frozenset()
    controls = {name for m in marks for name in m.dissem} - {"NOFORN", "RELIDO"} - low
    controls -= {"ORCON-USGOV"} if "ORCON" in controls else set()
    assert set(banner.dissem) - {"NOFORN", "RELIDO"} == controls
    sources = [m.fgi for m in marks if m.fgi is not None]
    concealed = any(source == () for source in sources)
    assert (banner.fgi is None) == (not sources)
    assert set(banner.fgi or ()) == (set() if concealed else {code for source in sources for code in source})


def test_a_banner_above_its_portions_needs_an_explanation() -> None:
    """Compilation is accepted with a reason and refused with a blank one."""
    banner, marks = parse("SECRET//NOFORN", vocabulary=VOCABULARY), portions("(C//NF) (U)")
    require_rolls_up(banner, marks, "Together the sites reveal the network.")
    with pytest.raises(CompilationUnexplained):
        require_rolls_up(banner, marks, "  ")


@pytest.mark.parametrize(
    ("banner", "marks"),
    [
        ("SECRET", "(TS)"),
        ("SECRET", "(S//NF)"),
        ("SECRET//REL TO USA, GBR", "(S//NF)"),
        ("SECRET//REL TO USA, CAN, GBR", "(S//REL TO USA, GBR)"),
        ("TOP SECRET//SI//NOFORN", "(TS//SI-G//OC/NF)"),
        ("SECRET//NOFORN", "(S//SAR-BP//NF)"),
        ("SECRET//NOFORN", "(S//RD//NF)"),
        ("SECRET//FGI DEU//NOFORN", "(//GBR S//NF) (S//NF)"),
        ("UNCLASSIFIED", "(CUI)"),
        ("SECRET//RELIDO", "(S)"),
    ],
)
def test_a_banner_below_its_portions_is_refused_whatever_is_explained(banner: str, marks: str) -> None:
    """No explanation lets a banner protect less than its portions."""
    with pytest.raises(BannerBelowPortions):
        require_rolls_up(parse(banner, vocabulary=VOCABULARY), portions(marks), "because")


def test_nothing_and_mixtures_do_not_roll_up(vocabulary: Vocabulary) -> None:
    """No portions, or portions of two profiles, make no banner."""
    with pytest.raises(NothingToRollUp):
        rollup([])
    nara = parse("(CUI//SP-CTI)", Kind.PORTION, Profile.NARA_CUI, vocabulary=VOCABULARY)
    with pytest.raises(NothingToRollUp):
        rollup([*portions("(S)"), nara])
    with pytest.raises(NothingToRollUp):
        rollup([*portions("(S)"), parse("(S)", Kind.PORTION, vocabulary=vocabulary)])


@pytest.mark.parametrize("marks", ["(S//REL) (C//REL)", "(//JOINT S//REL) (//JOINT C)"])
def test_a_list_that_nobody_spells_is_missed(marks: str) -> None:
    """REL and JOINT "as the banner" cannot make a banner on their own."""
    with pytest.raises(ReleaseListMissing):
        rollup(portions(marks))


@pytest.mark.parametrize(
    ("marks", "portion"),
    [
        ("(S//REL) (C//REL)", "(S//REL)"),
        ("(S//SAR-A1/B1/C1) (S//SAR-D1/E1)", "(S//SAR-A1/B1/C1/D1/E1)"),
        ("(//JOINT S//REL) (//JOINT C//REL)", "(//JOINT S//REL)"),
        ("(S//REL) (C//NF)", "(S//NF)"),
    ],
)
def test_portions_roll_up_to_a_portion_mark(marks: str, portion: str) -> None:
    """A portion mark over portions names every program and may keep REL."""
    made = rollup(portions(marks), Kind.PORTION).portion()
    assert made == portion
    assert parse(made, Kind.PORTION, vocabulary=VOCABULARY).portion() == portion


def test_cui_of_the_nara_profile_unites_categories_and_limits() -> None:
    """Categories unite, NOFORN forces NOFORN, and a REL TO list needs every CUI portion."""
    marks = ["(CUI//SP-CTI//NF)", "(CUI//PRVCY//FEDCON)", "(U)"]
    read = [parse(mark, Kind.PORTION, Profile.NARA_CUI, vocabulary=VOCABULARY) for mark in marks]
    assert str(rollup(read)) == "CUI//SP-CTI/PRVCY//NOFORN/FEDCON"
    listed = [
        parse(mark, Kind.PORTION, Profile.NARA_CUI, vocabulary=VOCABULARY)
        for mark in ("(CUI//REL TO USA, GBR)", "(CUI//REL TO USA, CAN, GBR)")
    ]
    assert str(rollup(listed)) == "CUI//REL TO USA, GBR"
