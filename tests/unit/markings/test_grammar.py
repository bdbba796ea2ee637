"""Kinds, profiles, spelling, and text that was never a marking."""

import pytest

from workstation.core.markings import (
    Kind,
    Level,
    MarkingInvalid,
    Profile,
    System,
    Vocabulary,
    VocabularyUnusable,
    check,
    guess_kind,
    parse,
    parse_vocabulary,
    shortfalls,
)

NARA_STAND = (
    "CUI",
    "CONTROLLED",
    "UNCLASSIFIED",
    "CUI//SP-CTI",
    "CUI//SP-CTI//NOFORN",
    "CUI//PRVCY",
    "CUI//SP-CTI/SP-EXPT/PRVCY//FEDCON",
    "CUI//NOFORN",
    "CUI//SP-CTI//REL TO USA, GBR",
    "CUI//FED ONLY",
    "(CUI)",
    "(CUI//SP-CTI//NF)",
    "(U)",
)
NARA_FALL = {
    "CUI//CTI": "MRK-154",
    "CUI//SP-NOSUCH": "MRK-153",
    "CUI//PRVCY/SP-CTI": "MRK-123",
    "CUI//SP-EXPT/SP-CTI": "MRK-123",
    "CUI//NOFORN//SP-CTI": "MRK-120",
    "CUI//NF": "MRK-116",
    "(CUI//NOFORN)": "MRK-117",
    "CUI//NOFORN/REL TO USA, GBR": "MRK-142",
    "CUI/SP-CTI": "MRK-109",
    "SECRET//NOFORN": "MRK-152",
    "UNCLASSIFIED//NOFORN": "MRK-150",
    "cui": "MRK-104",
    "(CONTROLLED)": "MRK-150",
}


@pytest.mark.parametrize("text", NARA_STAND)
def test_the_nara_grammar_is_accepted_in_its_profile(text: str, vocabulary: Vocabulary) -> None:
    """Categories, Specified before Basic, and limits stand in the NARA profile."""
    assert check(text, vocabulary=vocabulary, profile=Profile.NARA_CUI).broken == ()


@pytest.mark.parametrize(("text", "rule"), NARA_FALL.items())
def test_the_nara_grammar_refuses_with_a_rule(text: str, rule: str, vocabulary: Vocabulary) -> None:
    """Wrong CUI banners are refused in the NARA profile by their rule."""
    assert rule in [b.rule for b in check(text, vocabulary=vocabulary, profile=Profile.NARA_CUI).broken]


@pytest.mark.parametrize(
    ("text", "accepted"), [("CUI", True), ("UNCLASSIFIED", True), ("SECRET", False), ("CUI//SP-CTI", False)]
)
def test_the_dod_cui_profile_holds_cui_alone(text: str, accepted: bool, vocabulary: Vocabulary) -> None:
    """The DoD CUI profile knows CUI without additions, and nothing classified."""
    assert check(text, vocabulary=vocabulary, profile=Profile.DOD_CUI).accepted is accepted


@pytest.mark.parametrize(
    ("text", "kind"),
    [
        ("(S)", Kind.PORTION),
        ("SECRET", Kind.BANNER),
        (" (S", Kind.PORTION),
        ("S)", Kind.PORTION),
        ("", Kind.BANNER),
    ],
)
def test_parentheses_tell_the_kind(text: str, kind: Kind) -> None:
    """A parenthesis at either end means a portion mark."""
    assert guess_kind(text) is kind


@pytest.mark.parametrize(
    "text",
    [
        "",
        " ",
        "\t",
        "\n",
        "()",
        "( )",
        "/",
        "//",
        "///",
        "(//)",
        "-",
        ",",
        "\x00",
        "\u200b",
        "\u202eSECRET",
        "🙂",
        "\ud800",
        "NULL",
        "None",
    ],
)
def test_what_is_no_marking_is_refused(text: str, vocabulary: Vocabulary) -> None:
    """Empty, blank, broken and foreign texts are refused without a traceback."""
    for kind in (None, *Kind):
        assert not check(text, vocabulary=vocabulary, kind=kind).accepted


@pytest.mark.parametrize("letter", ["/", "(", "A", " ", "SECRET//", "-", ", ", "É", "\u202e"])
def test_a_hundred_thousand_characters_are_refused_at_once(letter: str, vocabulary: Vocabulary) -> None:
    """A huge text meets the limit before any grammar."""
    answer = check(letter * (100_000 // len(letter)), vocabulary=vocabulary)
    assert [broken.rule for broken in answer.broken] == ["MRK-102"]


@pytest.mark.parametrize(
    "text",
    [
        "\u0405ECRET",
        "SECRE\u0422",
        "SECRET\uff0f\uff0fNOFORN",
        "SECRET//NOF\u200bORN",
        "\uff33\uff25\uff23\uff32\uff25\uff34",
        "SECRET\u2215\u2215NOFORN",
    ],
)
def test_look_alikes_are_refused_and_the_plain_marking_proposed(text: str, vocabulary: Vocabulary) -> None:
    """A letter of another script is found, its place named, and the plain spelling proposed."""
    answer = check(text, vocabulary=vocabulary)
    assert answer.broken[0].rule == "MRK-103"
    assert text[answer.broken[0].position] not in "SECRTNOF/"
    assert answer.suggestion in {"SECRET", "SECRET//NOFORN"}


def test_the_kind_asked_for_decides(vocabulary: Vocabulary) -> None:
    """A portion mark is no banner, a banner no portion mark, and the other form is proposed."""
    as_banner = check("(S//NF)", vocabulary=vocabulary, kind=Kind.BANNER)
    assert not as_banner.accepted
    assert as_banner.suggestion == "SECRET//NOFORN"
    as_portion = check("SECRET//NOFORN", vocabulary=vocabulary, kind=Kind.PORTION)
    assert not as_portion.accepted
    assert as_portion.suggestion == "(S//NF)"


def test_a_refusal_carries_rule_place_and_proposal(vocabulary: Vocabulary) -> None:
    """The raised refusal tells which rule, at which character, and what to write."""
    with pytest.raises(MarkingInvalid) as refusal:
        parse("SECRET//NF", vocabulary=vocabulary)
    assert (refusal.value.rule, refusal.value.position) == ("MRK-116", 8)
    assert refusal.value.suggestion == "SECRET//NOFORN"


def test_the_parts_of_a_marking_are_read(vocabulary: Vocabulary) -> None:
    """Level, system, owners, SCI, programs, atomic energy, FGI and lists come out as values."""
    text = "TOP SECRET//SI-G ABCD/TK//SAR-BP//RD-CNWDI-SIGMA 14//FGI DEU//ORCON/REL TO USA, DEU//LES"
    marking = parse(text, vocabulary=vocabulary)
    assert marking.level is Level.TOP_SECRET
    assert [program.name for program in marking.sci] == ["SI", "TK"]
    assert marking.sci[0].compartments[0].subs == ("ABCD",)
    assert (marking.aea[0].name, marking.aea[0].cnwdi, marking.aea[0].sigmas) == ("RD", True, (14,))
    assert (marking.fgi, marking.rel_to, marking.other) == (("DEU",), ("USA", "DEU"), ("LES",))
    assert marking.portion() == "(TS//SI-G ABCD/TK//SAR-BP//RD-CNWDI-SG 14//FGI DEU//OC/REL TO USA, DEU//LES)"
    joint = parse("//JOINT SECRET CAN USA", vocabulary=vocabulary)
    assert (joint.system, joint.owners) == (System.JOINT, ("CAN", "USA"))


@pytest.mark.parametrize(
    ("holder", "content", "missing"),
    [
        ("SECRET//NOFORN", "SECRET//NOFORN", ()),
        ("TOP SECRET//SI//NOFORN", "SECRET//NOFORN", ()),
        ("SECRET//NOFORN", "TOP SECRET//NOFORN", ("TOP SECRET",)),
        ("SECRET//NOFORN", "SECRET//SI//NOFORN", ("SI",)),
        ("SECRET", "SECRET//NOFORN", ("NOFORN",)),
        ("SECRET//REL TO USA, GBR", "SECRET//REL TO USA, FVEY", ()),
        ("SECRET//REL TO USA, FVEY", "SECRET//REL TO USA, GBR", ("REL TO is more than the content allows",)),
        ("SECRET//REL TO USA, GBR", "SECRET", ("REL TO is more than the content allows",)),
        ("SECRET//NOFORN", "CUI", ()),
        ("UNCLASSIFIED", "CUI", ("CUI",)),
        ("SECRET//NOFORN", "SECRET//ORCON/NOFORN", ("ORCON",)),
        ("SECRET//NOFORN", "SECRET//SAR-BP//NOFORN", ("SAR-BP",)),
        ("SECRET//SAR-MULTIPLE PROGRAMS//NOFORN", "SECRET//SAR-BP//NOFORN", ()),
        ("SECRET//FGI//NOFORN", "//GBR SECRET", ()),
        ("SECRET//NOFORN", "//NATO SECRET", ("FGI NATO",)),
        ("SECRET//RD//NOFORN", "SECRET//FRD//NOFORN", ()),
        ("SECRET//FRD//NOFORN", "SECRET//RD//NOFORN", ("RD",)),
        ("SECRET//NOFORN", "UNCLASSIFIED//FOUO", ()),
    ],
)
def test_a_holder_lacks_what_its_content_needs(
    holder: str, content: str, missing: tuple[str, ...], vocabulary: Vocabulary
) -> None:
    """What is lacking is named, and nothing is where the holder is fit."""
    assert shortfalls(parse(holder, vocabulary=vocabulary), parse(content, vocabulary=vocabulary)) == missing


@pytest.mark.parametrize(
    "change",
    [
        (b'"version":1', b'"version":"1"'),
        (b'"id":"RELIDO"', b'"id":"NOFORN"'),
        (b'"sources"', b'"extra":1,"sources"'),
        (b"[A-Z]{4}", b"[A-Z{4}"),
        (b'"minimum":"TS"', b'"minimum":"X"'),
        (b"{", b""),
    ],
)
def test_a_damaged_vocabulary_is_refused(change: tuple[bytes, bytes]) -> None:
    """A wrong type, a repeated word, an unknown field, a bad pattern or level, broken JSON: refused."""
    import resources

    content = resources.read_bytes("vocabularies/markings-us-v1.json")
    assert change[0] in content
    with pytest.raises(VocabularyUnusable):
        parse_vocabulary(content.replace(change[0], change[1], 1))
