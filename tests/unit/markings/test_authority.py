"""The blocks: who decided, from what, until when; and what CUI says beside its banner."""

from dataclasses import replace
from datetime import date

import pytest

from workstation.core.markings import (
    AuthorityBlock,
    AuthorityBlockIncomplete,
    AuthorityBlockMissing,
    BlockKind,
    CuiDesignation,
    Source,
    Vocabulary,
    block_problems,
    parse,
    require_block,
)

MADE_ON = date(2026, 11, 23)
ORIGINAL = AuthorityBlock(
    kind=BlockKind.ORIGINAL,
    classified_by="J. Doe",
    position="Director",
    office="Office of Examples",
    reason="1.4(c)",
    declassify_on="20511123",
)
ONE = Source(title="Guide 1", agency="Agency A", dated="20200101", declassify_on="20450101")
TWO = Source(title="Report 2", agency="Agency B", dated="20210101", declassify_on="20460101")
DERIVATIVE = AuthorityBlock(
    kind=BlockKind.DERIVATIVE,
    classified_by="J. Doe",
    position="Analyst",
    office="Office of Examples",
    sources=(ONE,),
    declassify_on="20450101",
)
SEVERAL = replace(DERIVATIVE, sources=(ONE, TWO), declassify_on="20460101")


@pytest.mark.parametrize("block", [ORIGINAL, DERIVATIVE, SEVERAL])
def test_a_complete_block_is_accepted(block: AuthorityBlock, vocabulary: Vocabulary) -> None:
    """An original, a derivative and a multiple-sources block each stand."""
    require_block(parse("SECRET//NOFORN", vocabulary=vocabulary), block, made_on=MADE_ON)


@pytest.mark.parametrize(
    "until",
    [
        "50X1-HUM",
        "50X2-WMD",
        "25X1, 20761231",
        "50X6, 20761231",
        "25X2, Event of note",
        "Event: end of trial",
    ],
)
def test_exemptions_and_events_stand(until: str, vocabulary: Vocabulary) -> None:
    """The undated exemptions stand alone, the others with a date or event."""
    block = replace(ORIGINAL, declassify_on=until)
    assert block_problems(parse("SECRET", vocabulary=vocabulary), block, made_on=MADE_ON) == ()


@pytest.mark.parametrize(
    ("change", "block_field"),
    [
        ({"classified_by": " "}, "Classified By"),
        ({"position": ""}, "Classified By"),
        ({"office": ""}, "Classified By"),
        ({"reason": ""}, "Reason"),
        ({"reason": "1.4(i)"}, "Reason"),
        ({"reason": "1.5(c)"}, "Reason"),
        ({"sources": (ONE,)}, "Derived From"),
        ({"declassify_on": ""}, "Declassify On"),
        ({"declassify_on": "2051-11-23"}, "Declassify On"),
        ({"declassify_on": "20510231"}, "Declassify On"),
        ({"declassify_on": "20260101"}, "Declassify On"),
        ({"declassify_on": "20521124"}, "Declassify On"),
        ({"declassify_on": "50X1-HUM, 20761231"}, "Declassify On"),
        ({"declassify_on": "25X1"}, "Declassify On"),
        ({"declassify_on": "OADR"}, "Declassify On"),
        ({"declassify_on": "X1"}, "Declassify On"),
        ({"declassify_on": "25X1-human"}, "Declassify On"),
        ({"declassify_on": "DNI Only"}, "Declassify On"),
    ],
)
def test_a_wrong_line_is_named(change: dict[str, object], block_field: str, vocabulary: Vocabulary) -> None:
    """Each wrong line of an original block is refused by its name."""
    block = replace(ORIGINAL, **change)  # type: ignore[arg-type] # one field a case
    with pytest.raises(AuthorityBlockIncomplete) as refusal:
        require_block(parse("SECRET", vocabulary=vocabulary), block, made_on=MADE_ON)
    assert refusal.value.block_field == block_field


@pytest.mark.parametrize(
    ("change", "block_field"),
    [
        ({"reason": "1.4(c)"}, "Reason"),
        ({"sources": ()}, "Derived From"),
        ({"sources": (replace(ONE, title="Multiple Sources"),)}, "Derived From"),
        ({"sources": (replace(ONE, dated=""),)}, "Derived From"),
        ({"sources": (ONE, TWO)}, "Declassify On"),
        ({"sources": (replace(ONE, declassify_on="50X1-HUM"),)}, "Declassify On"),
    ],
)
def test_a_derivative_block_follows_its_sources(
    change: dict[str, object], block_field: str, vocabulary: Vocabulary
) -> None:
    """No reason, real sources, and never a date before the longest among them."""
    block = replace(DERIVATIVE, **change)  # type: ignore[arg-type] # one field a case
    with pytest.raises(AuthorityBlockIncomplete) as refusal:
        require_block(parse("SECRET", vocabulary=vocabulary), block, made_on=MADE_ON)
    assert refusal.value.block_field == block_field


@pytest.mark.parametrize("banner", ["CONFIDENTIAL", "SECRET//NOFORN", "//JOINT SECRET CAN USA"])
def test_classified_output_without_a_block_is_refused(banner: str, vocabulary: Vocabulary) -> None:
    """What the United States classifies, alone or jointly, does not leave without a block."""
    with pytest.raises(AuthorityBlockMissing):
        require_block(parse(banner, vocabulary=vocabulary), None, made_on=MADE_ON)


@pytest.mark.parametrize(
    "banner", ["UNCLASSIFIED", "//NATO SECRET", "//GBR SECRET", "//JOINT SECRET CAN GBR"]
)
def test_what_we_do_not_classify_takes_no_block(banner: str, vocabulary: Vocabulary) -> None:
    """Unclassified and foreign documents stand without a block and are refused with one."""
    require_block(parse(banner, vocabulary=vocabulary), None, made_on=MADE_ON)
    with pytest.raises(AuthorityBlockIncomplete):
        require_block(parse(banner, vocabulary=vocabulary), ORIGINAL, made_on=MADE_ON)


@pytest.mark.parametrize(
    ("banner", "line"),
    [
        ("SECRET//RD//NOFORN", "N/A to RD portions. See source list for NSI portions."),
        ("SECRET//FGI NATO//NOFORN", "N/A to NATO portions. See source list for NSI portions."),
        ("SECRET//FRD//FGI NATO//NOFORN", "N/A to FRD and NATO portions. See source list for NSI portions."),
    ],
)
def test_atomic_energy_and_nato_portions_take_no_date(banner: str, line: str, vocabulary: Vocabulary) -> None:
    """Their declassification line refers to the source list."""
    marking = parse(banner, vocabulary=vocabulary)
    assert block_problems(marking, ORIGINAL, made_on=MADE_ON)
    assert block_problems(marking, replace(ORIGINAL, declassify_on=line), made_on=MADE_ON) == ()


def test_the_lines_are_printed_in_order() -> None:
    """A derivative block prints its one source, several print as Multiple Sources with a list apart."""
    assert ORIGINAL.lines()[1] == "Reason: 1.4(c)"
    assert DERIVATIVE.lines() == (
        "Classified By: J. Doe, Analyst, Office of Examples",
        "Derived From: Guide 1, Agency A, 20200101",
        "Declassify On: 20450101",
    )
    assert DERIVATIVE.source_lines() == ()
    assert SEVERAL.lines()[1] == "Derived From: Multiple Sources"
    assert len(SEVERAL.source_lines()) == 2


def test_cui_needs_its_designation(vocabulary: Vocabulary) -> None:
    """A CUI banner needs a designation block with listed categories and limits."""
    banner = parse("CUI", vocabulary=vocabulary)
    whole = CuiDesignation(
        controlled_by="Office", categories=("CTI",), limits=("FEDCON",), contact="x@example.mil"
    )
    require_block(banner, None, whole, made_on=MADE_ON)
    assert whole.lines()[1] == "CUI Category: CTI"
    with pytest.raises(AuthorityBlockMissing):
        require_block(banner, None, made_on=MADE_ON)
    for change in (
        {"categories": ("NOSUCH",)},
        {"categories": ()},
        {"limits": ("SECRET",)},
        {"contact": " "},
    ):
        with pytest.raises(AuthorityBlockIncomplete):
            require_block(banner, None, replace(whole, **change), made_on=MADE_ON)  # type: ignore[arg-type] # one field
